package io.sluice.ipc;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.agrona.DirectBuffer;

/// A session between two processes that carries messages both ways, whole, in order and once, as far as its [Capabilities] promise that.
///
/// There are two ways to use it, and both may be mixed: *blocking* ([#send], [#receive]) and *polling* ([#offer],
/// [#tryClaim], [#poll]), which never blocks. The third way, being called, is [Ipc#serve].
///
/// **Threads.** Any number may use a channel at once: senders take turns among themselves, and so do receivers; the
/// two directions do not meet. With `?threads=single` there are no locks: then at most one thread may send and at most
/// one may receive at a time. A thread may not call back into the same direction from inside a handler or a claim
/// ([IllegalStateException]).
///
/// **When the peer closes**, what it had sent is still received, then [#receive] returns null and [#poll] returns
/// [#END]; sending throws [ClosedException]. **When the peer's process dies**, what it had sent is still received, then
/// every call throws [PeerLostException]. **When this side closes**, every later call, and every call that is waiting,
/// throws [ClosedException].
///
/// **Interrupts.** Blocking calls throw [InterruptedException], having sent or received nothing, and the channel stays
/// usable.
public interface Channel extends AutoCloseable {
    /// What [#poll] returns when the peer has closed and everything was received.
    int END = -1;

    /// Sends a message, waiting for room up to the address's `send-timeout`.
    ///
    /// @param buffer holds the message
    /// @param offset where it starts, in bytes
    /// @param length its length in bytes; may be 0
    /// @throws MessageTooLargeException if it is beyond [Capabilities#maxMessage()]; nothing was sent
    /// @throws TimedOutException if there was no room in time; the peer sees no part of it
    /// @throws ClosedException if either side has closed
    /// @throws PeerLostException if the peer's process is gone
    /// @throws InterruptedException if the thread is interrupted while it waits; the peer sees no part of the message
    void send(DirectBuffer buffer, int offset, int length) throws InterruptedException;

    /// Sends all of an array; see [#send(DirectBuffer, int, int)].
    ///
    /// @param message the message
    /// @throws InterruptedException if the thread is interrupted while it waits
    default void send(byte[] message) throws InterruptedException {
        send(new SegmentBuffer(message), 0, message.length);
    }

    /// Sends what remains in a buffer, whose position is left as it is; see [#send(DirectBuffer, int, int)].
    ///
    /// @param message the message, from position to limit
    /// @throws InterruptedException if the thread is interrupted while it waits
    default void send(ByteBuffer message) throws InterruptedException {
        send(MemorySegment.ofBuffer(message));
    }

    /// Sends all of a segment; see [#send(DirectBuffer, int, int)].
    ///
    /// @param message the message
    /// @throws InterruptedException if the thread is interrupted while it waits
    default void send(MemorySegment message) throws InterruptedException {
        SegmentBuffer buffer = new SegmentBuffer(message);
        send(buffer, 0, buffer.capacity());
    }

    /// Waits for the next message.
    ///
    /// @return the message, or null if the peer has closed and everything was received
    /// @throws ClosedException if this side has closed
    /// @throws PeerLostException if the peer's process is gone and everything was received
    /// @throws ProtocolException if the peer broke the protocol
    /// @throws InterruptedException if the thread is interrupted while it waits
    Message receive() throws InterruptedException;

    /// Waits for the next message for some time.
    ///
    /// @param timeout how long; zero looks once
    /// @return the message, or null if the peer has closed and everything was received
    /// @throws TimedOutException if none came in time
    /// @throws InterruptedException if the thread is interrupted while it waits
    Message receive(Duration timeout) throws InterruptedException;

    /// Offers a message without blocking.
    ///
    /// @param buffer holds the message
    /// @param offset where it starts, in bytes
    /// @param length its length in bytes; may be 0
    /// @return true if it was accepted and will be delivered; false if there was no room (back pressure) or another
    ///     thread was sending: nothing was sent, offer it again later
    /// @throws MessageTooLargeException if it is beyond [Capabilities#maxMessage()]; nothing was sent
    /// @throws ClosedException if either side has closed
    /// @throws PeerLostException if the peer's process is gone
    boolean offer(DirectBuffer buffer, int offset, int length);

    /// Offers all of an array; see [#offer(DirectBuffer, int, int)].
    ///
    /// @param message the message
    /// @return true if it was accepted
    default boolean offer(byte[] message) {
        return offer(new SegmentBuffer(message), 0, message.length);
    }

    /// Offers what remains in a buffer, whose position is left as it is; see [#offer(DirectBuffer, int, int)].
    ///
    /// @param message the message, from position to limit
    /// @return true if it was accepted
    default boolean offer(ByteBuffer message) {
        return offer(MemorySegment.ofBuffer(message));
    }

    /// Offers all of a segment; see [#offer(DirectBuffer, int, int)].
    ///
    /// @param message the message
    /// @return true if it was accepted
    default boolean offer(MemorySegment message) {
        SegmentBuffer buffer = new SegmentBuffer(message);
        return offer(buffer, 0, buffer.capacity());
    }

    /// Claims room for a message that is then written in place; does not block.
    ///
    /// @param length the message's length in bytes; may be 0
    /// @return the room, or null if there is none now (back pressure) or another thread is sending
    /// @throws MessageTooLargeException if it is beyond [Capabilities#maxClaim()]; use [#offer] or [#send]
    /// @throws ClosedException if either side has closed
    /// @throws PeerLostException if the peer's process is gone
    Claim tryClaim(int length);

    /// Hands waiting messages to the handler without blocking.
    ///
    /// @param handler takes each message
    /// @param limit how many at most
    /// @return how many were handed over, 0 if none waited or another thread is receiving, or [#END] if the peer has
    ///     closed and everything was received
    /// @throws ClosedException if this side has closed
    /// @throws PeerLostException if the peer's process is gone and everything was received
    /// @throws ProtocolException if the peer broke the protocol
    int poll(MessageHandler handler, int limit);

    /// The address that this channel was opened on.
    ///
    /// @return the address, options included
    Address address();

    /// Who is at the other end.
    ///
    /// @return what the operating system vouches for
    Peer peer();

    /// What this channel promises.
    ///
    /// @return the promises and limits
    Capabilities capabilities();

    /// What this channel has done so far.
    ///
    /// @return a snapshot; it can be taken after the close, too
    ChannelStats stats();

    /// Whether this side has not closed the channel yet; it says nothing of the peer.
    ///
    /// @return true until [#close()]
    boolean isOpen();

    /// Closes this side: the peer still receives what was accepted here, then reads the end.
    ///
    /// Wakes all threads that wait on this side. What the peer has sent and this side has not received is gone. Waits at
    /// most `send-timeout` for a large message that was offered and is still being passed on. Closing twice does
    /// nothing.
    @Override
    void close();
}
