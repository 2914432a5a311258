package io.sluice.ipc.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What tells one start of this machine from another: proof that no process has died with the machine since.
final class Boot {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final long ID = read();

    private Boot() {}

    /// The start of now; never 0.
    static long id() {
        return ID;
    }

    private static long read() {
        try {
            String id = Files.readString(BOOT_ID).strip().replace("-", "");
            return Long.parseUnsignedLong(id.substring(0, 16), 16) | 1;
        } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
            return System.nanoTime() | 1; // never the same: look through it each time
        }
    }
}
