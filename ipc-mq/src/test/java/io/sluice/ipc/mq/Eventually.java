package io.sluice.ipc.mq;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Waits for what must come; the deadline is so generous that only what never comes misses it.
final class Eventually {
    static final Duration GENEROUS = Duration.ofSeconds(60);

    private Eventually() {}

    static void holds(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + GENEROUS.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("still waiting after " + GENEROUS.toSeconds() + " s for: " + what);
            }
            Thread.sleep(1);
        }
    }
}
