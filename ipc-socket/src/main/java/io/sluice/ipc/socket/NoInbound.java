package io.sluice.ipc.socket;

import io.sluice.ipc.Message;
import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.UnsupportedException;
import io.sluice.ipc.ring.InboundDirection;
import io.sluice.ipc.ring.RingChannel;
import io.sluice.ipc.ring.Turn;

/// The receiving direction of a channel to a group, from which nothing comes back.
final class NoInbound implements InboundDirection {
    private final RingChannel channel;
    private final Turn turn = new Turn(false, "nobody receives");

    NoInbound(RingChannel channel) {
        this.channel = channel;
    }

    private UnsupportedException refused() {
        channel.checkOpen();
        return new UnsupportedException(channel.address().withoutOptions()
                + ": this side sends to a group; bind to the group to receive from it");
    }

    @Override
    public Message receive(long deadline) {
        throw refused();
    }

    @Override
    public int poll(MessageHandler handler, int limit) {
        throw refused();
    }

    @Override
    public int serve(Sink sink, int limit) {
        throw refused();
    }

    @Override
    public boolean arm() {
        return true;
    }

    @Override
    public void wakeUp() {
        // nobody waits
    }

    @Override
    public void throwUnlessClosedInOrder() {
        throw channel.peerLost();
    }

    @Override
    public Turn turn() {
        return turn;
    }

    @Override
    public long messages() {
        return 0;
    }

    @Override
    public long bytes() {
        return 0;
    }

    @Override
    public long waits() {
        return 0;
    }

    @Override
    public long wakeups() {
        return 0;
    }
}
