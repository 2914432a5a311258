package io.sluice.ipc.ring;

import static io.sluice.ipc.ring.RingLayout.FRAGMENTED_LENGTH;
import static io.sluice.ipc.ring.RingLayout.HEADER_LENGTH;
import static io.sluice.ipc.ring.RingLayout.TYPE_FIRST;
import static io.sluice.ipc.ring.RingLayout.TYPE_LAST;
import static io.sluice.ipc.ring.RingLayout.TYPE_MIDDLE;
import static io.sluice.ipc.ring.RingLayout.TYPE_WHOLE;

import io.sluice.ipc.Claim;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.TimedOutException;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// The sending direction of a channel: puts messages into the producer's ring, whole or in fragments, and waits for room.
///
/// A message up to half the ring is one record. A larger one is cut into fragments of a quarter of the ring, so that the
/// peer takes one while the next is written. If a fragmented send is given up in the middle, the next message's first
/// record voids it. An offer cannot wait: if its message is larger than the ring, it is handed to [Overflow].
final class Outbound implements OutboundDirection {
    /// How long a close is held up by a claim that is never committed.
    private static final long CLAIM_PATIENCE_NANOS = 1_000_000_000L;

    private static final long CLAIM_PAUSE_NANOS = 100_000;

    private final RingChannel channel;
    private final RingProducer producer;
    private final PeerSignal published;
    private final WaitPoint room;
    private final Turn turn;
    private final MemoryCopy memoryCopy;
    private final Overflow overflow;
    private final RingClaim claim = new RingClaim();
    private final int capacity;
    private final int maxMessage;
    private final int maxRecord;
    private final int maxClaim;
    private final int fragment;
    private final long sendTimeoutNanos;

    private int wanted;
    private long closingSince;
    private long messages;
    private long bytes;
    private long backPressure;

    Outbound(RingChannel channel, RingPlan plan, Link link) {
        this.channel = channel;
        this.producer = new RingProducer(plan.outbound(), plan.capacity());
        this.published =
                new PeerSignal(plan.outbound(), RingLayout.CONSUMER_WAITING_OFFSET, link, plan.peerSleeps());
        this.room = new WaitPoint(
                plan.outbound(), RingLayout.PRODUCER_WAITING_OFFSET, link, plan.waiting(), this::isReady);
        this.turn = new Turn(plan.single(), channel.address() + ": sent while a claim on the same channel is open, or"
                + " from inside one; commit or abort it first");
        this.memoryCopy = link.memoryCopy();
        this.capacity = plan.capacity();
        this.maxMessage = plan.maxMessage();
        this.maxRecord = RingLayout.maxPayload(capacity);
        this.maxClaim = Math.min(maxRecord, maxMessage);
        this.fragment = capacity / 4 - HEADER_LENGTH;
        this.sendTimeoutNanos = plan.sendTimeoutNanos();
        this.overflow = new Overflow(channel, this, plan.outbound());
    }

    // ---- offering

    @Override
    public boolean offer(DirectBuffer source, int offset, int length) {
        checkLength(length);
        if (!turn.tryEnter()) {
            return pressed(false);
        }
        try {
            channel.checkSendable();
            boolean accepted = !overflow.isBusy()
                    && (length <= maxRecord
                            ? put(TYPE_WHOLE, source, offset, length)
                            : offerLarge(source, offset, length));
            return accepted ? sent(length) : pressed(accepted);
        } catch (BrokenRingException | InternalError e) {
            throw channel.cutOff(e);
        } finally {
            leave();
        }
    }

    private boolean offerLarge(DirectBuffer source, int offset, int length) {
        long fragments = length / fragment + 2L;
        // What the message takes at most: every fragment's header, and padding at the ring's end.
        long needed = length + fragments * 2 * HEADER_LENGTH + fragment;
        if (needed <= capacity) {
            if (producer.roomAfterLookingUp() < needed) {
                return false;
            }
            for (int done = 0; done < length;) {
                done += putFragment(source, offset, length, done);
            }
            return true;
        }
        if (!producer.isReady(fragment)) {
            return false;
        }
        overflow.take(source, offset, length);
        return true;
    }

    private boolean sent(int length) {
        messages++;
        bytes += length;
        return true;
    }

    private boolean pressed(boolean result) {
        backPressure++;
        return result;
    }

    private void checkLength(int length) {
        if (length > maxMessage) {
            throw new MessageTooLargeException(channel.address().withoutOptions() + ": a message of " + length
                    + " bytes was to be sent, the limit is " + maxMessage
                    + "; raise ?max-message= on both sides or send less at once");
        }
        if (length < 0) {
            throw new IllegalArgumentException("length " + length + " is negative");
        }
    }

    // ---- records; the caller has the turn or is the overflow

    private boolean put(int type, DirectBuffer source, int offset, int length) {
        int index = producer.reserve(length);
        if (index < 0) {
            return false;
        }
        write(index, source, offset, length);
        producer.publish(type, length);
        published.changed();
        return true;
    }

    /// Puts the fragment that starts after `done` bytes of the message.
    ///
    /// @return its bytes, or 0 if there is no room
    int putFragment(DirectBuffer source, int offset, int length, int done) {
        int prefix = done == 0 ? FRAGMENTED_LENGTH : 0;
        int part = Math.min(length - done, fragment - prefix);
        int index = producer.reserve(prefix + part);
        if (index < 0) {
            return 0;
        }
        if (done == 0) {
            producer.buffer().putLong(index, length);
        }
        write(index + prefix, source, offset + done, part);
        int type = done == 0 ? TYPE_FIRST : done + part == length ? TYPE_LAST : TYPE_MIDDLE;
        producer.publish(type, prefix + part);
        published.changed();
        return part;
    }

    private void write(int index, DirectBuffer source, int offset, int length) {
        boolean isWritten = false;
        try {
            if (length >= MemoryCopy.WORTHWHILE && source instanceof SegmentBuffer buffer) {
                memoryCopy.copy(
                        buffer.segment(), offset, producer.buffer().segment(), index, length);
            } else {
                producer.buffer().putBytes(index, source, offset, length);
            }
            isWritten = true;
        } finally {
            if (!isWritten) {
                producer.abandon(); // the source is shorter than was said
            }
        }
    }

    boolean hasRoomForFragment() {
        return producer.isReady(fragment);
    }

    // ---- sending

    @Override
    public void send(DirectBuffer source, int offset, int length) throws InterruptedException {
        checkLength(length);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        long deadline = Deadline.after(sendTimeoutNanos);
        if (!turn.enter(Deadline.remaining(deadline))) {
            throw timedOut(length);
        }
        try {
            channel.checkSendable();
            if (overflow.isBusy()) {
                backPressure++;
                awaitOverflow(deadline, length);
            }
            if (length <= maxRecord) {
                while (!put(TYPE_WHOLE, source, offset, length)) {
                    awaitRoom(length, deadline, length);
                }
            } else {
                for (int done = 0; done < length;) {
                    int part = putFragment(source, offset, length, done);
                    if (part == 0) {
                        awaitRoom(fragment, deadline, length);
                    }
                    done += part;
                }
            }
            sent(length);
        } catch (BrokenRingException | InternalError e) {
            throw channel.cutOff(e);
        } finally {
            leave();
        }
    }

    private void awaitRoom(int payload, long deadline, int length) throws InterruptedException {
        backPressure++;
        wanted = payload;
        if (!room.await(deadline)) {
            throw timedOut(length);
        }
        channel.checkSendable();
    }

    private void awaitOverflow(long deadline, int length) throws InterruptedException {
        if (!overflow.await(Deadline.remaining(deadline))) {
            throw timedOut(length);
        }
        channel.checkSendable();
    }

    private boolean isReady() {
        return channel.isOver() || producer.isReady(wanted);
    }

    private TimedOutException timedOut(int length) {
        return new TimedOutException(channel.address().withoutOptions() + ": the peer made no room for a message of "
                + length + " bytes within send-timeout; it is stopped, or slower than this sender");
    }

    // ---- claiming

    @Override
    public Claim tryClaim(int length) {
        if (length > maxClaim) {
            throw new MessageTooLargeException(channel.address().withoutOptions() + ": a claim of " + length
                    + " bytes, the limit is " + maxClaim
                    + "; send or offer it, or raise ?capacity= (a claim takes up to half of it)");
        }
        if (length < 0) {
            throw new IllegalArgumentException("length " + length + " is negative");
        }
        if (!turn.tryEnterToClaim()) {
            pressed(false);
            return null;
        }
        boolean claimed = false;
        try {
            channel.checkSendable();
            if (overflow.isBusy() || producer.reserve(length) < 0) {
                pressed(false);
                return null;
            }
            claim.length = length;
            claimed = true;
            return claim;
        } catch (BrokenRingException | InternalError e) {
            throw channel.cutOff(e);
        } finally {
            if (!claimed) {
                leave();
            }
        }
    }

    /// What the application has claimed. Where it is follows from the producer and whose it is from the turn, because every
    /// field that is stored for a message makes a stream slower.
    private final class RingClaim implements Claim {
        private int length;

        @Override
        public MutableDirectBuffer buffer() {
            return producer.buffer();
        }

        @Override
        public int offset() {
            return producer.reservedIndex();
        }

        @Override
        public int length() {
            return length;
        }

        @Override
        public void commit() {
            checkMine();
            boolean isPublished = false;
            try {
                channel.checkOpen();
                producer.publish(TYPE_WHOLE, length);
                isPublished = true;
                published.changed();
                sent(length);
            } catch (InternalError e) {
                throw channel.cutOff(e);
            } finally {
                if (!isPublished) {
                    producer.abandon();
                }
                leave();
            }
        }

        @Override
        public void abort() {
            checkMine();
            producer.abandon();
            leave();
        }

        private void checkMine() {
            if (!turn.isMyClaim()) {
                throw new IllegalStateException(
                        channel.address() + ": the claim is not open, or was opened by another thread");
            }
        }
    }

    // ---- closing

    private void leave() {
        turn.exit();
        channel.occupancy().turnLeft();
    }

    /// Waits until what was accepted is in the ring, then marks its end. The channel is closed to senders already.
    @Override
    public void close() {
        closingSince = System.nanoTime();
        room.wakeUp();
        overflow.wakeSenders();
        boolean entered = turn.enterToClose(CLAIM_PATIENCE_NANOS);
        try {
            overflow.awaitUninterruptibly(sendTimeoutNanos);
            if (!channel.isCutOff()) {
                producer.close(RingLayout.CLOSED_IN_ORDER);
            }
        } finally {
            if (entered) {
                turn.exit();
            }
        }
    }

    /// Waits until a claim of another thread has ended, which nobody can commit any more; one that does not end is no
    /// longer taken for a use of the memory, so that it does not keep it for ever.
    @Override
    public void giveUpClaim() {
        while (turn.isClaimed() && !turn.isMine()) {
            if (System.nanoTime() - closingSince > CLAIM_PATIENCE_NANOS) {
                turn.giveUp();
                return;
            }
            LockSupport.parkNanos(CLAIM_PAUSE_NANOS);
        }
    }

    @Override
    public void cutOff() {
        producer.close(RingLayout.CLOSED_FOR_CAUSE);
    }

    /// An overflow, when passed on, reports by itself.
    @Override
    public void arm() {
        channel.visit();
        try {
            if (!overflow.isBusy()) {
                room.arm();
            }
        } catch (InternalError e) {
            throw channel.cutOff(e);
        } finally {
            channel.occupancy().leave();
        }
    }

    @Override
    public void onNotified() {
        room.wakeUp();
        overflow.passOn();
    }

    @Override
    public boolean isBusy() {
        return overflow.isBusy() || !turn.isFree() && !turn.isMine();
    }

    @Override
    public Turn turn() {
        return turn;
    }

    Overflow overflow() {
        return overflow;
    }

    @Override
    public long messages() {
        return messages;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public long backPressure() {
        return backPressure;
    }

    @Override
    public long waits() {
        return room.waits();
    }

    @Override
    public long wakeups() {
        return published.wakeups();
    }
}
