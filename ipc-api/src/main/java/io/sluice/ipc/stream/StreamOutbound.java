package io.sluice.ipc.stream;

import io.sluice.ipc.Claim;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.UnsupportedException;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.ring.Turn;
import io.sluice.ipc.spi.WaitStrategy;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// The sending direction of a channel: who may send, what is refused, and waiting for room.
///
/// A sender has the turn for its whole call, or until its claim is committed. What it sends goes through the [Backlog], which
/// says when it is written.
final class StreamOutbound {
    /// How long a close waits for a claim that is open.
    private static final long CLAIM_PATIENCE_NANOS = 1_000_000_000L;

    private final StreamChannel channel;
    private final ByteStream stream;
    private final StreamPlan plan;
    private final Turn turn;
    private final int maxClaim;
    private final StreamClaim claim = new StreamClaim();
    private final Backlog backlog;

    private long messages;
    private long messageBytes;
    private long backPressure;
    private long waits;

    StreamOutbound(StreamChannel channel, ByteStream stream, StreamPlan plan) {
        this.channel = channel;
        this.stream = stream;
        this.plan = plan;
        // There is a lock with threads=single, too: what was gathered is written in the background.
        this.turn = new Turn(
                false,
                channel.address() + ": sent while a claim on the same channel is open, or from inside one;"
                        + " commit or abort it first");
        this.backlog = new Backlog(channel, stream, plan.framing());
        this.maxClaim = plan.framing() == Framing.LENGTH
                ? Math.min(plan.maxMessage(), Backlog.GATHERED - plan.framing().overhead)
                : 0;
    }

    int maxClaim() {
        return maxClaim;
    }

    // ---- offering

    boolean offer(DirectBuffer source, int offset, int length) {
        checkLength(length);
        if (!turn.tryEnter()) {
            return pressed();
        }
        try {
            channel.checkSendable();
            checkFrame(source, offset, length);
            if (!backlog.offer(source, offset, length)) {
                channel.checkSendable();
                return pressed();
            }
            checkWritten();
            return sent(length);
        } finally {
            turn.exit();
        }
    }

    private boolean sent(int length) {
        messages++;
        messageBytes += length;
        return true;
    }

    private boolean pressed() {
        backPressure++;
        return false;
    }

    private void checkLength(int length) {
        if (length > plan.maxMessage()) {
            throw new MessageTooLargeException(channel.address().withoutOptions() + ": a message of " + length
                    + " bytes was to be sent, the limit is " + plan.maxMessage()
                    + "; raise ?max-message= on both sides or send less at once");
        }
        if (length < 0) {
            throw new IllegalArgumentException("length " + length + " is negative");
        }
    }

    /// Refuses what the framing cannot carry.
    private void checkFrame(DirectBuffer source, int offset, int length) {
        source.boundsCheck(offset, length);
        if (plan.framing() == Framing.LINE) {
            for (int i = 0; i < length; i++) {
                if (source.getByte(offset + i) == '\n') {
                    throw new UnsupportedException(channel.address().withoutOptions()
                            + ": a message with a line feed, at byte " + i + ", is more than one line; send the lines"
                            + " one by one, or use ?framing=length or raw");
                }
            }
        }
    }

    /// A flush has found that nobody reads any more: what waited is lost, and its senders are to know.
    private void checkWritten() {
        if (backlog.isBroken()) {
            channel.checkSendable();
        }
    }

    // ---- sending

    void send(DirectBuffer source, int offset, int length) throws InterruptedException {
        checkLength(length);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        long deadline = Deadline.after(plan.sendTimeout());
        if (!turn.enter(Deadline.remaining(deadline))) {
            throw timedOut(length);
        }
        try {
            channel.checkSendable();
            checkFrame(source, offset, length);
            long last = put(source, offset, length, deadline);
            if (last != Backlog.WRITTEN) {
                awaitWritten(last, length, deadline);
            }
            checkWritten();
            sent(length);
        } finally {
            turn.exit();
        }
    }

    /// Waits for room, and puts the message there.
    ///
    /// @return [Backlog#WRITTEN], or up to where has to be written until the message is
    private long put(DirectBuffer source, int offset, int length, long deadline) throws InterruptedException {
        while (true) {
            long last = backlog.put(source, offset, length);
            if (last != Backlog.NO_ROOM) {
                return last;
            }
            backPressure++;
            if (!await(deadline)) {
                throw timedOut(length);
            }
            channel.checkSendable();
        }
    }

    private void awaitWritten(long last, int length, long deadline) throws InterruptedException {
        backPressure++;
        boolean done = false;
        try {
            while (!done) {
                if (!await(deadline)) {
                    if (backlog.withdraw(last, length)) {
                        done = true;
                        throw timedOut(length);
                    }
                    return; // it has begun, and goes on in the background
                }
                channel.checkSendable();
                done = backlog.flushUpTo(last);
            }
        } catch (InterruptedException e) {
            if (backlog.withdraw(last, length)) {
                throw e;
            }
            Thread.currentThread().interrupt(); // it has begun, so it is sent; the next call hears of the interrupt
        } finally {
            if (!done) {
                backlog.withdraw(last, length);
            }
        }
    }

    /// Waits until something can be written, or for no reason at all.
    ///
    /// @return false if the deadline has passed
    private boolean await(long deadline) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        long nanos = Deadline.remaining(deadline);
        if (nanos == 0) {
            return false;
        }
        if (plan.waiting() == WaitStrategy.SPIN) {
            Thread.onSpinWait();
        } else if (!channel.isClosedHere()) {
            waits++;
            stream.awaitWritable(nanos);
        }
        return true;
    }

    private TimedOutException timedOut(int length) {
        return new TimedOutException(channel.address().withoutOptions() + ": the peer made no room for a message of "
                + length + " bytes within send-timeout; it is stopped, or slower than this sender");
    }

    // ---- claiming

    Claim tryClaim(int length) {
        if (length > maxClaim) {
            throw new MessageTooLargeException(channel.address().withoutOptions() + ": a claim of " + length
                    + " bytes, the limit is " + maxClaim + "; send or offer it");
        }
        if (length < 0) {
            throw new IllegalArgumentException("length " + length + " is negative");
        }
        if (!turn.tryEnter()) {
            pressed();
            return null;
        }
        boolean open = false;
        try {
            channel.checkSendable();
            int offset = backlog.claim(length);
            if (offset == Backlog.NO_ROOM) {
                channel.checkSendable();
                pressed();
                return null;
            }
            claim.offset = offset;
            claim.length = length;
            claim.open = true;
            open = true;
            return claim;
        } finally {
            if (!open) {
                turn.exit();
            }
        }
    }

    private final class StreamClaim implements Claim {
        private int offset;
        private int length;
        private boolean open;

        @Override
        public MutableDirectBuffer buffer() {
            return backlog.buffer();
        }

        @Override
        public int offset() {
            return offset;
        }

        @Override
        public int length() {
            return length;
        }

        @Override
        public void commit() {
            end();
            try {
                channel.checkSendable();
                if (!backlog.commit(length)) {
                    channel.checkSendable();
                }
                checkWritten();
                sent(length);
            } finally {
                backlog.abort();
                turn.exit();
            }
        }

        @Override
        public void abort() {
            end();
            backlog.abort();
            turn.exit();
        }

        private void end() {
            if (!open || !turn.isMine()) {
                throw new IllegalStateException(
                        channel.address() + ": the claim is not open, or was opened by another thread");
            }
            open = false;
        }
    }

    // ---- closing

    /// Puts the closing frame behind all that was accepted, and writes what there is room for. The channel is closed to
    /// senders already.
    ///
    /// @return whether all is written
    boolean beginClose() {
        boolean entered = turn.enterToClose(CLAIM_PATIENCE_NANOS);
        try {
            return backlog.close();
        } finally {
            if (entered) {
                turn.exit();
            }
        }
    }

    /// Waits until all is written, or for as long as a send would.
    void awaitWritten() {
        long deadline = Deadline.after(plan.sendTimeout());
        boolean interrupted = false;
        while (!backlog.flushNow() && Deadline.remaining(deadline) > 0) {
            try {
                stream.awaitWritable(Deadline.remaining(deadline));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    Backlog backlog() {
        return backlog;
    }

    long messages() {
        return messages;
    }

    long messageBytes() {
        return messageBytes;
    }

    long backPressure() {
        return backPressure;
    }

    long waits() {
        return waits;
    }
}
