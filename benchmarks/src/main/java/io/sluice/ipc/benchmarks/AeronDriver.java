package io.sluice.ipc.benchmarks;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Aeron's media driver in a process of its own, set up for a machine with fewer cores than threads: one shared thread, the
/// default idle strategies, terms that are not sparse files.
final class AeronDriver {
    static final long PATIENCE_NANOSECONDS = TimeUnit.MINUTES.toNanos(10);

    private AeronDriver() {}

    static String place(Path directory) {
        return directory.resolve("aeron").toString();
    }

    public static void main(String[] args) throws InterruptedException {
        Lifeline.hold();
        MediaDriver.Context context = new MediaDriver.Context()
                .aeronDirectoryName(place(Path.of(args[0])))
                .threadingMode(ThreadingMode.SHARED)
                .termBufferSparseFile(false)
                // It and its clients are stopped between their turns.
                .clientLivenessTimeoutNs(PATIENCE_NANOSECONDS)
                .publicationUnblockTimeoutNs(2 * PATIENCE_NANOSECONDS);
        try (var _ = MediaDriver.launch(context)) {
            Thread.currentThread().join();
        }
    }
}
