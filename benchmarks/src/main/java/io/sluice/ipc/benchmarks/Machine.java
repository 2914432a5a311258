package io.sluice.ipc.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/// How busy the cores are: a pair of processes that spins needs two to itself, and a figure taken while other programs
/// use them says nothing. `/proc/stat` counts in ticks of a hundredth of a second.
///
/// @param total the ticks of all cores together
/// @param idle those of them that nobody used
record Machine(long total, long idle) {
    private static final double QUIET_SHARE = 0.1;
    private static final int IDLE = 3;
    private static final int WAITING = 4;
    private static final int COLUMNS = 8;

    static Machine now() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/stat"))) {
            long[] ticks = Arrays.stream(lines.findFirst().orElseThrow().split(" +"))
                    .skip(1)
                    .limit(COLUMNS)
                    .mapToLong(Long::parseLong)
                    .toArray();
            return new Machine(Arrays.stream(ticks).sum(), ticks[IDLE] + ticks[WAITING]);
        }
    }

    /// The share of the cores' time that was used since then: 0 none, 1 all.
    double usedSince(Machine then) {
        return 1 - (idle - then.idle) / (double) Math.max(1, total - then.total);
    }

    /// Waits until the cores are idle, or until the time is up.
    static void awaitQuiet(int seconds) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < deadline) {
            Machine before = now();
            TimeUnit.MILLISECONDS.sleep(300);
            if (now().usedSince(before) <= QUIET_SHARE) {
                return;
            }
        }
    }
}
