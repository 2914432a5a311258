package io.sluice.ipc.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file system of a few MiB, in memory, which is full whenever a test wants it to be.
///
/// @param path where it is mounted
record SmallDisk(Path path) implements AutoCloseable {
    /// Mounts one; skips the test where that is not permitted.
    static SmallDisk mount(Path at, String size) throws IOException {
        Files.createDirectory(at);
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", at.toString()) == 0,
                "needs the right to mount a tmpfs");
        return new SmallDisk(at);
    }

    void makeReadOnly() throws IOException {
        assertEquals(0, run("mount", "-o", "remount,ro", path.toString()));
    }

    /// Takes all room but some.
    void fill(int but) throws IOException {
        long free = Files.getFileStore(path).getUsableSpace();
        Files.write(ballast(), new byte[(int) Math.max(0, free - but)]);
    }

    void makeRoom() throws IOException {
        Files.deleteIfExists(ballast());
    }

    private Path ballast() {
        return path.resolve("ballast");
    }

    @Override
    public void close() throws IOException {
        run("umount", "-l", path.toString()); // a test that fails may have files open
    }

    private static int run(String... command) throws IOException {
        return new ProcessBuilder(command).start().onExit().join().exitValue();
    }
}
