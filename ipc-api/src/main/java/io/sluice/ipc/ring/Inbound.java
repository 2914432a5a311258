package io.sluice.ipc.ring;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Message;
import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.TimedOutException;
import org.agrona.DirectBuffer;

/// The receiving direction of a channel: takes messages out of the consumer's ring, and waits for them.
///
/// Public for transports that receive through a ring but send in another way; see [RingFeed].
public final class Inbound implements InboundDirection {
    /// What [#poll] returns if a thread other than the caller is receiving.
    private static final int NOTHING = 0;

    private final RingChannel channel;
    private final Link link;
    private final RingConsumer consumer;
    private final PeerSignal roomFreed;
    private final WaitPoint arrival;
    private final Turn turn;
    private final Delivery delivery = new Delivery();

    private long messages;
    private long bytes;

    /// @param channel that receives
    /// @param plan whose inbound ring it is
    /// @param link to the peer
    public Inbound(RingChannel channel, RingPlan plan, Link link) {
        this.channel = channel;
        this.link = link;
        // Even a peer that never sleeps waits for room now and then: its overflow does.
        this.roomFreed = new PeerSignal(plan.inbound(), RingLayout.PRODUCER_WAITING_OFFSET, link, true);
        this.consumer = new RingConsumer(plan.inbound(), plan.capacity(), plan.maxMessage(), roomFreed);
        this.arrival =
                new WaitPoint(plan.inbound(), RingLayout.CONSUMER_WAITING_OFFSET, link, plan.waiting(), this::isReady);
        this.turn = new Turn(
                plan.single(),
                channel.address() + ": received from inside a handler of the same channel; return from it first");
    }

    /// Hands each message to whoever receives now; one object for the life of the channel, so that nothing is allocated.
    private final class Delivery implements Sink, MessageHandler {
        MessageHandler handler;
        Sink server;
        byte[] copy;

        @Override
        public boolean accept(SegmentBuffer buffer, int offset, int length) {
            if (channel.isOver() && channel.isClosedHere()) {
                return false; // by the handler of the message before
            }
            if (server != null) {
                if (!server.accept(buffer, offset, length)) {
                    return false;
                }
            } else {
                handler.onMessage(buffer, offset, length);
            }
            messages++;
            bytes += length;
            return true;
        }

        @Override
        public void onMessage(DirectBuffer buffer, int offset, int length) {
            copy = new byte[length];
            buffer.getBytes(offset, copy);
        }
    }

    @Override
    public int poll(MessageHandler handler, int limit) {
        if (!turn.tryEnter()) {
            return NOTHING;
        }
        try {
            delivery.handler = handler;
            return take(limit);
        } finally {
            delivery.handler = null;
            leave();
        }
    }

    @Override
    public int serve(Sink server, int limit) {
        if (!turn.tryEnter()) {
            return NOTHING;
        }
        try {
            delivery.server = server;
            return take(limit);
        } finally {
            delivery.server = null;
            leave();
        }
    }

    @Override
    public Message receive(long deadline) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (!turn.enter(Deadline.remaining(deadline))) {
            throw timedOut();
        }
        try {
            delivery.handler = delivery;
            int taken = take(1);
            while (taken == 0) {
                if (!arrival.await(deadline)) {
                    throw timedOut();
                }
                taken = take(1);
                // A peer that sends fragments without an end keeps us ready for ever.
                if (taken == 0 && Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (taken == 0 && Deadline.remaining(deadline) == 0) {
                    throw timedOut();
                }
            }
            return taken < 0 ? null : new Message(delivery.copy);
        } catch (InternalError e) {
            throw channel.cutOff(e);
        } finally {
            delivery.handler = null;
            delivery.copy = null;
            leave();
        }
    }

    private void leave() {
        turn.exit();
        channel.occupancy().turnLeft();
    }

    /// The core of all ways to receive: what is there, else what its absence means.
    private int take(int limit) {
        if (channel.isOver()) {
            channel.checkOpen();
            consumer.producerIsGone();
        }
        int taken;
        try {
            taken = consumer.poll(delivery, limit);
            if (taken == 0 && link.bringIn()) {
                taken = consumer.poll(delivery, limit);
            }
            if (taken == 0 && channel.isPeerGone()) {
                taken = takeLast(limit);
            }
        } catch (BrokenRingException | InternalError e) {
            throw channel.cutOff(e);
        }
        if (taken == Channel.END) {
            throwUnlessClosedInOrder();
        }
        return taken;
    }

    /// The peer is gone: what it published before is still there, and is all that will ever be.
    private int takeLast(int limit) {
        int taken = consumer.poll(delivery, limit);
        return taken != 0 || consumer.isReady() ? taken : Channel.END;
    }

    private TimedOutException timedOut() {
        return new TimedOutException(channel.address().withoutOptions() + ": no message arrived in time");
    }

    @Override
    public boolean arm() {
        channel.visit();
        try {
            arrival.arm();
            return !isReady();
        } catch (InternalError e) {
            throw channel.cutOff(e);
        } finally {
            channel.occupancy().leave();
        }
    }

    /// Whether there is something to take, or a reason to stop waiting.
    boolean isReady() {
        return isThere() || link.bringIn() && isThere();
    }

    private boolean isThere() {
        return channel.isOver() || consumer.isReady();
    }

    @Override
    public void throwUnlessClosedInOrder() {
        int how;
        try {
            how = consumer.producerClosed();
        } catch (InternalError e) {
            throw channel.cutOff(e);
        }
        switch (how) {
            case RingLayout.CLOSED_IN_ORDER -> {}
            case RingLayout.CLOSED_FOR_CAUSE -> throw channel.cutOffByPeer();
            default -> throw channel.peerLost();
        }
    }

    @Override
    public Turn turn() {
        return turn;
    }

    @Override
    public void wakeUp() {
        arrival.wakeUp();
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
    public long waits() {
        return arrival.waits();
    }

    @Override
    public long wakeups() {
        return roomFreed.wakeups();
    }
}
