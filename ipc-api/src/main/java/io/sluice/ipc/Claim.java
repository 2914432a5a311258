package io.sluice.ipc;

import org.agrona.MutableDirectBuffer;

/// Room for one message in the channel's own memory, to be written in place: no copy, no allocation.
///
/// Obtained from [Channel#tryClaim]. Exactly one of [#commit] and [#abort] must follow, on the same thread, before that
/// thread sends anything else on the channel; other senders wait meanwhile. The peer sees nothing before the commit,
/// and nothing at all if this process dies before it. When the channel is closed, the memory of an open claim stays for a
/// second at least; after that it must not be touched. The object belongs to the channel and is used again.
public interface Claim {
    /// The memory to write to, between [#offset()] and [#offset()]` + `[#length()].
    ///
    /// @return the channel's buffer
    MutableDirectBuffer buffer();

    /// Where the message starts in the buffer.
    ///
    /// @return bytes
    int offset();

    /// The length that was claimed.
    ///
    /// @return bytes
    int length();

    /// Publishes the message.
    ///
    /// @throws IllegalStateException if the claim was committed or aborted before
    /// @throws ClosedException if the channel was closed meanwhile; the message is not sent
    void commit();

    /// Gives the room back; the peer sees nothing.
    ///
    /// @throws IllegalStateException if the claim was committed or aborted before
    void abort();
}
