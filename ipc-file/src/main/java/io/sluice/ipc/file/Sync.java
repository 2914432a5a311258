package io.sluice.ipc.file;

import java.time.Duration;

/// When what was appended is on disk.
///
/// The death of a process loses no record that was appended, whatever this says: the kernel has it. What the death of
/// the machine loses depends on it. A choice of the process that appends, not of the journal.
public sealed interface Sync {
    /// Whenever the kernel writes it, some 30 seconds later as a rule. The death of the machine loses what was appended
    /// meanwhile, and may leave gaps before what it does not lose; they are found, reported, and never read as records.
    ///
    /// @return the choice
    static Sync none() {
        return None.NONE;
    }

    /// After so much time at the latest. The death of the machine loses at most what was appended in it, and in the time
    /// of one flush.
    ///
    /// @param time between two flushes, at least 1 ms
    /// @return the choice
    static Sync interval(Duration time) {
        return new Interval(time);
    }

    /// Before `append` returns. The death of the machine loses nothing that `append` has returned for, provided that the
    /// disk keeps what it has confirmed. Appenders that wait at the same time, in any process, share a flush.
    ///
    /// @return the choice
    static Sync every() {
        return Every.EVERY;
    }

    /// See [Sync#none()].
    enum None implements Sync {
        /// The one.
        NONE
    }

    /// See [Sync#every()].
    enum Every implements Sync {
        /// The one.
        EVERY
    }

    /// See [Sync#interval].
    ///
    /// @param time between two flushes
    record Interval(Duration time) implements Sync {
        /// @param time between two flushes
        public Interval {
            if (time.toMillis() < 1) {
                throw new IllegalArgumentException("a flush every " + time + "; 1 ms is the least");
            }
        }
    }
}
