package io.sluice.ipc.socket;

import io.sluice.ipc.stream.ByteStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLProtocolException;

/// The records that come in, and what they hold. One thread at a time reads.
///
/// A record is decrypted to where the reader wants it, or, if there is no room for all of it there, to a buffer from which the
/// reader takes the rest. A read that returns less than it could has taken all that was there; else [#isReady()] tells
/// what is left, because the system does not.
final class TlsInput {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int FIRST_CAPACITY = 1 << 10;
    /// How many requests for new keys wait for an answer at most, because the peer does not read what this side writes.
    private static final int MOST_UNANSWERED = 16;
    /// How many records a handshake has at most: while they come, it does not give its thread back.
    private static final int MOST_OF_HANDSHAKE = 1 << 10;
    /// How many records in a row may hold nothing to read: while they come, a read does not return.
    private static final int MOST_BARREN = 64;

    private final StreamSocket socket;
    private final SSLEngine engine;
    private final TlsOutput output;
    private final SegmentView view = new SegmentView();
    /// What came and was not decrypted: from its position to its limit.
    private ByteBuffer records = ByteBuffer.allocate(FIRST_CAPACITY).flip();
    /// What was decrypted and not taken; null if nothing.
    private RecordBuffer decrypted;
    private boolean plausible;
    /// Whether the last read of the system took all that there was room for.
    private boolean full;
    private boolean ended;
    private SSLException fault;
    private int unanswered;
    private int ofHandshake;
    private volatile boolean ready;

    TlsInput(StreamSocket socket, SSLEngine engine, TlsOutput output) {
        this.socket = socket;
        this.engine = engine;
        this.output = output;
    }

    /// As [StreamSocket#read].
    ///
    /// @throws SSLException if what came cannot be, or the peer says why it goes no further; what came before was read
    int read(MemorySegment to, long offset, int length) throws SSLException {
        ByteBuffer target = view.of(to, offset, length);
        takeDecrypted(target);
        int last = ByteStream.WOULD_BLOCK;
        int barren = 0;
        try {
            while (target.hasRemaining() && !ended && fault == null) {
                if (hasRecord()) {
                    int before = target.position();
                    decrypt(target);
                    barren = target.position() > before ? 0 : barren + 1;
                    if (barren > MOST_BARREN) {
                        throw new SSLProtocolException("more than " + MOST_BARREN + " records in a row came that hold"
                                + " nothing to read");
                    }
                } else if (target.position() > offset && !full) {
                    break;
                } else {
                    last = fill();
                    if (last <= 0) {
                        break;
                    }
                }
            }
        } catch (SSLException e) {
            fault = e;
        } finally {
            settle();
        }
        int read = target.position() - (int) offset;
        if (read > 0) {
            return read;
        }
        if (fault != null) {
            throw fault;
        }
        return ended ? ByteStream.END : last == ByteStream.END ? ByteStream.LOST : Math.min(last, 0);
    }

    /// Takes the next part of the handshake.
    ///
    /// @return [ByteStream#WOULD_BLOCK] if it is not there yet, a negative number as a read, or a positive one if it was taken
    /// @throws SSLException if the handshake fails
    int takeHandshake() throws SSLException {
        try {
            while (!hasRecord()) {
                int filled = fill();
                if (filled <= 0) {
                    return filled;
                }
            }
            if (++ofHandshake > MOST_OF_HANDSHAKE) {
                throw new SSLProtocolException("a handshake of more than " + MOST_OF_HANDSHAKE + " records came");
            }
            unwrap(NOTHING);
            return ended ? ByteStream.END : 1;
        } finally {
            settle();
        }
    }

    /// Whether something can be read without asking the system.
    boolean isReady() {
        return ready;
    }

    /// Whether a record of TLS has begun to come.
    boolean isPlausible() {
        return plausible;
    }

    /// Nobody will read any more.
    void abandon() {
        ready = false;
    }

    private void takeDecrypted(ByteBuffer target) {
        if (decrypted == null) {
            return;
        }
        ByteBuffer from = decrypted.array();
        int length = Math.min(from.remaining(), target.remaining());
        target.put(target.position(), from, from.position(), length);
        target.position(target.position() + length);
        from.position(from.position() + length);
        if (!from.hasRemaining()) {
            decrypted.giveBack();
            decrypted = null;
        }
    }

    private void settle() {
        ready = ended || fault != null || decrypted != null || hasRecord();
    }

    /// Whether a whole record is there, or the beginning of what is none.
    private boolean hasRecord() {
        int length = records.remaining();
        return length >= RecordBuffer.HEADER
                && (!isRecord() || payload() > RecordBuffer.MAX_PAYLOAD || length >= RecordBuffer.HEADER + payload());
    }

    private boolean isRecord() {
        int type = records.get(records.position());
        return type >= RecordBuffer.FIRST_TYPE && type <= RecordBuffer.LAST_TYPE
                && records.get(records.position() + 1) == RecordBuffer.MAJOR_VERSION;
    }

    private int payload() {
        return records.getShort(records.position() + RecordBuffer.HEADER - Short.BYTES) & 0xFFFF;
    }

    private SSLEngineResult unwrap(ByteBuffer target) throws SSLException {
        if (isRecord()) {
            plausible = true;
            if (payload() > RecordBuffer.MAX_PAYLOAD) {
                throw new SSLProtocolException("a TLS record of " + payload() + " bytes came; "
                        + RecordBuffer.MAX_PAYLOAD + " are allowed");
            }
        }
        SSLEngineResult result = engine.unwrap(records, target);
        if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
            throw new SSLProtocolException("what came is no TLS record");
        }
        ended |= result.getStatus() == Status.CLOSED;
        return result;
    }

    private void decrypt(ByteBuffer target) throws SSLException {
        SSLEngineResult result = unwrap(target);
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
            decrypted = RecordBuffer.borrow();
            try {
                result = unwrap(decrypted.array());
            } finally {
                decrypted.array().flip();
                takeDecrypted(target);
            }
        }
        HandshakeStatus next = result.getHandshakeStatus();
        if (next == HandshakeStatus.NEED_TASK) {
            TlsHandshake.runTasks(engine);
            next = engine.unwrap(NOTHING, NOTHING).getHandshakeStatus(); // throws what a task has
        }
        if (next == HandshakeStatus.NEED_WRAP) {
            answer(result.bytesProduced() == 0);
        } else {
            unanswered = 0;
        }
    }

    /// The peer has asked for new keys (RFC 8446, 4.6.3), or is to be.
    private void answer(boolean again) throws SSLException {
        if (output.speak()) {
            unanswered = 0;
        } else if (again && ++unanswered > MOST_UNANSWERED) {
            throw new SSLProtocolException("the peer asks for new keys again and again, and does not read the answers");
        }
    }

    /// Reads what the system has.
    private int fill() {
        if (full && records.capacity() < RecordBuffer.LENGTH) {
            ByteBuffer larger = ByteBuffer.allocate(Math.min(2 * records.capacity(), RecordBuffer.LENGTH));
            records = larger.put(records).flip();
        } else if (records.position() > 0) {
            records.compact().flip();
        }
        int end = records.limit();
        int room = records.capacity() - end;
        RecordBuffer buffer = RecordBuffer.borrow();
        try {
            int read = socket.read(buffer.segment(), 0, room);
            full = read == room;
            if (read > 0) {
                MemorySegment.copy(buffer.segment(), ValueLayout.JAVA_BYTE, 0, records.array(), end, read);
                records.limit(end + read);
            }
            return read;
        } finally {
            buffer.giveBack();
        }
    }
}
