package io.sluice.ipc.socket;

import io.sluice.ipc.Claim;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.UnsupportedException;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.ring.OutboundDirection;
import io.sluice.ipc.ring.RingChannel;
import io.sluice.ipc.ring.Turn;
import io.sluice.ipc.spi.StandardOptions;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// The sending direction of a channel of datagrams: each message is one, written into the session's buffer behind its header and
/// given to the system at once.
///
/// There is room as long as the system has some in the socket's buffer: back pressure comes from this machine's network, never
/// from the peer.
final class UdpOutbound implements OutboundDirection {
    /// How long a close is held up by a claim that is never committed.
    private static final long CLAIM_PATIENCE_NANOS = 1_000_000_000L;

    private final RingChannel channel;
    private final UdpSession session;
    private final int maxMessage;
    private final long sendTimeoutNanos;
    private final Turn turn;
    private final ByteBuffer datagram;
    private final SegmentBuffer buffer;
    private final DatagramClaim claim = new DatagramClaim();

    private long messages;
    private long bytes;
    private long refused;
    private long waits;

    UdpOutbound(RingChannel channel, UdpSession session, int maxMessage) {
        this.channel = channel;
        this.session = session;
        this.maxMessage = maxMessage;
        this.sendTimeoutNanos = Deadline.nanos(StandardOptions.SEND_TIMEOUT.of(channel.address()));
        this.turn = new Turn(
                StandardOptions.THREADS.of(channel.address()) == StandardOptions.Threads.SINGLE,
                channel.address() + ": sent while a claim on the same channel is open, or"
                        + " from inside one; commit or abort it first");
        this.datagram = DatagramLayout.buffer(
                session.ways() == UdpSession.Ways.IN ? 0 : DatagramLayout.HEADER + maxMessage + Seal.LENGTH);
        this.buffer = new SegmentBuffer(MemorySegment.ofBuffer(datagram));
    }

    private void checkLength(int length) {
        if (length > maxMessage) {
            throw new MessageTooLargeException(channel.address().withoutOptions() + ": a message of " + length
                    + " bytes was to be sent, the limit of a datagram is " + maxMessage
                    + " here; raise ?max-message= on both sides or send less at once");
        }
        if (length < 0) {
            throw new IllegalArgumentException("length " + length + " is negative");
        }
    }

    private void checkSendable() {
        channel.checkSendable();
        if (session.ways() == UdpSession.Ways.IN) {
            throw new UnsupportedException(channel.address().withoutOptions()
                    + ": this side receives from a group; connect to the group to send to it");
        }
    }

    @Override
    public boolean offer(DirectBuffer source, int offset, int length) {
        checkLength(length);
        if (!turn.tryEnter()) {
            refused++;
            return false;
        }
        try {
            checkSendable();
            return pass(source, offset, length);
        } finally {
            leave();
        }
    }

    private boolean pass(DirectBuffer source, int offset, int length) {
        source.boundsCheck(offset, length);
        buffer.putBytes(DatagramLayout.HEADER, source, offset, length);
        return pass(length);
    }

    private boolean pass(int length) {
        if (!session.send(datagram, length)) {
            refused++;
            return false;
        }
        messages++;
        bytes += length;
        return true;
    }

    @Override
    public void send(DirectBuffer source, int offset, int length) throws InterruptedException {
        checkLength(length);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        long deadline = Deadline.after(sendTimeoutNanos);
        if (!turn.enter(sendTimeoutNanos)) {
            throw timedOut(length, "another thread has sent, or had a claim");
        }
        try {
            checkSendable();
            while (!pass(source, offset, length)) {
                long nanos = Deadline.remaining(deadline);
                if (nanos == 0) {
                    throw timedOut(length, "the system had no room");
                }
                waits++;
                session.awaitWritable(nanos);
                checkSendable();
            }
        } finally {
            leave();
        }
    }

    private TimedOutException timedOut(int length, String why) {
        return new TimedOutException(channel.address().withoutOptions() + ": a message of " + length
                + " bytes could not be sent: " + why + " for the whole send-timeout");
    }

    @Override
    public Claim tryClaim(int length) {
        checkLength(length);
        if (!turn.tryEnterToClaim()) {
            refused++;
            return null;
        }
        boolean claimed = false;
        try {
            checkSendable();
            claim.length = length;
            claim.open = true;
            claimed = true;
            return claim;
        } finally {
            if (!claimed) {
                leave();
            }
        }
    }

    private final class DatagramClaim implements Claim {
        private int length;
        private boolean open;

        @Override
        public MutableDirectBuffer buffer() {
            return buffer;
        }

        @Override
        public int offset() {
            return DatagramLayout.HEADER;
        }

        @Override
        public int length() {
            return length;
        }

        /// What the system has no room for then is lost, as it might be later, and counted by the peer.
        @Override
        public void commit() {
            end();
            try {
                channel.checkSendable();
                if (!session.send(datagram, length)) {
                    refused++;
                    session.countOne();
                }
                messages++;
                bytes += length;
            } finally {
                leave();
            }
        }

        @Override
        public void abort() {
            end();
            leave();
        }

        private void end() {
            if (!open || !turn.isMine()) {
                throw new IllegalStateException(
                        channel.address() + ": the claim is not open, or was opened by another thread");
            }
            open = false;
        }
    }

    private void leave() {
        turn.exit();
        channel.occupancy().turnLeft();
    }

    @Override
    public void arm() {
        // What was refused is tried again soon: nobody tells of room.
    }

    @Override
    public void onNotified() {
        // Nobody waits for the peer.
    }

    @Override
    public void close() {
        boolean entered = turn.enterToClose(CLAIM_PATIENCE_NANOS);
        try {
            if (!channel.isPeerGone()) {
                session.say(DatagramLayout.BYE);
            }
        } finally {
            if (entered) {
                turn.exit();
            }
        }
    }

    @Override
    public void giveUpClaim() {
        // Its memory is not the channel's: it stays as long as somebody has it.
        turn.giveUp();
    }

    @Override
    public void cutOff() {
        // Nothing that a peer sends breaks a channel.
    }

    @Override
    public boolean isBusy() {
        return !turn.isFree() && !turn.isMine();
    }

    @Override
    public Turn turn() {
        return turn;
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
        return refused;
    }

    @Override
    public long waits() {
        return waits;
    }

    @Override
    public long wakeups() {
        return 0;
    }
}
