package io.sluice.ipc.mq;

import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.KernelQueue;
import io.sluice.ipc.os.PollSet;
import io.sluice.ipc.os.PosixQueue;
import io.sluice.ipc.os.QueueSlot;
import io.sluice.ipc.os.stream.Conduit;
import io.sluice.ipc.stream.ByteStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;

/// The bytes of a channel in two queues of the kernel, and beside them the two pipes over which the processes have met.
///
/// What is written in one go is one message of the kernel, or as many as it takes: so a message of the channel that fits is one
/// of the kernel's, after its length. The pipes prove life: when a process ends, whatever way, the kernel closes them.
///
/// poll(2) waits for POSIX queues, but not for System V ones. There, a pipe is also a *bell*: a byte in it says that something
/// was put into the queue; and a second pair of pipes says that there is room again. A bell is emptied before the queue
/// is looked at once more, so that a byte that comes later is about a message that comes later. The reader rings for room
/// when it has taken half of what the queue holds since it last did: a writer that finds the queue full has more than
/// that before it, because its messages are at most half as large. A pipe that is full of bells is as good as one more.
///
/// A queue holds little, and a side that closes does not wait until the peer has read: so what was accepted, and finds no room
/// in the queue then, goes through the pipe. There it follows a mark, and comes after all that is in the queue.
///
/// ```
///   in the pipe:   0 0 0 ...   bells         255   the mark, followed by what comes after the queue's last message
/// ```
final class QueueConduit implements Conduit {
    private static final int BELLS = 256;
    private static final byte MARK = -1;
    private static final int MOST_OVERFLOW = 1 << 20;
    /// A pipe has pages, and a new write may begin a new one.
    private static final int SLACK = 8 << 10;
    private static final long TYPE = 1;

    /// What a transport has to do when this side lets go of the queues.
    @FunctionalInterface
    interface Release {
        /// @param peerIsGone whether the peer has closed its ends of the pipes already
        void release(boolean peerIsGone);
    }

    private final KernelQueue receiving;
    private final KernelQueue sending;
    private final Bells bells;
    private final Release release;
    private final QueueSlot incoming;
    private final QueueSlot outgoing;
    private final int unit;
    private final long label;
    private final MemorySegment heard = Arena.ofAuto().allocate(BELLS);
    private final MemorySegment bell = Arena.ofAuto().allocate(1);
    private final MemorySegment mark = Arena.ofAuto().allocate(1).fill(MARK);
    private final MemorySegment roomHeard = Arena.ofAuto().allocate(BELLS);
    private final AtomicBoolean closed = new AtomicBoolean();
    /// What is left of the message that was received last, for the reader.
    private int left;
    private int leftAt;
    private long taken;
    /// How many messages have come since the bells were heard, for the reader.
    private int unheard;
    /// What has been heard behind the mark, for the reader.
    private int overflow;
    private int overflowAt;
    private boolean marked;
    /// Whether the rest goes through the pipe, for the writer.
    private boolean overflowing;

    /// The pipes.
    ///
    /// @param in from the peer: its life, and with System V that it has sent something
    /// @param out to the peer
    /// @param roomIn from the peer, with System V: that there is room in the queue to it; else null
    /// @param roomOut to the peer, with System V; else null
    record Bells(Descriptor in, Descriptor out, Descriptor roomIn, Descriptor roomOut) {}

    /// @param receiving the queue from the peer
    /// @param sending the queue to the peer
    /// @param unit the largest message of the kernel that this side sends
    QueueConduit(KernelQueue receiving, KernelQueue sending, int unit, Bells bells, Release release) {
        this.receiving = receiving;
        this.sending = sending;
        this.bells = bells;
        this.release = release;
        this.unit = unit;
        this.incoming = QueueSlot.collected(receiving.messageSize());
        this.outgoing = QueueSlot.collected(unit);
        this.label = isPosix() ? 0 : TYPE;
    }

    private boolean isPosix() {
        return bells.roomIn == null;
    }

    @Override
    public int read(MemorySegment to, long offset, int length) {
        if (left == 0) {
            int size = take();
            if (size == ByteStream.WOULD_BLOCK && marked) {
                return readOverflow(to, offset, length);
            }
            if (size <= 0) {
                return size;
            }
            left = size;
            leftAt = 0;
        }
        int count = Math.min(left, length);
        MemorySegment.copy(incoming.message(), leftAt, to, offset, count);
        leftAt += count;
        left -= count;
        return count;
    }

    private int readOverflow(MemorySegment to, long offset, int length) {
        if (overflow == 0) {
            return bells.in.read(to, offset, length);
        }
        int count = Math.min(overflow, length);
        MemorySegment.copy(heard, overflowAt, to, offset, count);
        overflowAt += count;
        overflow -= count;
        return count;
    }

    /// Takes a message out of the queue.
    ///
    /// @return its length, more than 0, or what [#read] answers
    private int take() {
        int size = tryTake();
        if (marked) {
            return size;
        }
        if (size != ByteStream.WOULD_BLOCK) {
            if (!isPosix() && ++unheard == BELLS) {
                int _ = hear(); // so that the pipe does not fill up with bells while there always is a message
            }
            return size;
        }
        int rung = hear();
        if (rung == ByteStream.WOULD_BLOCK || rung == ByteStream.CLOSED) {
            return rung;
        }
        size = tryTake(); // the bell rang after we had looked; or the peer is gone, and this is the last of it
        return size == ByteStream.WOULD_BLOCK && rung == ByteStream.END ? ByteStream.END : size;
    }

    /// Takes bells out of the pipe, and finds the mark.
    private int hear() {
        unheard = 0;
        int rung = bells.in.read(heard, 0, BELLS);
        for (int i = 0; i < rung && !marked; i++) {
            marked = heard.get(ValueLayout.JAVA_BYTE, i) == MARK;
            overflowAt = i + 1;
            overflow = rung - overflowAt;
        }
        return rung;
    }

    private int tryTake() {
        int size;
        do {
            size = receiving.tryReceive(incoming, 0);
        } while (size == 0); // foreign: nobody here sends nothing
        if (size > 0) {
            if (!isPosix()) {
                taken += size;
                if (taken >= unit) {
                    taken = 0;
                    bells.roomOut.write(bell, 0, 1);
                }
            }
            return size;
        }
        return answer(size, "received from");
    }

    /// What a call's error means to a stream.
    private int answer(int error, String what) {
        return switch (error) {
            case KernelQueue.AGAIN -> closed.get() ? ByteStream.CLOSED : ByteStream.WOULD_BLOCK;
            case KernelQueue.CLOSED -> ByteStream.CLOSED;
            case KernelQueue.REMOVED, KernelQueue.INVALID -> closed.get() ? ByteStream.CLOSED : ByteStream.END;
            default -> throw new SystemCallException(
                    "the queue of a channel cannot be " + what + ": " + KernelQueue.words(error));
        };
    }

    @Override
    public int write(MemorySegment from, long offset, int length) {
        if (overflowing) {
            return bells.out.write(from, offset, length);
        }
        int count = Math.min(length, unit);
        MemorySegment.copy(from, offset, outgoing.message(), 0, count);
        int answer = tryPut(count);
        if (answer == ByteStream.WOULD_BLOCK && isPosix()) {
            return bells.out.isGone() ? ByteStream.END : ByteStream.WOULD_BLOCK;
        }
        if (answer == ByteStream.WOULD_BLOCK) {
            int rung = bells.roomIn.read(roomHeard, 0, BELLS);
            return rung > 0 ? tryPut(count) : rung; // or nobody reads any more
        }
        return answer;
    }

    private int tryPut(int count) {
        int error = sending.trySend(outgoing, count, label);
        if (error != 0) {
            return answer(error, "sent to");
        }
        if (!isPosix()) {
            bells.out.write(bell, 0, 1);
        }
        return count;
    }

    @Override
    public int unread() {
        return 0;
    }

    @Override
    public Descriptor input() {
        return receiving instanceof PosixQueue posix ? posix.descriptor() : bells.in;
    }

    @Override
    public Descriptor output() {
        return sending instanceof PosixQueue posix ? posix.descriptor() : bells.roomIn;
    }

    @Override
    public int outputEvents() {
        return isPosix() ? PollSet.OUT : PollSet.IN;
    }

    /// The pipe to the peer, which has an error once nobody can read it.
    @Override
    public Descriptor life() {
        return bells.out;
    }

    /// Has the rest go through the pipe, if that holds it.
    @Override
    public void makeRoom(int bytes) {
        int needed = bells.out.unread() + 1 + bytes;
        boolean fits = needed <= bells.out.size() - SLACK
                || needed + SLACK <= MOST_OVERFLOW && bells.out.resize(needed + SLACK);
        if (!overflowing && fits && bells.out.write(mark, 0, 1) == 1) {
            overflowing = true;
        }
    }

    @Override
    public void closeOutput() {
        bells.out.close();
    }

    /// Closes what the peer reads first: so at least one of two sides that close at once sees that the other is gone.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        bells.out.close();
        sending.close();
        if (bells.roomOut != null) {
            bells.roomOut.close();
        }
        try {
            release.release(QueueCarrier.isGone(bells.in));
        } finally {
            receiving.close();
            bells.in.close();
            if (bells.roomIn != null) {
                bells.roomIn.close();
            }
        }
    }
}
