package io.sluice.ipc.stream;

/// How long a receiver with `wait=adaptive` looks again and again before it sleeps: learnt from how long the waits before took.
///
/// What counts is the whole wait, sleep included. Two ends that answer one another soon meet while one of them sleeps, and each
/// finds the other slow for the time that going to sleep and being woken takes; if only what was found while looking counted,
/// they would never learn that they could do without. A wait that was longer than looking is worth halves the time, so that
/// what comes seldom is waited for asleep.
final class Patience {
    /// A few times what it costs to sleep in poll(2) and to be woken, on both sides.
    static final long MAX_NANOS = 50_000;

    static final long MIN_NANOS = 500;

    private long nanos = MAX_NANOS;

    /// How long to look before the next sleep.
    long nanos() {
        return nanos;
    }

    /// Learns from a wait that is over.
    ///
    /// @param waitedNanos how long it took, in nanoseconds
    void waited(long waitedNanos) {
        nanos = waitedNanos <= MAX_NANOS ? Math.min(MAX_NANOS, 2 * nanos) : Math.max(MIN_NANOS, nanos / 2);
    }
}
