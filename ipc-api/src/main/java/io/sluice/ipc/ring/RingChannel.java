package io.sluice.ipc.ring;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capabilities;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.ChannelStats;
import io.sluice.ipc.Claim;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.Message;
import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.Peer;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.ProtocolException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.DirectBuffer;

/// A channel on two rings: an [Outbound] and an [Inbound] direction, and the life they share.
///
/// A channel ends in one of four ways, and each is one field: this side closes it, this side cuts it off because the peer
/// broke the protocol, the peer closes its link (in order or for cause: its ring says which), or the peer dies (its link
/// closes, and its ring says nothing). When this side has closed, its memory is freed by the last thread that leaves it; see
/// [Occupancy].
public final class RingChannel implements Channel {
    private final Address address;
    private final Link link;
    private final int slot;
    private final Capabilities capabilities;
    private final Inbound inbound;
    private final Outbound outbound;
    private final Occupancy occupancy;

    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile boolean peerGone;
    private volatile ProtocolException cause;
    private volatile Runnable listener = () -> {};

    /// @param address the address that the application used
    /// @param plan the memory and what was agreed on
    /// @param link to the peer
    /// @param promises what the transport promises
    public RingChannel(Address address, RingPlan plan, Link link, Set<Capability> promises) {
        this.address = address;
        this.link = link;
        this.capabilities = new Capabilities(
                promises, plan.maxMessage(), Math.min(plan.maxMessage(), RingLayout.maxPayload(plan.capacity())));
        this.slot = plan.slot();
        this.inbound = new Inbound(this, plan, link);
        this.outbound = new Outbound(this, plan, link);
        this.occupancy = new Occupancy(inbound.turn(), outbound.turn(), link::release);
    }

    // ---- the API

    @Override
    public void send(DirectBuffer buffer, int offset, int length) throws InterruptedException {
        outbound.send(buffer, offset, length);
    }

    @Override
    public boolean offer(DirectBuffer buffer, int offset, int length) {
        return outbound.offer(buffer, offset, length);
    }

    @Override
    public Claim tryClaim(int length) {
        return outbound.tryClaim(length);
    }

    @Override
    public Message receive() throws InterruptedException {
        return inbound.receive(Deadline.NEVER);
    }

    @Override
    public Message receive(Duration timeout) throws InterruptedException {
        return inbound.receive(Deadline.after(timeout));
    }

    @Override
    public int poll(MessageHandler handler, int limit) {
        return inbound.poll(handler, limit);
    }

    @Override
    public Address address() {
        return address;
    }

    @Override
    public Peer peer() {
        return link.peer();
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public ChannelStats stats() {
        return new ChannelStats(
                outbound.messages(),
                outbound.bytes(),
                inbound.messages(),
                inbound.bytes(),
                outbound.backPressure(),
                inbound.waits() + outbound.waits(),
                inbound.wakeups() + outbound.wakeups(),
                0);
    }

    @Override
    public boolean isOpen() {
        return !closing.get();
    }

    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            end();
        }
    }

    /// As [#close()], for a thread that must not wait: if a large message is still being passed on, or somebody is sending or
    /// has a claim, another thread waits for that.
    ///
    /// @return the other thread, or null if there is none
    Thread closeWithoutWaiting() {
        if (!closing.compareAndSet(false, true)) {
            return null;
        }
        if (outbound.isBusy()) {
            return Thread.ofVirtual().name("ipc-close").start(this::end);
        }
        end();
        return null;
    }

    private void end() {
        try {
            inbound.wakeUp();
            outbound.close();
        } catch (InternalError e) {
            // The peer has truncated the memory: so it cannot be told any more, but all else goes on.
        } finally {
            link.disconnect();
            changed();
            occupancy.end();
            outbound.giveUpClaim();
            occupancy.turnLeft();
        }
    }

    /// Who is inside the memory.
    Occupancy occupancy() {
        return occupancy;
    }

    /// Enters the memory without a turn; [Occupancy#leave()] must follow.
    void visit() {
        if (!occupancy.visit()) {
            throw closed();
        }
    }

    // ---- what the transport reports

    /// The peer has notified this process: a thread of it waits no longer in vain.
    public void onNotified() {
        if (!occupancy.visit()) {
            return;
        }
        try {
            inbound.wakeUp();
            outbound.wakeUp();
            outbound.overflow().passOn();
        } catch (BrokenRingException | InternalError e) {
            cutOff(e);
        } finally {
            occupancy.leave();
        }
    }

    /// The peer has closed its link, or its process is gone. May be called more than once.
    public void onPeerGone() {
        peerGone = true;
        onNotified();
        changed();
    }

    /// The peer has sent something on the link that cannot be; ends the channel.
    ///
    /// @param what happened, in words
    public void onGarbage(String what) {
        cutOff(new BrokenRingException(what));
        onPeerGone();
    }

    // ---- serving

    /// Has the listener run when something happens that rings no doorbell: this side closes or cuts off, the peer is gone,
    /// an overflow is passed on.
    void onChange(Runnable newListener) {
        listener = newListener;
    }

    void changed() {
        listener.run();
    }

    /// The bit in the endpoint's doorbell.
    int slot() {
        return slot;
    }

    Inbound inbound() {
        return inbound;
    }

    Outbound outbound() {
        return outbound;
    }

    // ---- state, and the words for it

    boolean isClosedHere() {
        return closing.get();
    }

    boolean isPeerGone() {
        return peerGone;
    }

    boolean isCutOff() {
        return cause != null;
    }

    /// Whether there is no point in waiting for the peer any more.
    boolean isOver() {
        return peerGone || closing.get() || cause != null;
    }

    void checkOpen() {
        if (closing.get()) {
            throw closed();
        }
        ProtocolException broken = cause;
        if (broken != null) {
            throw again(broken);
        }
    }

    private static ProtocolException again(ProtocolException broken) {
        return new ProtocolException(broken.getMessage(), broken);
    }

    void checkSendable() {
        checkOpen();
        if (peerGone) {
            inbound.throwUnlessClosedInOrder();
            throw new ClosedException(address.withoutOptions() + ": the peer has closed the channel");
        }
    }

    private ClosedException closed() {
        return new ClosedException(address.withoutOptions() + ": this side has closed the channel");
    }

    PeerLostException peerLost() {
        return new PeerLostException(
                address.withoutOptions() + ": the peer's process is gone without closing the channel;"
                        + " all that it had sent was received");
    }

    ProtocolException cutOffByPeer() {
        return new ProtocolException(
                address.withoutOptions() + ": the peer has cut this channel off, because what it found"
                        + " in the shared memory broke the protocol; its log says what");
    }

    /// Ends the channel because the peer broke the protocol; only this channel suffers.
    IpcException cutOff(Throwable e) {
        ProtocolException before = cause;
        if (before != null) {
            return again(before);
        }
        String what = e instanceof InternalError
                ? "the shared memory was truncated under this process" // how the JVM reports SIGBUS
                : e.getMessage();
        ProtocolException broken = new ProtocolException(address.withoutOptions() + ": cut off: " + what, e);
        cause = broken;
        if (occupancy.visit()) {
            try {
                outbound.cutOff();
            } catch (InternalError gone) {
                broken.addSuppressed(gone);
            } finally {
                occupancy.leave();
            }
        }
        onNotified();
        link.disconnect();
        changed();
        return broken;
    }
}
