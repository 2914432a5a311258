package io.sluice.ipc.socket;

import io.sluice.ipc.stream.ByteStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The records that go out: encrypts what is to be written, and keeps what the system has no room for: [RecordBuffer#LENGTH] bytes at most, and
/// nothing is encrypted while there is any. The lock is held while something is encrypted and written.
final class TlsOutput {
    private static final Logger LOG = LoggerFactory.getLogger(TlsOutput.class);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final StreamSocket socket;
    private final SSLEngine engine;
    private final ReentrantLock lock = new ReentrantLock();
    private final SegmentView view = new SegmentView();
    private RecordBuffer pending;
    private int head;
    private int tail;
    private int over; // END or CLOSED, once nobody takes any more
    private boolean failed; // the engine encrypts nothing any more
    private volatile boolean waiting;

    TlsOutput(StreamSocket socket, SSLEngine engine) {
        this.socket = socket;
        this.engine = engine;
    }

    /// As [StreamSocket#write].
    int write(MemorySegment from, long offset, int length) {
        lock.lock();
        try {
            if (!pass()) {
                return ByteStream.WOULD_BLOCK;
            }
            if (failed) {
                return ByteStream.END;
            }
            ByteBuffer source = view.of(from, offset, length);
            encrypt(source);
            pass();
            return over != 0 ? over : failed ? ByteStream.END : length - source.remaining();
        } catch (SSLException e) {
            fail(e);
            return ByteStream.END;
        } finally {
            lock.unlock();
        }
    }

    /// Has the engine say what it has to say itself: a part of the handshake, an answer, an alert.
    ///
    /// @return whether it has said something, or can say nothing any more
    /// @throws SSLException if the handshake fails
    boolean speak() throws SSLException {
        lock.lock();
        try {
            if (!pass()) {
                return false;
            }
            encrypt(NOTHING);
            pass();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Whether something is to be written still.
    boolean isWaiting() {
        return waiting;
    }

    /// As [StreamSocket#flush()].
    boolean flush() {
        lock.lock();
        try {
            return pass();
        } finally {
            lock.unlock();
        }
    }

    /// Whether nobody takes any more.
    boolean isOver() {
        lock.lock();
        try {
            return over != 0 || failed;
        } finally {
            lock.unlock();
        }
    }

    /// Says that nothing follows, RFC 8446, 6.1, and ends the socket's output.
    ///
    /// @return false if there is no room for that now
    boolean end() {
        lock.lock();
        try {
            if (!pass()) {
                return false;
            }
            engine.closeOutbound();
            while (over == 0 && !engine.isOutboundDone()) {
                encrypt(NOTHING);
                if (!pass()) {
                    return false;
                }
            }
        } catch (SSLException e) {
            if (!fail(e)) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        return socket.shutdownOutput();
    }

    // ---- the caller has the lock

    /// Encrypts as much as a buffer holds. Nothing is pending.
    private void encrypt(ByteBuffer source) throws SSLException {
        RecordBuffer buffer = RecordBuffer.borrow();
        ByteBuffer records = buffer.array();
        try {
            boolean more = true;
            while (more && records.remaining() >= RecordBuffer.RECORD) {
                SSLEngineResult result = engine.wrap(source, records);
                if (result.getStatus() == Status.CLOSED && source.hasRemaining()) {
                    failed = true;
                }
                // Records of the engine's own come first.
                more = source.hasRemaining() && result.getStatus() == Status.OK;
            }
        } finally {
            if (records.position() > 0) {
                pending = buffer;
                head = 0;
                tail = buffer.toSegment();
            } else {
                buffer.giveBack();
            }
        }
    }

    /// Has what the engine said before it failed go out, and its alert, which tells the peer why.
    ///
    /// @return whether nothing is left
    private boolean fail(SSLException e) {
        LOG.debug("nothing can be encrypted any more", e);
        failed = true;
        if (pass()) {
            try {
                encrypt(NOTHING);
            } catch (SSLException again) {
                LOG.debug("the peer cannot be told", again);
            }
        }
        return pass();
    }

    /// Writes what is pending, as far as there is room.
    ///
    /// @return whether nothing is left
    private boolean pass() {
        while (pending != null) {
            int written = over != 0 ? over : socket.write(pending.segment(), head, tail - head);
            if (written == ByteStream.WOULD_BLOCK) {
                waiting = true;
                return false;
            }
            if (written < 0) {
                over = written;
                head = tail;
            } else {
                head += written;
            }
            if (head == tail) {
                pending.giveBack();
                pending = null;
                waiting = false;
            }
        }
        return true;
    }
}
