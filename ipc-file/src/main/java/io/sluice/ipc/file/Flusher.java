package io.sluice.ipc.file;

import io.sluice.ipc.SystemCallException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.locks.ReentrantLock;

/// Group commit: appenders that wait for the disk at the same time, in any process, share a flush.
///
/// A record is on disk if a flush that *began* after it was published has ended. So flushes are numbered, in the head:
/// whoever has published a record reads how many have begun, and waits for one with a higher number to end, or makes it.
/// Within a process one thread flushes at a time; the others queue for its lock, and find when they get it that the flush
/// of one of them has done for all. Between processes nobody waits for anybody: two may flush at once, and each may
/// find that the other has done its work. So a process that dies in a flush holds up nobody.
///
/// A flush covers all segments from the one that was newest at this process's flush before, to the one that is newest now.
/// A record that is published when a newer segment is there already is flushed by its appender, with its own segment.
final class Flusher {
    private final Head head;
    private final Mappings mappings;
    private final ReentrantLock lock = new ReentrantLock();
    private long newestBefore; // guarded by the lock
    private volatile SystemCallException failure;

    Flusher(Head head, Mappings mappings) {
        this.head = head;
        this.mappings = mappings;
        this.newestBefore = Math.max(0, head.newest() - 1);
    }

    /// Returns when a record that this thread has published in a segment is on disk.
    void await(Mapping segment) {
        if (head.newest() != segment.number) {
            segment.flush();
            return;
        }
        // Volatile, after the store that published the record, which is volatile too.
        long begun = head.flushesBegun();
        while (head.flushesDone() <= begun) {
            lock.lock();
            try {
                if (head.flushesDone() <= begun) {
                    flush();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /// Flushes all that was published before.
    void flushAll() {
        lock.lock();
        try {
            flush();
        } finally {
            lock.unlock();
        }
    }

    private void flush() {
        if (failure != null) {
            // What the kernel could not write it forgets, and the next flush would seem to succeed.
            throw new SystemCallException("an earlier flush has failed, so nothing is known of the disk any more: "
                    + failure.getMessage() + "; close the journal, mend the disk, verify", failure);
        }
        long number = head.beginFlush();
        long newest = head.newest();
        for (long segment = newestBefore; segment <= newest; segment++) {
            try {
                Mapping mapping = mappings.acquire(segment);
                try {
                    mapping.flush();
                } finally {
                    mappings.release(mapping);
                }
            } catch (NoSuchFileException e) {
                // Deleted by retention.
            } catch (SystemCallException e) {
                failure = e;
                throw e;
            }
        }
        newestBefore = Math.max(0, newest);
        head.endFlush(number);
    }
}
