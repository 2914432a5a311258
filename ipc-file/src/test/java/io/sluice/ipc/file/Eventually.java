package io.sluice.ipc.file;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;

/// Waits for what must come; the deadline is so generous that only what never comes misses it.
final class Eventually {
    static final Duration GENEROUS = Duration.ofMinutes(1);

    private Eventually() {}

    static void holds(String what, Callable<Boolean> condition) throws Exception {
        equal(what, true, condition);
    }

    static <T> void equal(String what, T expected, Callable<T> actual) throws Exception {
        long start = System.nanoTime();
        T value = actual.call();
        while (!Objects.equals(expected, value)) {
            if (System.nanoTime() - start > GENEROUS.toNanos()) {
                throw new AssertionError(what + ": after " + GENEROUS.toSeconds() + " s it is still " + value
                        + " and not " + expected);
            }
            Thread.sleep(2);
            value = actual.call();
        }
    }
}
