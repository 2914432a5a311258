package io.sluice.ipc.socket;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A runtime directory that belongs to one test, so that what it leaves behind shows: after a test that succeeds it must be
/// empty.
final class TestPlace implements BeforeEachCallback, AfterEachCallback {
    private static final String DIRECTORY = "ipc.dir";

    private Path directory;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        open();
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        try {
            if (context.getExecutionException().isEmpty()) {
                Eventually.equal("nothing is left behind", List.of(), this::files);
            }
        } finally {
            close();
        }
    }

    void open() throws IOException {
        directory = Files.createTempDirectory("ipc");
        System.setProperty(DIRECTORY, directory.toString());
    }

    void close() throws IOException {
        System.clearProperty(DIRECTORY);
        for (String file : files()) {
            Files.delete(directory.resolve(file));
        }
        Files.delete(directory);
    }

    Path directory() {
        return directory;
    }

    /// An address that nobody else uses.
    static String address() {
        return "unix:" + UUID.randomUUID().toString().substring(0, 8);
    }

    /// An address of that scheme that nobody else uses.
    static String address(String scheme) {
        return scheme.equals("unix") ? address() : Loopback.address(scheme);
    }

    /// The names in the directory.
    List<String> files() {
        TreeSet<String> names = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(names);
    }

    /// The seed of a randomised test; printed, and set with the system property `ipc.seed`.
    static long seed(String test) {
        long seed = Optional.ofNullable(Long.getLong("ipc.seed")).orElseGet(() -> System.nanoTime() & 0xFFFF_FFFFL);
        System.out.println(test + ": -Dipc.seed=" + seed);
        return seed;
    }

    static void assertMentions(Throwable e, String... words) {
        for (String word : words) {
            Assertions.assertTrue(e.getMessage().contains(word), () -> "'" + word + "' is missing in: " + e);
        }
    }
}
