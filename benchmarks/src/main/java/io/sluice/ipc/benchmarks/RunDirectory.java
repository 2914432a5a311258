package io.sluice.ipc.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;

/// A directory in memory for the files of one run of one contender, deleted with all that is left in it, and with the
/// kernel's queues of its name, even if this process is told to end.
final class RunDirectory implements AutoCloseable {
    private final Path path;
    private final Thread hook = new Thread(this::delete);

    RunDirectory() throws IOException {
        path = Files.createTempDirectory(
                Path.of("/dev/shm"),
                "sluice-benchmark-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Runtime.getRuntime().addShutdownHook(hook);
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // this process is told to end: the hook deletes
        }
        delete();
    }

    private void delete() {
        QueueWire.remove(path);
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
