package io.sluice.ipc.os;

import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.TimedOutException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// An exclusive lock on a directory: a permit of this process first, then flock(2) on a descriptor of the directory.
///
/// The permit queues the threads of one process fairly and without polling; flock alone would exclude them too. flock
/// has no timeout, and one that blocks would hang behind a stopped holder; so other processes are waited for by asking
/// again, every few milliseconds. Whoever gets the lock of a directory that was meanwhile deleted has a lock that
/// nobody else will ask for: the name is looked at again, and if it is another directory now, that one is locked.
final class DirectoryLock implements RuntimeDirectory.Lock {
    private static final Map<Path, Semaphore> PERMITS = new ConcurrentHashMap<>();
    private static final long FIRST_PAUSE_NANOS = 50_000;
    private static final long LONGEST_PAUSE_NANOS = 5_000_000;
    private static final int NO_DESCRIPTOR = -1;

    private final Semaphore permit;
    private final int descriptor;
    private final AtomicBoolean closed = new AtomicBoolean();

    private DirectoryLock(Semaphore permit, int descriptor) {
        this.permit = permit;
        this.descriptor = descriptor;
    }

    static DirectoryLock acquire(Path directory, Duration timeout) {
        Wait wait = new Wait(timeout);
        Semaphore permit = PERMITS.computeIfAbsent(directory, path -> new Semaphore(1, true));
        try {
            if (!wait.acquire(permit)) {
                throw timedOut(directory, timeout, "another thread of this process");
            }
            int descriptor = NO_DESCRIPTOR;
            try {
                descriptor = Libc.POSIX ? lock(directory, timeout, wait) : NO_DESCRIPTOR;
                return new DirectoryLock(permit, descriptor);
            } finally {
                if (Libc.POSIX && descriptor == NO_DESCRIPTOR) {
                    permit.release();
                }
            }
        } finally {
            wait.restoreInterrupt();
        }
    }

    private static int lock(Path directory, Duration timeout, Wait wait) {
        while (true) {
            FileStatus before = status(directory);
            int descriptor = Libc.open(
                    directory, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
            if (descriptor < 0) {
                throw failed(directory, Libc.words(descriptor));
            }
            boolean locked = false;
            try {
                int result;
                while ((result = Libc.flock(descriptor, Libc.LOCK_EX | Libc.LOCK_NB)) == -Libc.EAGAIN) {
                    if (!wait.pause()) {
                        throw timedOut(directory, timeout, "another process");
                    }
                }
                if (result < 0) {
                    throw failed(directory, Libc.words(result));
                }
                locked = before.isSameFileAs(status(directory));
                if (locked) {
                    return descriptor;
                }
            } finally {
                if (!locked) {
                    Libc.close(descriptor);
                }
            }
        }
    }

    private static FileStatus status(Path directory) {
        try {
            return FileStatus.of(directory);
        } catch (NoSuchFileException e) {
            throw failed(directory, "it does not exist");
        } catch (IOException e) {
            throw failed(directory, e.toString());
        }
    }

    private static SystemCallException failed(Path directory, String why) {
        return new SystemCallException("the runtime directory " + directory + " cannot be locked: " + why);
    }

    private static TimedOutException timedOut(Path directory, Duration timeout, String who) {
        return new TimedOutException("the runtime directory " + directory + ": " + who + " has held its lock for "
                + timeout.toMillis() + " ms; it is hung or stopped: end it, or let it go on");
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            if (descriptor != NO_DESCRIPTOR) {
                Libc.close(descriptor);
            }
            permit.release();
        }
    }

    /// How long there is still to wait, and the interrupts that came meanwhile.
    private static final class Wait {
        private final long start = System.nanoTime();
        private final long length;
        private long pause = FIRST_PAUSE_NANOS;
        private boolean interrupted = Thread.interrupted();

        Wait(Duration timeout) {
            long nanos;
            try {
                nanos = timeout.toNanos();
            } catch (ArithmeticException e) {
                nanos = Long.MAX_VALUE;
            }
            length = nanos;
        }

        private long remaining() {
            return length - (System.nanoTime() - start);
        }

        boolean acquire(Semaphore permit) {
            while (true) {
                try {
                    return permit.tryAcquire(remaining(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }

        /// Sleeps a little longer each time; false if the time is over.
        boolean pause() {
            long nanos = Math.min(pause, remaining());
            if (nanos <= 0) {
                return false;
            }
            LockSupport.parkNanos(this, nanos);
            interrupted |= Thread.interrupted();
            pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
            return true;
        }

        void restoreInterrupt() {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
