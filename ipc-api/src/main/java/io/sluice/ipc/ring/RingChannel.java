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
import java.util.function.Function;
import org.agrona.DirectBuffer;

/// A channel of two directions, on rings in memory or on journals in files, and the life they share.
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
    private final InboundDirection inbound;
    private final OutboundDirection outbound;
    private final Occupancy occupancy;

    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile boolean peerGone;
    private volatile ProtocolException cause;
    /// Set after any of the three above: what every message looks at.
    private volatile boolean over;
    private volatile Runnable listener = () -> {};

    /// A channel on two rings.
    ///
    /// @param address the address that the application used
    /// @param plan the memory and what was agreed on
    /// @param link to the peer
    /// @param promises what the transport promises
    public RingChannel(Address address, RingPlan plan, Link link, Set<Capability> promises) {
        this(
                address,
                plan.slot(),
                link,
                new Capabilities(
                        promises,
                        plan.maxMessage(),
                        Math.min(plan.maxMessage(), RingLayout.maxPayload(plan.capacity()))),
                channel -> new Inbound(channel, plan, link),
                channel -> new Outbound(channel, plan, link));
    }

    /// A channel on something else.
    ///
    /// @param address the address that the application used
    /// @param slot the channel's bit in the doorbell of the endpoint
    /// @param link to the peer
    /// @param capabilities what it promises
    /// @param inbound makes what it receives from
    /// @param outbound makes what it sends to
    public RingChannel(
            Address address,
            int slot,
            Link link,
            Capabilities capabilities,
            Function<RingChannel, InboundDirection> inbound,
            Function<RingChannel, OutboundDirection> outbound) {
        this.address = address;
        this.link = link;
        this.capabilities = capabilities;
        this.slot = slot;
        this.inbound = inbound.apply(this);
        this.outbound = outbound.apply(this);
        this.occupancy = new Occupancy(this.inbound.turn(), this.outbound.turn(), link::release);
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
                link.lost());
    }

    @Override
    public boolean isOpen() {
        return !closing.get();
    }

    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            over = true;
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
        over = true;
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
    ///
    /// @return the one of this channel
    public Occupancy occupancy() {
        return occupancy;
    }

    /// Enters the memory without a turn; [Occupancy#leave()] must follow.
    public void visit() {
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
            outbound.onNotified();
        } catch (BrokenRingException | InternalError e) {
            cutOff(e);
        } finally {
            occupancy.leave();
        }
    }

    /// The peer has closed its link, or its process is gone. May be called more than once.
    public void onPeerGone() {
        peerGone = true;
        over = true;
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

    InboundDirection inbound() {
        return inbound;
    }

    OutboundDirection outbound() {
        return outbound;
    }

    // ---- state, and the words for it

    /// Whether this side has closed.
    ///
    /// @return true once it has
    public boolean isClosedHere() {
        return closing.get();
    }

    /// Whether the peer has closed, or is dead.
    ///
    /// @return true once this is known
    public boolean isPeerGone() {
        return peerGone;
    }

    /// Whether this side has cut the channel off.
    ///
    /// @return true once it has
    public boolean isCutOff() {
        return cause != null;
    }

    /// Whether there is no point in waiting for the peer any more.
    ///
    /// @return true once there is none
    public boolean isOver() {
        return over;
    }

    /// Throws what there is to say, if this side has closed or has cut off.
    public void checkOpen() {
        if (over) {
            if (closing.get()) {
                throw closed();
            }
            ProtocolException broken = cause;
            if (broken != null) {
                throw again(broken);
            }
        }
    }

    private static ProtocolException again(ProtocolException broken) {
        return new ProtocolException(broken.getMessage(), broken);
    }

    /// Throws what there is to say, if nothing can be sent any more.
    public void checkSendable() {
        if (over) {
            checkOpen();
            if (peerGone) {
                inbound.throwUnlessClosedInOrder();
                throw new ClosedException(address.withoutOptions() + ": the peer has closed the channel");
            }
        }
    }

    private ClosedException closed() {
        return new ClosedException(address.withoutOptions() + ": this side has closed the channel");
    }

    /// The words for a peer that has died.
    ///
    /// @return to be thrown
    public PeerLostException peerLost() {
        return new PeerLostException(address.withoutOptions() + ": " + link.whyLost());
    }

    /// The words for a peer that has cut the channel off.
    ///
    /// @return to be thrown
    public ProtocolException cutOffByPeer() {
        return new ProtocolException(
                address.withoutOptions() + ": the peer has cut this channel off, because what it found"
                        + " in the shared memory broke the protocol; its log says what");
    }

    /// Ends the channel because the peer broke the protocol; only this channel suffers.
    ///
    /// @param e what was found
    /// @return to be thrown
    public IpcException cutOff(Throwable e) {
        ProtocolException before = cause;
        if (before != null) {
            return again(before);
        }
        String what = e instanceof InternalError
                ? "the shared memory was truncated under this process" // how the JVM reports SIGBUS
                : e.getMessage();
        ProtocolException broken = new ProtocolException(address.withoutOptions() + ": cut off: " + what, e);
        cause = broken;
        over = true;
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
