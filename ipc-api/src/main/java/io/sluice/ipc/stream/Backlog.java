package io.sluice.ipc.stream;

import java.nio.ByteOrder;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// What is to be written to the peer and is not yet: gathers messages, and writes many at once.
///
/// **When is a message written?** One that is *sent* ([#put]) is written as soon as there is room. One that is *offered* is
/// written at once, or gathered with those that follow, as [Pacing] says: then it is written with them, when this side
/// begins to wait for the peer, when it closes, or in the background after [#DELAY_NANOS], whatever comes first.
///
/// **Whole or not at all.** A message is copied before its first byte is written. If there is no room for all of it, the
/// rest stays here and is written before anything else; it is never withdrawn once it has begun, and one that has not
/// begun can be. So the peer never sees a part. Beyond [#GATHERED] bytes there is back pressure; a message that is
/// larger by itself is taken when nothing else waits.
///
/// The mutex is held only while bytes are copied in or written out, which the background does as well. Senders take turns
/// besides: at most one of them is here at a time.
///
/// Tried and not kept: a large message in native memory written from where it is, its header in front of it by writev(2), and
/// only what there was no room for copied. Over a Unix socket it was no faster, and over tcp slower in two of three runs.
final class Backlog {
    /// How much may wait here.
    static final int GATHERED = 64 << 10;
    /// There is no room now.
    static final int NO_ROOM = -1;
    /// All is written.
    static final int WRITTEN = 0;

    /// How long a gathered message waits at most for the background.
    private static final long DELAY_NANOS = 200_000;
    /// How long the background leaves a sender alone at most who tries again and again.
    private static final long MOST_DELAY_NANOS = 8 * DELAY_NANOS;

    private final StreamChannel channel;
    private final ByteStream stream;
    private final Framing framing;
    private final Runnable inBackground = this::flushInBackground;

    private final ReentrantLock mutex = new ReentrantLock();
    // Guarded by the mutex.
    private final GrowingBuffer bytes = new GrowingBuffer();
    private long put;
    private long written;
    private final Pacing pacing;
    private boolean scheduled;
    /// Whether a sender found no room since the background looked last.
    private boolean pressed;
    /// When the background looks again whether a sender still tries.
    private long nextLookNanos = DELAY_NANOS;
    /// Whether the last message is the first of those that wait.
    private boolean begins;
    /// Changed under the mutex and by the sender whose turn it is, who may therefore read it without.
    private boolean claimed;

    private volatile boolean broken;
    private volatile boolean ended;
    /// Read without the mutex to see whether there is anything to flush.
    private volatile boolean waiting;

    Backlog(StreamChannel channel, ByteStream stream, Framing framing) {
        this.channel = channel;
        this.stream = stream;
        this.framing = framing;
        this.pacing = new Pacing(stream, System.nanoTime());
    }

    // ---- for senders, who have the turn

    /// Takes a message, and writes it now or with others.
    ///
    /// @return false if there is no room
    boolean offer(DirectBuffer source, int offset, int length) {
        mutex.lock();
        try {
            if (!makeRoom(frame(length))) {
                return false;
            }
            append(source, offset, length);
            accepted();
            return true;
        } finally {
            mutex.unlock();
        }
    }

    /// Takes a message, and writes what there is room for.
    ///
    /// @return [#NO_ROOM] if it was not taken, [#WRITTEN], or for [#flushUpTo] where it ends
    long put(DirectBuffer source, int offset, int length) {
        mutex.lock();
        try {
            if (!makeRoom(frame(length))) {
                return NO_ROOM;
            }
            append(source, offset, length);
            if (flush()) {
                pacing.written(System.nanoTime());
                return WRITTEN;
            }
            return put;
        } finally {
            mutex.unlock();
        }
    }

    /// Writes what there is room for.
    ///
    /// @return whether a message that ends there is written
    boolean flushUpTo(long end) {
        mutex.lock();
        try {
            flush();
            return written >= end;
        } finally {
            mutex.unlock();
        }
    }

    /// Takes the message that was put last back if nothing of it was written yet; leaves another one to the background.
    ///
    /// @return whether it was taken back
    boolean withdraw(long end, int length) {
        int frame = frame(length);
        mutex.lock();
        try {
            if (put == end && written <= end - frame && bytes.size() >= frame) {
                bytes.withdraw(frame);
                put -= frame;
                return true;
            }
            if (bytes.size() > 0) {
                schedule();
            }
            return false;
        } finally {
            mutex.unlock();
        }
    }

    /// Sets room apart for a message that the sender writes here; [#commit] or [#abort] must follow.
    ///
    /// @return where in the [#buffer] it begins, or [#NO_ROOM]
    int claim(int length) {
        mutex.lock();
        try {
            if (!makeRoom(frame(length))) {
                return NO_ROOM;
            }
            bytes.reserve(frame(length));
            claimed = true;
            return bytes.tail() + Frames.HEADER_LENGTH;
        } finally {
            mutex.unlock();
        }
    }

    MutableDirectBuffer buffer() {
        return bytes.buffer();
    }

    /// Takes what was claimed as a message.
    ///
    /// @return false if nothing may be sent any more
    boolean commit(int length) {
        mutex.lock();
        try {
            claimed = false;
            if (ended || broken) {
                return false;
            }
            begins = bytes.size() == 0;
            bytes.buffer().putInt(bytes.tail(), length, ByteOrder.LITTLE_ENDIAN);
            bytes.filled(frame(length));
            put += frame(length);
            accepted();
            return true;
        } finally {
            mutex.unlock();
        }
    }

    /// Gives the claim up, if there is one.
    void abort() {
        if (claimed) {
            mutex.lock();
            try {
                claimed = false;
            } finally {
                mutex.unlock();
            }
        }
    }

    // ---- for everybody

    /// Writes what was gathered, because this side is about to wait for the peer, or has served a message.
    void flushBeforeWaiting() {
        if (waiting) {
            flushNow();
        }
    }

    /// @return whether nothing is left
    boolean flushNow() {
        mutex.lock();
        try {
            return flush();
        } finally {
            mutex.unlock();
        }
    }

    /// A sender who tries again and again writes by himself. If the background did so as well, whenever there is room, both would
    /// contend for the mutex and a third thread for the cores, and large messages be slower: so it leaves the writing to
    /// him until it finds that he has not tried since it looked last. It looks ever more rarely: with every 200 us, 64 KiB
    /// messages over a Unix socket were a fifth slower on two cores.
    private void flushInBackground() {
        boolean left;
        boolean others;
        long look;
        mutex.lock();
        try {
            others = pressed;
            left = (others || !flush()) && !channel.isReleased();
            scheduled = left;
            pressed = false;
            nextLookNanos = others ? Math.min(2 * nextLookNanos, MOST_DELAY_NANOS) : DELAY_NANOS;
            look = nextLookNanos;
        } finally {
            mutex.unlock();
        }
        if (left && others) {
            stream.after(look, inBackground);
        } else if (left) {
            stream.whenWritable(inBackground);
        }
    }

    /// Puts the closing frame behind all that was accepted, and writes what there is room for.
    ///
    /// @return whether all is written
    boolean close() {
        mutex.lock();
        try {
            end(Frames.CLOSED);
            if (!flush()) {
                stream.makeRoom(bytes.size());
            }
            return flush();
        } finally {
            mutex.unlock();
        }
    }

    /// Tells the peer that it broke the protocol, if there is room for that.
    void cutOff() {
        mutex.lock();
        try {
            end(Frames.CUT_OFF);
            flush();
        } finally {
            mutex.unlock();
        }
    }

    // ---- bytes; the caller has the mutex

    int frame(int length) {
        return length + framing.overhead;
    }

    private boolean hasRoom(int frame) {
        return bytes.size() == 0 || bytes.size() + frame <= GATHERED;
    }

    private boolean makeRoom(int frame) {
        return hasRoom(frame) || flush() || hasRoom(frame);
    }

    private void append(DirectBuffer source, int offset, int length) {
        int frame = frame(length);
        begins = bytes.size() == 0;
        bytes.reserve(frame);
        int at = bytes.tail();
        if (framing == Framing.LENGTH) {
            bytes.buffer().putInt(at, length, ByteOrder.LITTLE_ENDIAN);
            at += Frames.HEADER_LENGTH;
        }
        bytes.buffer().putBytes(at, source, offset, length);
        if (framing == Framing.LINE) {
            bytes.buffer().putByte(at + length, (byte) '\n');
        }
        bytes.filled(frame);
        put += frame;
    }

    /// Writes what was offered, or leaves it to a later write.
    private void accepted() {
        if (pacing.isWorthAWrite(System.nanoTime(), bytes.size(), begins)) {
            flush();
            pacing.written(System.nanoTime());
        }
        if (bytes.size() > 0) {
            schedule();
        }
    }

    private void schedule() {
        waiting = true;
        if (!scheduled) {
            scheduled = true;
            stream.after(DELAY_NANOS, inBackground);
        }
    }

    /// Writes as much as there is room for.
    ///
    /// @return whether nothing is left
    private boolean flush() {
        while (bytes.size() > 0) {
            int done = stream.write(bytes.segment(), bytes.head(), bytes.size());
            if (done == ByteStream.WOULD_BLOCK) {
                pacing.full(bytes.size());
                pressed = true;
                return false;
            }
            if (done < 0) {
                broken = true;
                written += bytes.size();
                bytes.clear();
            } else {
                written += done;
                bytes.taken(done);
            }
        }
        pacing.empty();
        waiting = false;
        if (!claimed) {
            bytes.rewind();
        }
        return true;
    }

    private void end(int frame) {
        if (ended || broken) {
            return;
        }
        ended = true;
        if (framing == Framing.LENGTH) {
            bytes.reserve(Frames.HEADER_LENGTH);
            bytes.buffer().putInt(bytes.tail(), frame, ByteOrder.LITTLE_ENDIAN);
            bytes.filled(Frames.HEADER_LENGTH);
            put += Frames.HEADER_LENGTH;
        }
    }

    // ---- what can be seen

    /// Whether something may be left to write.
    boolean isWaiting() {
        return waiting;
    }

    /// Whether nobody reads any more.
    boolean isBroken() {
        return broken;
    }

    /// Whether nothing more may be sent.
    boolean hasEnded() {
        return ended;
    }
}
