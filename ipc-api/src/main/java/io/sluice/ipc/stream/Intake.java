package io.sluice.ipc.stream;

import io.sluice.ipc.SegmentBuffer;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// What comes in: reads bytes, and follows the [Frames] in them to know how the peer's stream ends.
///
/// The lock is held only while bytes are read and followed. A receiver takes it, who has the turn besides; and so does a sender who
/// finds that nobody reads any more, and looks ahead how the peer's stream ends, because that alone says whether the peer
/// has closed or died. What it reads waits in `ahead`.
final class Intake {
    /// How the peer's stream ends, as far as it is known.
    enum End {
        OPEN,
        CLOSED,
        CUT_OFF,
        LOST
    }

    private static final int READ = 64 << 10;
    private static final int LEAST_READ = 4 << 10;
    private static final int MOST_READ = 256 << 10;
    /// How long a large message is, with its header.
    private static final int LARGE = 32 << 10;
    /// How much a sender looks ahead: more than a pipe holds.
    private static final int MAX_AHEAD = 4 << 20;
    private static final long LOOK_AHEAD_NANOS = 100_000_000;
    private static final long LOOK_AGAIN_NANOS = 200_000;

    private final StreamChannel channel;
    private final ByteStream stream;
    private final StreamPlan plan;
    private final ReentrantLock lock = new ReentrantLock();
    private final GrowingBuffer bytes = new GrowingBuffer();
    private final Frames frames;
    private GrowingBuffer ahead;
    private volatile End end = End.OPEN;
    /// Whether the last read took all that there was.
    private boolean drained = true;
    /// How many bytes the last message took that was not there at once.
    private int last;

    Intake(StreamChannel channel, ByteStream stream, StreamPlan plan) {
        this.channel = channel;
        this.stream = stream;
        this.plan = plan;
        this.frames = new Frames(plan.maxMessage());
    }

    /// What was read and not taken; for the receiver who has the turn.
    GrowingBuffer bytes() {
        return bytes;
    }

    /// Reads more; the caller has the turn.
    ///
    /// @param wanted how many bytes the next message takes, 0 if that is not known
    /// @return how many bytes, [ByteStream#WOULD_BLOCK] or [ByteStream#END]
    int fill(int wanted) {
        lock.lock();
        try {
            if (ahead != null) {
                return takeAhead();
            }
            if (end != End.OPEN) {
                return ByteStream.END;
            }
            bytes.rewind();
            int room = makeRoom(wanted);
            int read = read(bytes, room);
            drained = read < room;
            if (read > 0) {
                follow(bytes.buffer(), bytes.tail(), read);
                bytes.filled(read);
            } else {
                read = nothing(read);
            }
            return read;
        } finally {
            lock.unlock();
        }
    }

    private int read(GrowingBuffer to, int room) {
        try {
            return stream.read(to.segment(), to.tail(), room);
        } catch (BrokenStreamException e) {
            throw channel.cutOff(e);
        }
    }

    /// Makes room for the rest of the next message; by doubling, so that no memory is taken for what does not come.
    ///
    /// A large message is read to its end and no further, but for the header of the next one: so the next one begins at the
    /// front, and is never moved there. Before its header is there it is taken to be as long as the last one.
    ///
    /// @return how much to read
    private int makeRoom(int wanted) {
        if (wanted > 0) {
            last = wanted;
        }
        int missing = last - bytes.size();
        boolean large = last >= LARGE && missing > 0 && plan.framing() == Framing.LENGTH;
        int useful;
        if (large) {
            useful = Math.min(missing + Frames.HEADER_LENGTH, MOST_READ);
        } else {
            useful = drained ? Math.max(wanted - bytes.size(), LEAST_READ) : READ;
        }
        if (bytes.room() < useful) {
            boolean fits = bytes.size() + useful <= bytes.capacity();
            bytes.reserve(fits ? useful : Math.min(useful, Math.max(LEAST_READ, bytes.size())));
        }
        return Math.min(bytes.room(), large ? useful : READ);
    }

    private int takeAhead() {
        int size = ahead.size();
        bytes.reserve(size);
        bytes.buffer().putBytes(bytes.tail(), ahead.buffer(), ahead.head(), size);
        bytes.filled(size);
        ahead = null;
        return size > 0 ? size : end == End.OPEN ? ByteStream.WOULD_BLOCK : ByteStream.END;
    }

    private void follow(SegmentBuffer buffer, int from, int read) {
        if (plan.framing() == Framing.LENGTH) {
            frames.pass(buffer, from, from + read);
            if (frames.isClosed()) {
                end = End.CLOSED;
            } else if (frames.isCutOff()) {
                end = End.CUT_OFF;
            }
        }
    }

    private int nothing(int read) {
        switch (read) {
            case ByteStream.WOULD_BLOCK -> {
                if (!channel.isPeerGone()) {
                    return ByteStream.WOULD_BLOCK;
                }
            }
            case ByteStream.CLOSED -> {
                channel.checkOpen();
                throw channel.closed();
            }
            default -> {}
        }
        if (end == End.OPEN) {
            end = plan.framing() == Framing.LENGTH || read == ByteStream.LOST ? End.LOST : End.CLOSED;
        }
        return ByteStream.END;
    }

    /// How the peer's stream ends, looked for without taking messages: nobody reads at the other end any more. What
    /// follows soon, if the peer has closed or died, is waited for a little.
    End lookAhead() {
        long deadline = System.nanoTime() + LOOK_AHEAD_NANOS;
        while (end == End.OPEN && System.nanoTime() - deadline < 0) {
            int read;
            lock.lock();
            try {
                if (end != End.OPEN) {
                    break;
                }
                if (ahead == null) {
                    ahead = new GrowingBuffer();
                }
                ahead.reserve(LEAST_READ);
                read = read(ahead, ahead.room());
                if (read > 0) {
                    follow(ahead.buffer(), ahead.tail(), read);
                    ahead.filled(read);
                } else {
                    read = nothing(read);
                }
                if (ahead.size() > MAX_AHEAD) {
                    break;
                }
            } finally {
                lock.unlock();
            }
            if (read == ByteStream.WOULD_BLOCK) {
                LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            }
        }
        return end;
    }

    /// Whether the last read took all that there was; for the receiver who has the turn.
    boolean isDrained() {
        return drained;
    }

    /// Whether nothing comes behind what was read, nor should have; for the receiver who has the turn.
    boolean isAtEnd() {
        return end != End.OPEN && end != End.LOST && ahead == null;
    }

    /// How the peer's stream ends, as far as it is known.
    End end() {
        return end;
    }
}
