package io.sluice.ipc.file;

import java.nio.file.NoSuchFileException;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Prepares the pages that fast appenders come to next, in the background.
///
/// The kernel clears a page before it gives it to anybody, and a virtual machine may have to get it from its host first: that took
/// more than half of an appender's time. Where the file system cannot give the pages, nothing happens here: the appender
/// comes to the same place, and says so.
///
/// What is flushed now and then is left alone: it has small pages, see [Head#isFlushed], and its appenders wait for the disk.
///
/// The thread begins with the first fast appender, and sleeps while there is none.
final class Pretoucher implements AutoCloseable {
    /// How far it goes ahead, in bytes.
    static final int AHEAD = 4 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Pretoucher.class);

    private final OpenSegments openSegments;
    private final int segmentLength;
    private Thread thread; // guarded by this
    private volatile boolean closed; // set under the monitor, so that no thread begins afterwards
    private volatile long position;

    Pretoucher(OpenSegments openSegments, int segmentLength) {
        this.openSegments = openSegments;
        this.segmentLength = segmentLength;
    }

    /// A fast appender comes by a position.
    void passing(long position) {
        this.position = position;
        LockSupport.unpark(thread());
    }

    private synchronized Thread thread() {
        if (thread == null && !closed) {
            thread = Thread.ofPlatform().daemon().name("ipc-journal-pages").start(this::run);
        }
        return thread;
    }

    private void run() {
        long done = -1;
        while (!closed) {
            long next = position;
            if (next == done) {
                LockSupport.park(this);
            } else {
                prepare(next);
                done = next;
            }
        }
    }

    private void prepare(long from) {
        try {
            Segment segment = openSegments.acquire(from / segmentLength);
            try {
                segment.prepare((int) Math.min(segment.end(), from % segmentLength + AHEAD));
            } finally {
                openSegments.release(segment);
            }
        } catch (NoSuchFileException | RuntimeException | InternalError e) { // an error if somebody has cut the file short
            LOG.debug("no pages are prepared: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        Thread last;
        synchronized (this) {
            closed = true;
            last = thread;
        }
        if (last != null) {
            Parked.end(last);
        }
    }
}
