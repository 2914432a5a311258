package io.sluice.ipc.stream;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Message;
import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.ring.Turn;
import org.agrona.DirectBuffer;

/// The receiving direction of a channel: finds messages in what its [Intake] has read, hands them over where they are, and
/// waits. The turn is a receiver's for its whole call, handlers included.
final class StreamInbound {
    private static final int NOTHING = 0;
    private static final boolean ONE_PROCESSOR = Runtime.getRuntime().availableProcessors() == 1;

    private final StreamChannel channel;
    private final ByteStream stream;
    private final StreamPlan plan;
    private final Turn turn;
    private final Intake intake;
    private final GrowingBuffer bytes;
    private final NextMessage next;
    private final Delivery delivery = new Delivery();
    private final Patience patience = new Patience();
    private long messages;
    private long messageBytes;
    private long waits;

    StreamInbound(StreamChannel channel, ByteStream stream, StreamPlan plan) {
        this.channel = channel;
        this.stream = stream;
        this.plan = plan;
        this.intake = new Intake(channel, stream, plan);
        this.bytes = intake.bytes();
        this.next = new NextMessage(bytes, plan);
        this.turn = new Turn(
                false,
                channel.address() + ": received from inside a handler of the same channel; return from it first");
    }

    /// Hands each message to whoever receives now; one object for the life of the channel, so that nothing is allocated.
    private final class Delivery implements MessageHandler {
        MessageHandler handler;
        StreamChannel.Sink server;
        byte[] copy;

        boolean accept() {
            SegmentBuffer buffer = bytes.buffer();
            if (server != null) {
                return server.accept(buffer, next.at(), next.length());
            }
            handler.onMessage(buffer, next.at(), next.length());
            return true;
        }

        @Override
        public void onMessage(DirectBuffer buffer, int offset, int size) {
            copy = new byte[size];
            buffer.getBytes(offset, copy);
        }
    }

    int poll(MessageHandler handler, int limit) {
        channel.checkReceives();
        if (!turn.tryEnter()) {
            return NOTHING;
        }
        try {
            delivery.handler = handler;
            int taken = take(limit);
            if (taken == NOTHING) {
                channel.outbound().backlog().flushBeforeWaiting();
            }
            return taken;
        } finally {
            delivery.handler = null;
            turn.exit();
        }
    }

    /// As [#poll], for a sink that may leave a message where it is.
    int serve(StreamChannel.Sink server, int limit) {
        if (!plan.receives()) {
            return serveNothing();
        }
        if (!turn.tryEnter()) {
            return NOTHING;
        }
        try {
            delivery.server = server;
            return take(limit);
        } finally {
            delivery.server = null;
            turn.exit();
        }
    }

    /// Where messages only go out, all that can come is the end.
    private int serveNothing() {
        channel.checkOpen();
        int read = intake.fill(next.wanted());
        if (read > 0 && end() == Intake.End.OPEN) {
            throw channel.cutOff(new BrokenStreamException("the peer sent a message where none may go"));
        }
        return read < 0 || end() != Intake.End.OPEN ? atTheEnd() : NOTHING;
    }

    Message receive(long deadline) throws InterruptedException {
        channel.checkReceives();
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (!turn.enter(Deadline.remaining(deadline))) {
            throw timedOut();
        }
        try {
            delivery.handler = delivery;
            // A pipe that the last read has emptied is waited for at once: that tells as well whether something is there.
            int taken = intake.isDrained() ? takeWhatIsThere() : take(1);
            while (taken == 0) {
                if (!await(deadline)) {
                    taken = take(1);
                    if (taken == 0) {
                        throw timedOut();
                    }
                } else {
                    taken = take(1);
                }
            }
            return taken < 0 ? null : new Message(delivery.copy);
        } finally {
            delivery.handler = null;
            delivery.copy = null;
            turn.exit();
        }
    }

    private TimedOutException timedOut() {
        return new TimedOutException(channel.address().withoutOptions() + ": no message arrived in time");
    }

    // ---- taking messages; the caller has the turn

    private int takeWhatIsThere() {
        channel.checkOpen();
        try {
            return deliver(1);
        } catch (BrokenStreamException e) {
            throw channel.cutOff(e);
        }
    }

    private int take(int limit) {
        channel.checkOpen();
        try {
            int taken = 0;
            while (taken == 0) {
                taken = deliver(limit);
                if (taken != 0) {
                    return Math.max(0, taken);
                }
                int read = intake.fill(next.wanted());
                if (read == ByteStream.WOULD_BLOCK) {
                    return NOTHING;
                }
                if (read < 0) {
                    taken = deliver(limit); // a last line without its end
                    return taken != 0 ? Math.max(0, taken) : atTheEnd();
                }
            }
            return taken;
        } catch (BrokenStreamException e) {
            throw channel.cutOff(e);
        }
    }

    /// Hands over what is there, up to the limit.
    ///
    /// @return how many, or -1 if the first was refused, or the channel closed before it
    private int deliver(int limit) {
        int taken = 0;
        while (taken < limit && next.find(intake.isAtEnd())) {
            if (channel.isClosedHere()) {
                return taken > 0 ? taken : -1; // by the handler of the message before
            }
            int whole = next.whole();
            int length = next.length();
            next.take();
            messages++;
            messageBytes += length;
            if (!delivery.accept()) {
                bytes.restore(whole);
                messages--;
                messageBytes -= length;
                return taken > 0 ? taken : -1;
            }
            taken++;
        }
        return taken;
    }

    /// What there is when the peer's stream has ended and everything was taken.
    private int atTheEnd() {
        return switch (end()) {
            case CLOSED -> Channel.END;
            case CUT_OFF -> throw channel.cutOffByPeer();
            case LOST, OPEN -> throw channel.peerLost();
        };
    }

    // ---- waiting

    /// Waits until there is something to read, or a reason to stop.
    ///
    /// @return false if the deadline passed
    private boolean await(long deadline) throws InterruptedException {
        channel.outbound().backlog().flushBeforeWaiting();
        return switch (plan.waiting()) {
            case SPIN -> spin(deadline, Long.MAX_VALUE);
            case ADAPTIVE -> {
                long start = System.nanoTime();
                boolean inTime = !ONE_PROCESSOR && spin(deadline, patience.nanos()) || sleep(deadline);
                patience.waited(System.nanoTime() - start);
                yield inTime;
            }
            case BLOCK -> sleep(deadline);
        };
    }

    private boolean sleep(long deadline) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        long nanos = Deadline.remaining(deadline);
        if (nanos == 0) {
            return false;
        }
        waits++;
        if (!channel.isClosedHere()) {
            stream.awaitReadable(nanos);
        }
        return true;
    }

    /// Reads again and again, for some time at most.
    private boolean spin(long deadline, long atMostNanos) throws InterruptedException {
        long start = System.nanoTime();
        do {
            if (intake.fill(next.wanted()) != ByteStream.WOULD_BLOCK || channel.isClosedHere()) {
                return true;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Thread.onSpinWait();
        } while (System.nanoTime() - start < atMostNanos && Deadline.remaining(deadline) > 0);
        return false;
    }

    Intake.End end() {
        return intake.end();
    }

    /// How the peer's stream ends, for a sender; see [Intake#lookAhead()].
    Intake.End lookAhead() {
        return intake.lookAhead();
    }

    long messages() {
        return messages;
    }

    long messageBytes() {
        return messageBytes;
    }

    long waits() {
        return waits;
    }
}
