package io.sluice.ipc.file;

import io.sluice.ipc.Claim;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.ring.Link;
import io.sluice.ipc.ring.OutboundDirection;
import io.sluice.ipc.ring.PeerSignal;
import io.sluice.ipc.ring.RingChannel;
import io.sluice.ipc.ring.Turn;
import io.sluice.ipc.spi.StandardOptions;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// The sending direction of a channel in files: an appender to a journal that the peer alone reads for the channel.
///
/// There is no back pressure: what the peer has not read is on disk, and a full disk is an exception.
final class FileOutbound implements OutboundDirection {
    /// How long a close is held up by a claim that is never committed.
    private static final long CLAIM_PATIENCE_NANOS = 1_000_000_000L;

    private final RingChannel channel;
    private final Session session;
    private final Appender appender;
    private final PeerSignal published;
    private final Turn turn;
    private final FileClaim claim = new FileClaim();
    private final int maxMessage;
    private final long sendTimeoutNanos;

    private long messages;
    private long bytes;
    private long refused;

    FileOutbound(RingChannel channel, Session session, Link link, int maxMessage) {
        this.channel = channel;
        this.session = session;
        this.appender = session.appender();
        this.maxMessage = maxMessage;
        this.sendTimeoutNanos = Deadline.nanos(StandardOptions.SEND_TIMEOUT.of(channel.address()));
        boolean peerSpins = session.words.get(
                session.client ? SessionLayout.SERVER_SPINS_OFFSET : SessionLayout.CLIENT_SPINS_OFFSET) == 1;
        this.published = new PeerSignal(
                session.words.memory(),
                session.client ? SessionLayout.SERVER_WAITING_OFFSET : SessionLayout.CLIENT_WAITING_OFFSET,
                link,
                session.words.isMapped() && !peerSpins);
        this.turn = new Turn(
                StandardOptions.THREADS.of(channel.address()) == StandardOptions.Threads.SINGLE,
                channel.address() + ": sent while a claim on the same channel is open, or"
                        + " from inside one; commit or abort it first");
    }

    @Override
    public boolean offer(DirectBuffer source, int offset, int length) {
        checkLength(length);
        if (!turn.tryEnter()) {
            refused++;
            return false;
        }
        append(source, offset, length);
        return true;
    }

    @Override
    public void send(DirectBuffer source, int offset, int length) throws InterruptedException {
        checkLength(length);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (!turn.enter(sendTimeoutNanos)) {
            throw new TimedOutException(
                    channel.address().withoutOptions() + ": another thread has sent, or had a claim,"
                            + " for the whole send-timeout");
        }
        append(source, offset, length);
    }

    /// Appends a message in this thread's turn, and ends the turn.
    private void append(DirectBuffer source, int offset, int length) {
        try {
            channel.checkSendable();
            appender.append(source, offset, length);
            sent(length);
        } catch (InternalError e) {
            throw channel.cutOff(e);
        } finally {
            leave();
        }
    }

    private void sent(int length) {
        published.changed();
        messages++;
        bytes += length;
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

    @Override
    public Claim tryClaim(int length) {
        checkLength(length);
        if (!turn.tryEnter()) {
            refused++;
            return null;
        }
        boolean claimed = false;
        try {
            channel.checkSendable();
            claim.room = appender.claimRecord(length);
            claimed = true;
            return claim;
        } catch (InternalError e) {
            throw channel.cutOff(e);
        } finally {
            if (!claimed) {
                leave();
            }
        }
    }

    private final class FileClaim implements Claim {
        /// In the journal; null if it is not open.
        private Claim room;

        @Override
        public MutableDirectBuffer buffer() {
            return room.buffer();
        }

        @Override
        public int offset() {
            return room.offset();
        }

        @Override
        public int length() {
            return room.length();
        }

        @Override
        public void commit() {
            end(true);
        }

        @Override
        public void abort() {
            end(false);
        }

        private void end(boolean commits) {
            if (!turn.isMine() || room == null) {
                throw new IllegalStateException(
                        channel.address() + ": the claim is not open, or was opened by another thread");
            }
            Claim ending = room;
            room = null;
            boolean committed = false;
            try {
                if (commits) {
                    channel.checkOpen();
                    int length = ending.length();
                    committed = true; // whatever comes of it, it is no longer open
                    ending.commit();
                    sent(length);
                }
            } catch (InternalError e) {
                throw channel.cutOff(e);
            } finally {
                if (!committed) {
                    ending.abort();
                }
                leave();
            }
        }
    }

    private void leave() {
        turn.exit();
        channel.occupancy().turnLeft();
    }

    @Override
    public void arm() {
        // There is room.
    }

    @Override
    public void onNotified() {
        // Nobody waits for the peer.
    }

    @Override
    public void close() {
        boolean entered = turn.enterToClose(CLAIM_PATIENCE_NANOS);
        try {
            if (!channel.isCutOff()) {
                closed(SessionLayout.CLOSED_IN_ORDER);
            }
        } finally {
            if (entered) {
                turn.exit();
            }
        }
    }

    private void closed(int how) {
        int offset = session.client ? SessionLayout.CLIENT_CLOSED_OFFSET : SessionLayout.SERVER_CLOSED_OFFSET;
        session.words.put(offset, how);
    }

    @Override
    public void giveUpClaim() {
        // The journal stays open until the claim has ended.
    }

    @Override
    public void cutOff() {
        closed(SessionLayout.CLOSED_FOR_CAUSE);
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
        return 0;
    }

    @Override
    public long wakeups() {
        return published.wakeups();
    }
}
