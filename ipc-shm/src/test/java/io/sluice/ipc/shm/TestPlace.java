package io.sluice.ipc.shm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A runtime directory and a directory for shared memory that belong to one test, so that what it leaves behind shows:
/// after a test that succeeds, both must be empty.
final class TestPlace implements BeforeEachCallback, AfterEachCallback {
    private static final String DIRECTORY = "ipc.dir";
    private static final String MEMORY = "ipc.shm.dir";

    private Path directory;
    private Path memory;
    private Holdings before;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        open();
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        try {
            if (context.getExecutionException().isEmpty()) {
                assertNothingLeft();
            }
        } finally {
            close();
        }
    }

    /// Waits until both directories are empty, and this process holds as little as before.
    void assertNothingLeft() throws InterruptedException {
        Eventually.equal("what is left behind", List.of(), this::files);
        Eventually.equal("what this process holds", before, this::holdings);
    }

    void open() throws IOException {
        // Short, because the path of a socket has 107 bytes at most.
        directory = Files.createTempDirectory("ipc");
        Path shm = Path.of("/dev/shm");
        memory = Files.isDirectory(shm) ? Files.createTempDirectory(shm, "ipc-test") : Files.createTempDirectory("ipc");
        System.setProperty(DIRECTORY, directory.toString());
        System.setProperty(MEMORY, memory.toString());
        SocketChannel.open(StandardProtocolFamily.UNIX).close(); // the JDK keeps one for itself, with which it closes others
        before = Holdings.now(memory);
    }

    void close() throws IOException {
        System.clearProperty(DIRECTORY);
        System.clearProperty(MEMORY);
        if (!Files.isSymbolicLink(directory)) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
        delete(directory);
        delete(memory);
    }

    private static void delete(Path path) throws IOException {
        if (Files.isDirectory(path) && !Files.isSymbolicLink(path)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
                for (Path file : files) {
                    delete(file);
                }
            }
        }
        Files.deleteIfExists(path);
    }

    /// The runtime directory.
    Path directory() {
        return directory;
    }

    /// Where the memory is.
    Path memory() {
        return memory;
    }

    /// Has memory made somewhere else from now on.
    void useMemory(Path elsewhere) {
        System.setProperty(MEMORY, elsewhere.toString());
    }

    /// The socket of a name.
    Path socket(String name) {
        return directory.resolve(name + Rendezvous.SUFFIX);
    }

    /// An address that nobody else uses.
    static String address() {
        return "shm:" + UUID.randomUUID().toString().substring(0, 8);
    }

    /// What is in both directories.
    List<String> files() {
        return Stream.concat(list(directory), list(memory)).toList();
    }

    private static Stream<String> list(Path path) {
        TreeSet<String> names = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            files.forEach(file -> names.add(file.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names.stream();
    }

    private Holdings holdings() {
        return Holdings.now(memory);
    }

    /// How many files of the test's shared memory this process has mapped.
    long mappings() {
        return holdings().mappings;
    }

    /// What this process holds of the system.
    ///
    /// @param mappings of the test's shared memory
    /// @param sockets that are open
    /// @param threads that the transport has started
    private record Holdings(long mappings, long sockets, long threads) {
        private static Holdings now(Path memory) {
            try {
                long mappings;
                try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
                    mappings = lines.filter(line -> line.contains(memory + "/")).count();
                }
                long sockets = 0;
                try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
                    for (Path descriptor : all) {
                        sockets +=
                                target(descriptor).filter(target -> target.startsWith("socket:")).isPresent() ? 1 : 0;
                    }
                }
                long threads = Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("ipc-"))
                        .count();
                return new Holdings(mappings, sockets, threads);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Optional<String> target(Path descriptor) {
            try {
                return Optional.of(Files.readSymbolicLink(descriptor).toString());
            } catch (IOException e) {
                return Optional.empty(); // closed by now
            }
        }
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
