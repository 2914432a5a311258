package io.sluice.ipc.file;

import io.sluice.ipc.SystemCallException;
import java.nio.file.NoSuchFileException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// Group commit: appenders that wait for the disk at the same time, in any process, share a flush.
///
/// A record is on disk if a flush that *began* after it was published has ended. So flushes are numbered, in the head:
/// whoever has published a record reads how many have begun, and waits for one with a higher number to end, or makes it.
/// Within a process one thread flushes at a time. The others sleep until it has done so, and all wake at once: most find that it
/// has done their work, and one of the rest makes the next flush, for all of them. A queue for a lock, in which each wakes
/// the next, is as right, but the wakings take longer than the flush. Who is to flush lets those come who came with the last
/// one, if they do within a tenth of the time that a flush takes; else every other flush is for half of them. Between processes nobody waits for anybody: two may flush at once, and each may
/// find that the other has done its work. So a process that dies in a flush holds up nobody.
///
/// A flush covers all segments from the one that was newest at this process's flush before, to the one that is newest now.
/// A record that is published when a newer segment is there already is flushed by its appender, with its own segment.
final class Flusher {
    private final Head head;
    private final OpenSegments openSegments;
    private static final int SHARE = 10;
    private static final long LONGEST_SLEEP_NANOS = 10_000_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Thread> sleepers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private long newestBefore; // guarded by the lock, as the following
    private int groupBefore;
    private long flushNanos;
    private volatile SystemCallException failure;

    Flusher(Head head, OpenSegments openSegments) {
        this.head = head;
        this.openSegments = openSegments;
        this.newestBefore = Math.max(0, head.newest() - 1);
    }

    /// Returns when a record that this thread has published in a segment is on disk.
    void await(Segment segment) {
        if (head.newest() != segment.number) {
            segment.flush();
            return;
        }
        // Volatile, after the store that published the record, which is volatile too.
        long begun = head.flushesBegun();
        waiting.incrementAndGet();
        try {
            while (head.flushesDone() <= begun) {
                if (lock.tryLock()) {
                    lead(begun);
                } else {
                    sleep(begun);
                }
            }
        } finally {
            waiting.decrementAndGet();
        }
    }

    private void lead(long begun) {
        try {
            if (head.flushesDone() <= begun) {
                long start = System.nanoTime();
                while (waiting.get() < groupBefore && System.nanoTime() - start < flushNanos / SHARE) {
                    Thread.yield();
                }
                groupBefore = waiting.get();
                long flushStart = System.nanoTime();
                flush();
                flushNanos = System.nanoTime() - flushStart;
            }
        } finally {
            lock.unlock();
            for (Thread sleeper; (sleeper = sleepers.poll()) != null;) {
                LockSupport.unpark(sleeper);
            }
        }
    }

    /// Sleeps until a flush has ended. Who has entered the queue before the lock was free is woken by the one who had it; so
    /// it is looked at once more after entering.
    private void sleep(long begun) {
        sleepers.add(Thread.currentThread());
        if (lock.isLocked() && head.flushesDone() <= begun) {
            boolean interrupted = Thread.interrupted();
            LockSupport.parkNanos(this, LONGEST_SLEEP_NANOS);
            if (interrupted) {
                Thread.currentThread().interrupt();
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
        for (long each = newestBefore; each <= newest; each++) {
            try {
                Segment segment = openSegments.acquire(each);
                try {
                    segment.flush();
                } finally {
                    openSegments.release(segment);
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
