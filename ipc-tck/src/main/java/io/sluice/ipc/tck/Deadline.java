package io.sluice.ipc.tck;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// How long the suite waits for something that must happen: so long that only what never happens misses it.
final class Deadline {
    /// For anything that a working transport does at once.
    static final Duration GENEROUS = Duration.ofSeconds(30);

    /// For as much traffic as takes seconds where nothing else runs; within the time limit of a test.
    static final Duration OF_TRAFFIC = Duration.ofSeconds(75);

    private Deadline() {}

    /// Waits until the condition holds.
    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + GENEROUS.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("still waiting after " + GENEROUS.toSeconds() + " s for: " + what);
            }
            Thread.sleep(1);
        }
    }

    static Duration since(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }
}
