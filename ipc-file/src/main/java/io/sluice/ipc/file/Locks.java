package io.sluice.ipc.file;

import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.os.ByteLocks;
import io.sluice.ipc.os.DiskFile;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// The locks of a journal, on bytes of `journal.lock`; the kernel releases them when their holder dies.
///
///     byte 0         upkeep: held while the journal is created or looked through, a segment made or deleted
///     byte 16 + n    held by appending process n as long as it has the journal open: the proof that it lives
///
/// Neither appending nor reading takes a lock; beginning a new segment does.
final class Locks implements AutoCloseable {
    private static final long UPKEEP = 0;
    private static final long APPENDERS = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long PAUSE_NANOS = 200_000;

    private final Folder folder;
    private final DiskFile file;
    private final ByteLocks bytes;
    private final ReentrantLock threads = new ReentrantLock();
    private volatile int own;

    /// @param access to the file, which is made if it may be
    Locks(Folder folder, DiskFile.Access access) throws NoSuchFileException {
        this.folder = folder;
        this.file = DiskFile.open(folder.lock(), access);
        this.bytes = new ByteLocks(file);
    }

    /// Does something that one process at a time may do. Blocks while a living process has the lock, whether interrupted
    /// or not: holders need milliseconds.
    ///
    /// @throws TimedOutException if a living process holds it for half a minute: it is stopped, or hangs
    void upkeep(Runnable work) {
        threads.lock();
        try {
            long start = System.nanoTime();
            while (!bytes.tryLock(UPKEEP)) {
                if (System.nanoTime() - start > PATIENCE.toNanos()) {
                    throw new TimedOutException(folder.path() + ": a living process has held the journal's lock for "
                            + PATIENCE.toSeconds()
                            + " s; it is stopped or hangs: let it go on, or end it (lslocks shows"
                            + " it)");
                }
                boolean interrupted = Thread.interrupted();
                LockSupport.parkNanos(this, PAUSE_NANOS);
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
            try {
                work.run();
            } finally {
                bytes.unlock(UPKEEP);
            }
        } finally {
            threads.unlock();
        }
    }

    /// Declares this process an appender with that number, once, under upkeep.
    void become(int appender) {
        if (!bytes.tryLock(at(appender))) {
            throw new IllegalStateException(folder.path() + ": the number " + appender + " was given twice");
        }
        own = appender;
    }

    int own() {
        return own;
    }

    /// Whether an appending process lives. A paused one does. Once it is false, it is so for ever.
    boolean isAlive(int appender) {
        return appender == own && own != 0 || bytes.isLockedByAnother(at(appender), 1);
    }

    /// Whether any appending process lives, besides this.
    boolean hasOthers() {
        return bytes.isLockedByAnother(APPENDERS, 0);
    }

    private static long at(int appender) {
        return APPENDERS + Integer.toUnsignedLong(appender);
    }

    @Override
    public void close() {
        file.close();
    }
}
