package io.sluice.ipc.stream;

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
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.UnsupportedException;
import io.sluice.ipc.ring.Deadline;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.DirectBuffer;

/// A channel on a [ByteStream]: an outbound and an inbound direction, and the life they share.
///
/// A channel ends in one of four ways: this side closes it; this side cuts it off, because the peer broke the protocol;
/// the peer closes, in order or for cause, and its last frame says which; or the peer dies, and its stream ends without one.
/// Where there are no frames (`line`, `raw`) the end of the stream is an end in order.
public final class StreamChannel implements Channel {
    /// Takes messages, and may leave one where it is.
    @FunctionalInterface
    public interface Sink {
        /// @param buffer holds the message
        /// @param offset where it starts
        /// @param length its length in bytes
        /// @return false to be handed it again later
        boolean accept(SegmentBuffer buffer, int offset, int length);
    }

    private final Address address;
    private final ByteStream stream;
    private final StreamPlan plan;
    private final Capabilities capabilities;
    private final StreamInbound inbound;
    private final StreamOutbound outbound;

    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile boolean released;
    private volatile boolean peerGone;
    private volatile ProtocolException cause;
    private volatile Runnable listener = () -> {};

    /// @param address the address that the application used
    /// @param stream to and from the peer; this channel closes it
    /// @param plan what was agreed on
    /// @param promises what the transport promises between two Sluice ends; less is promised where another framing or a
    ///     single direction keeps less
    public StreamChannel(Address address, ByteStream stream, StreamPlan plan, Set<Capability> promises) {
        this.address = address;
        this.stream = stream;
        this.plan = plan;
        this.inbound = new StreamInbound(this, stream, plan);
        this.outbound = new StreamOutbound(this, stream, plan);
        this.capabilities = new Capabilities(kept(promises, plan), plan.maxMessage(), outbound.maxClaim());
    }

    private static Set<Capability> kept(Set<Capability> promises, StreamPlan plan) {
        Set<Capability> kept = EnumSet.copyOf(promises);
        if (!plan.sends() || !plan.receives()) {
            kept.remove(Capability.BIDIRECTIONAL);
        }
        if (!plan.framing().isSluice()) {
            kept.remove(Capability.BOUNDED_MESSAGES);
            kept.remove(Capability.PROVES_DEATH);
        }
        return kept;
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
        return stream.peer();
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public ChannelStats stats() {
        return new ChannelStats(
                outbound.messages(),
                outbound.messageBytes(),
                inbound.messages(),
                inbound.messageBytes(),
                outbound.backPressure(),
                inbound.waits() + outbound.waits(),
                0,
                0);
    }

    @Override
    public boolean isOpen() {
        return !closing.get();
    }

    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            stream.wakeUp();
            if (!isDone()) {
                outbound.awaitWritten();
            }
            release();
        }
    }

    /// As [#close()], for a thread that must not wait for the peer: if something is still to be written, another thread
    /// waits for that.
    ///
    /// @return the other thread, or null if there is none
    public Thread closeWithoutWaiting() {
        if (!closing.compareAndSet(false, true)) {
            return null;
        }
        stream.wakeUp();
        if (isDone()) {
            release();
            return null;
        }
        return Thread.ofVirtual().name("ipc-close").start(() -> {
            outbound.awaitWritten();
            release();
        });
    }

    /// Whether there is nothing more to be done for the peer but to let go.
    private boolean isDone() {
        return cause != null || outbound.beginClose() || peerGone || plan.framing().isSluice() && isEnded();
    }

    private void release() {
        released = true;
        stream.close();
        changed();
    }

    /// Ends the stream to the peer, who reads the end after all that was sent; what it sends is still received.
    ///
    /// For peers that are no Sluice ends, such as a `sort` that begins when it has read everything.
    public void endOutput() {
        if (!outbound.beginClose()) {
            outbound.awaitWritten();
        }
        stream.closeOutput();
    }

    // ---- what the transport reports, and what a server uses

    /// The system has proven that the peer's process is gone, though its streams may be held open by others: what it has
    /// written is still received, and then nothing is waited for.
    public void onPeerGone() {
        peerGone = true;
        stream.wakeUp();
        changed();
    }

    /// Hands waiting messages to a sink without blocking.
    ///
    /// @param sink takes them
    /// @param limit how many at most
    /// @return how many it took, or [#END]
    public int serve(Sink sink, int limit) {
        return inbound.serve(sink, limit);
    }

    /// Writes what was gathered, as far as there is room.
    public void flush() {
        outbound.backlog().flushBeforeWaiting();
    }

    /// Whether accepted messages wait here to be written.
    ///
    /// @return true if [#flush()] has something to do
    public boolean isWaiting() {
        return outbound.backlog().isWaiting();
    }

    /// Has the listener run, on any thread, when something happens that no descriptor shows: this side closes or cuts
    /// off, or the peer is proven gone.
    ///
    /// @param newListener what to run
    public void onChange(Runnable newListener) {
        listener = newListener;
    }

    void changed() {
        listener.run();
    }

    /// The stream that this channel is on.
    ///
    /// @return the stream
    public ByteStream stream() {
        return stream;
    }

    /// Whether the channel has ended, in whatever way.
    ///
    /// @return true if no message will come any more that has not been read yet
    public boolean isOver() {
        return closing.get() || cause != null || isEnded();
    }

    // ---- state, and the words for it

    StreamInbound inbound() {
        return inbound;
    }

    StreamOutbound outbound() {
        return outbound;
    }

    boolean isClosedHere() {
        return closing.get();
    }

    boolean isReleased() {
        return released;
    }

    boolean isPeerGone() {
        return peerGone;
    }

    private boolean isEnded() {
        return peerGone || inbound.end() != Intake.End.OPEN;
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

    void checkReceives() {
        if (!plan.receives()) {
            checkOpen();
            throw new UnsupportedException(
                    address.withoutOptions() + ": messages go the other way only; open it without ?direction=");
        }
    }

    private static ProtocolException again(ProtocolException broken) {
        return new ProtocolException(broken.getMessage(), broken);
    }

    void checkSendable() {
        checkOpen();
        if (!plan.sends()) {
            throw new UnsupportedException(
                    address.withoutOptions() + ": messages come the other way only; open it without ?direction=");
        }
        if (outbound.backlog().hasEnded()) {
            throw new ClosedException(address.withoutOptions() + ": this side has ended its output");
        }
        if (plan.framing().isSluice()
                ? outbound.backlog().isBroken() || isEnded()
                : outbound.backlog().isBroken() || peerGone) {
            throw whyNobodyReads();
        }
    }

    private IpcException whyNobodyReads() {
        if (!plan.framing().isSluice()) {
            return new ClosedException(address.withoutOptions() + ": the peer reads no more");
        }
        return switch (inbound.lookAhead()) {
            case CLOSED -> new ClosedException(address.withoutOptions() + ": the peer has closed the channel");
            case CUT_OFF -> cutOffByPeer();
            case LOST -> peerLost();
            case OPEN -> new ClosedException(address.withoutOptions()
                    + ": the peer reads no more, but has not closed the channel; it is no Sluice end, or a faulty one");
        };
    }

    ClosedException closed() {
        return new ClosedException(address.withoutOptions() + ": this side has closed the channel");
    }

    PeerLostException peerLost() {
        return new PeerLostException(address.withoutOptions() + (capabilities.has(Capability.CROSS_MACHINE)
                ? ": the peer, or the way to it, is gone without closing the channel; all that had come from it was"
                        + " received"
                : ": the peer's process is gone without closing the channel; all that it had sent was received"));
    }

    ProtocolException cutOffByPeer() {
        return new ProtocolException(
                address.withoutOptions() + ": the peer has cut this channel off, because what it was sent"
                        + " broke the protocol; its log says what");
    }

    /// Ends the channel because the peer broke the protocol; only this channel suffers.
    IpcException cutOff(BrokenStreamException e) {
        ProtocolException before = cause;
        if (before != null) {
            return again(before);
        }
        ProtocolException broken =
                new ProtocolException(address.withoutOptions() + ": cut off: " + e.getMessage(), e);
        cause = broken;
        outbound.backlog().cutOff();
        stream.wakeUp();
        stream.close();
        changed();
        return broken;
    }
}
