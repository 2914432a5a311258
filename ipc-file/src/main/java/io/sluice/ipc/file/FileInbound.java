package io.sluice.ipc.file;

import io.sluice.ipc.Channel;
import io.sluice.ipc.DamagedException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.Message;
import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.ring.BrokenRingException;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.ring.InboundDirection;
import io.sluice.ipc.ring.Link;
import io.sluice.ipc.ring.RingChannel;
import io.sluice.ipc.ring.Turn;
import io.sluice.ipc.ring.WaitPoint;
import io.sluice.ipc.spi.StandardOptions;
import java.util.Optional;
import org.agrona.DirectBuffer;

/// The receiving direction of a channel in files: the tailer of a journal to which the peer alone appends.
final class FileInbound implements InboundDirection {
    private static final int NOTHING = 0;

    private final RingChannel channel;
    private final Session session;
    private final Tailer tailer;
    private final Optional<Forgetting> forgetting;
    private final WaitPoint arrival;
    private final Turn turn;
    private final Delivery delivery = new Delivery();

    private long messages;
    private long bytes;

    FileInbound(RingChannel channel, Session session, Link link) {
        this.channel = channel;
        this.session = session;
        this.tailer = session.tailer();
        this.forgetting = session.keep().map(time -> new Forgetting(tailer, time));
        int offset = session.client ? SessionLayout.CLIENT_WAITING_OFFSET : SessionLayout.SERVER_WAITING_OFFSET;
        this.arrival = new WaitPoint(
                session.words.memory(), offset, link, StandardOptions.WAIT.of(channel.address()), this::isReady);
        this.turn = new Turn(
                StandardOptions.THREADS.of(channel.address()) == StandardOptions.Threads.SINGLE,
                channel.address() + ": received from inside a handler of the same channel; return from it first");
    }

    /// Hands each message to whoever receives now; one object for the life of the channel, so that nothing is allocated.
    private final class Delivery implements Sink, MessageHandler {
        private MessageHandler handler;
        private Sink server;
        private byte[] copy;

        @Override
        public boolean accept(SegmentBuffer buffer, int offset, int length) {
            if (channel.isClosedHere()) {
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
    public int serve(Sink sink, int limit) {
        if (!turn.tryEnter()) {
            return NOTHING;
        }
        try {
            delivery.server = sink;
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
            int taken;
            while ((taken = take(1)) == 0) {
                if (!arrival.await(deadline)) {
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
        channel.checkOpen();
        boolean gone = channel.isPeerGone(); // before the look: what it has sent is there, then
        int taken;
        try {
            taken = tailer.take(delivery, limit);
            if (forgetting.isPresent()) {
                forgetting.get().received();
            }
        } catch (DamagedException | HandshakeException e) {
            throw channel.cutOff(new BrokenRingException(e.getMessage()));
        } catch (InternalError e) {
            throw channel.cutOff(e);
        }
        if (taken == 0 && gone && !channel.isClosedHere() && !tailer.isReadable()) {
            // A claim may be there still; nobody will make it a message any more.
            throwUnlessClosedInOrder();
            return Channel.END;
        }
        return taken;
    }

    private TimedOutException timedOut() {
        return new TimedOutException(channel.address().withoutOptions() + ": no message arrived in time");
    }

    @Override
    public boolean arm() {
        channel.visit();
        try {
            arrival.arm();
            if (!turn.tryEnter()) {
                return true; // another thread receives
            }
            try {
                return !isReady();
            } finally {
                turn.exit();
            }
        } catch (InternalError e) {
            throw channel.cutOff(e);
        } finally {
            channel.occupancy().leave();
        }
    }

    /// Whether there is something to take, or a reason to stop waiting. By whoever has the turn.
    private boolean isReady() {
        return channel.isOver() || tailer.isReadable();
    }

    @Override
    public void throwUnlessClosedInOrder() {
        int offset = session.client ? SessionLayout.SERVER_CLOSED_OFFSET : SessionLayout.CLIENT_CLOSED_OFFSET;
        long how;
        try {
            how = session.words.get(offset);
        } catch (InternalError e) {
            throw channel.cutOff(e);
        }
        if (how == SessionLayout.CLOSED_FOR_CAUSE) {
            throw channel.cutOffByPeer();
        } else if (how != SessionLayout.CLOSED_IN_ORDER) {
            throw channel.peerLost();
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
        return 0;
    }
}
