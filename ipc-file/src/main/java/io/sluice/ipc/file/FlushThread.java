package io.sluice.ipc.file;

import io.sluice.ipc.SystemCallException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Flushes at an interval, if anything was appended since.
final class FlushThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FlushThread.class);

    private final Path path;
    private final Flusher flusher;
    private final long nanos;
    private final Thread thread;
    private volatile boolean appended;
    private volatile boolean closed;

    FlushThread(Path path, Flusher flusher, Duration interval) {
        this.path = path;
        this.flusher = flusher;
        this.nanos = interval.toNanos();
        this.thread = Thread.ofPlatform().daemon().name("ipc-journal-flush").start(this::run);
    }

    /// After a record was published. The look comes after that, in memory too, since publishing is a full fence; so either
    /// the flag is seen as it was before a flush that covers the record, or it is set for the next.
    void appended() {
        if (!appended) {
            appended = true;
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        try {
            while (!closed) {
                if (appended) {
                    LockSupport.parkNanos(this, nanos);
                    appended = false;
                    flusher.flushAll();
                } else {
                    LockSupport.park(this);
                }
            }
        } catch (SystemCallException e) {
            LOG.error("{}: what is appended is not flushed any more", path, e);
        }
    }

    @Override
    public void close() {
        closed = true;
        Parked.end(thread);
    }
}
