package io.sluice.ipc.benchmarks;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Where the partner listens, which it may know only once it does: it leaves the address in a file of the run's directory, and the
/// one that measures waits for that.
final class Meeting {
    private Meeting() {}

    private static Path place(Path directory) {
        return directory.resolve("address");
    }

    static void announce(Path directory, String address) throws IOException {
        Path written = Files.writeString(directory.resolve("address.new"), address);
        Files.move(written, place(directory), ATOMIC_MOVE);
    }

    static String await(Path directory) throws IOException, InterruptedException {
        while (!Files.exists(place(directory))) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        return Files.readString(place(directory));
    }
}
