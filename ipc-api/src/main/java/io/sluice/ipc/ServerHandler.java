package io.sluice.ipc;

import org.agrona.DirectBuffer;

/// What a served endpoint does with its channels; see [Ipc#serve].
///
/// All methods are called on the server's one thread, so they need no locks among themselves, and must not block: a
/// handler that waits makes every other channel wait. An echo server is
/// `(channel, buffer, offset, length) -> channel.offer(buffer, offset, length)`.
@FunctionalInterface
public interface ServerHandler {
    /// Called for each message of each channel, in the order in which the channel's peer sent them.
    ///
    /// `false` says *not now*, as [Channel#offer] does: the message stays where it is and is handed over again, before
    /// any later one of that channel, once the peer has taken something of what it was sent. Nothing is queued on the
    /// way, so a client that stops reading costs its own progress and nobody else's.
    ///
    /// What it throws closes the channel, is handed to [#onClose] as the cause of a [ClosedException], and is logged.
    ///
    /// @param channel where the message came from and where an answer goes
    /// @param buffer holds the message until this method returns
    /// @param offset where the message starts, in bytes
    /// @param length its length in bytes; may be 0
    /// @return true if the message is done with
    boolean onMessage(Channel channel, DirectBuffer buffer, int offset, int length);

    /// Called once for each new channel, before its first message.
    ///
    /// @param channel the channel
    default void onOpen(Channel channel) {}

    /// Called once for each channel, after its last message.
    ///
    /// @param channel the channel; already closed
    /// @param cause null if the peer or this side closed it in order, else what happened: for example a
    ///     [PeerLostException] if the peer's process was killed
    default void onClose(Channel channel, IpcException cause) {}
}
