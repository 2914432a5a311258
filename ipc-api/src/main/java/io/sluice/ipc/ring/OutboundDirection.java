package io.sluice.ipc.ring;

import io.sluice.ipc.Claim;
import org.agrona.DirectBuffer;

/// What a [RingChannel] sends to: a ring in memory, or a journal in a file.
public interface OutboundDirection {
    /// Sends; see [io.sluice.ipc.Channel#send(DirectBuffer, int, int)].
    ///
    /// @param source holds the message
    /// @param offset where it starts
    /// @param length its length in bytes
    /// @throws InterruptedException if the thread is interrupted while it waits
    void send(DirectBuffer source, int offset, int length) throws InterruptedException;

    /// Offers; see [io.sluice.ipc.Channel#offer(DirectBuffer, int, int)].
    ///
    /// @param source holds the message
    /// @param offset where it starts
    /// @param length its length in bytes
    /// @return whether it was accepted
    boolean offer(DirectBuffer source, int offset, int length);

    /// Claims; see [io.sluice.ipc.Channel#tryClaim].
    ///
    /// @param length in bytes
    /// @return the claim, or null
    Claim tryClaim(int length);

    /// Asks the peer to ring the doorbell when it makes room.
    void arm();

    /// The peer has made room, or is gone: wakes who waits, and goes on with what could not be passed on before.
    void onNotified();

    /// Sees that what was accepted is on its way, then tells the peer that nothing follows. The channel is closed to
    /// senders already.
    void close();

    /// Waits until a claim of another thread has ended, which nobody can commit any more; not for ever.
    void giveUpClaim();

    /// Tells the peer that it broke the protocol.
    void cutOff();

    /// Whether [#close] would wait.
    ///
    /// @return true if it would
    boolean isBusy();

    /// Who sends.
    ///
    /// @return the turn
    Turn turn();

    /// How many messages were sent.
    ///
    /// @return the count
    long messages();

    /// How many bytes they had.
    ///
    /// @return the count
    long bytes();

    /// How often there was no room.
    ///
    /// @return the count
    long backPressure();

    /// How often a thread has gone to sleep.
    ///
    /// @return the count
    long waits();

    /// How often the peer was woken.
    ///
    /// @return the count
    long wakeups();
}
