package io.sluice.ipc.ring;

import io.sluice.ipc.Message;
import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.SegmentBuffer;

/// What a [RingChannel] receives from: a ring in memory, or a journal in a file. The channel knows what has become of both
/// sides; this knows what is there.
public interface InboundDirection {
    /// Takes messages, one after another, and may leave one where it is.
    @FunctionalInterface
    interface Sink {
        /// Takes a message.
        ///
        /// @param buffer holds it, during the call only
        /// @param offset where it starts
        /// @param length its length in bytes
        /// @return false to leave it where it is: it comes again with the next poll
        boolean accept(SegmentBuffer buffer, int offset, int length);
    }

    /// Waits for a message; see [io.sluice.ipc.Channel#receive()].
    ///
    /// @param deadline by [System#nanoTime()]; see [Deadline]
    /// @return the message, or null at the end
    /// @throws InterruptedException if the thread is interrupted while it waits
    Message receive(long deadline) throws InterruptedException;

    /// Hands messages over; see [io.sluice.ipc.Channel#poll].
    ///
    /// @param handler takes them
    /// @param limit how many at most
    /// @return how many, or [io.sluice.ipc.Channel#END]
    int poll(MessageHandler handler, int limit);

    /// As [#poll], for a sink that may leave a message where it is.
    ///
    /// @param sink takes them
    /// @param limit how many at most
    /// @return how many, or [io.sluice.ipc.Channel#END]
    int serve(Sink sink, int limit);

    /// Asks the peer to ring the doorbell when it sends the next message.
    ///
    /// @return false if there is something to take already
    boolean arm();

    /// Wakes who waits, to look again. From any thread.
    void wakeUp();

    /// Says why the peer is gone, unless it closed in order.
    void throwUnlessClosedInOrder();

    /// Who receives.
    ///
    /// @return the turn
    Turn turn();

    /// How many messages were received.
    ///
    /// @return the count
    long messages();

    /// How many bytes they had.
    ///
    /// @return the count
    long bytes();

    /// How often a thread has gone to sleep.
    ///
    /// @return the count
    long waits();

    /// How often the peer was woken.
    ///
    /// @return the count
    long wakeups();
}
