package io.sluice.ipc.ring;

import java.time.Duration;

/// Points in time by [System#nanoTime()]; `Long.MAX_VALUE` is never.
public final class Deadline {
    /// No deadline.
    public static final long NEVER = Long.MAX_VALUE;

    private static final Duration CENTURY = Duration.ofDays(36_500);

    private Deadline() {}

    /// The deadline that is a span from now.
    ///
    /// @param span how long
    /// @return the deadline
    public static long after(Duration span) {
        return after(nanos(span));
    }

    /// The deadline that is some time from now.
    ///
    /// @param nanos how long; `Long.MAX_VALUE` for never
    /// @return the deadline
    public static long after(long nanos) {
        return nanos == Long.MAX_VALUE ? NEVER : System.nanoTime() + nanos;
    }

    /// A span in nanoseconds.
    ///
    /// @param span how long; more than a century is taken for ever
    /// @return nanoseconds, `Long.MAX_VALUE` for ever
    public static long nanos(Duration span) {
        return span.compareTo(CENTURY) > 0 ? Long.MAX_VALUE : Math.max(0, span.toNanos());
    }

    /// How long there is until a deadline.
    ///
    /// @param deadline the deadline
    /// @return nanoseconds, 0 if it has passed, `Long.MAX_VALUE` if it is never
    public static long remaining(long deadline) {
        return deadline == NEVER ? Long.MAX_VALUE : Math.max(0, deadline - System.nanoTime());
    }
}
