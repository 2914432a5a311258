package io.sluice.ipc.socket;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/// Waits for what must come; the deadline is so generous that only what never comes misses it.
final class Eventually {
    static final Duration GENEROUS = Duration.ofSeconds(60);

    private Eventually() {}

    static void holds(String what, Callable<Boolean> condition) throws Exception {
        equal(what, true, () -> {
            try {
                return condition.call();
            } catch (Exception e) {
                throw new AssertionError(what, e);
            }
        });
    }

    static <T> void equal(String what, T expected, Supplier<T> actual) throws InterruptedException {
        long deadline = System.nanoTime() + GENEROUS.toNanos();
        T value = actual.get();
        while (!Objects.equals(expected, value)) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError(what + ": after " + GENEROUS.toSeconds() + " s it is still " + value
                        + " and not " + expected);
            }
            Thread.sleep(2);
            value = actual.get();
        }
    }
}
