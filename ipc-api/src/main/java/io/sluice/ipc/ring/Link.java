package io.sluice.ipc.ring;

import io.sluice.ipc.Peer;

/// What a transport adds to the memory of a channel: how threads sleep, how the peer is woken, and what proves its death.
///
/// The transport in turn tells the channel: [RingChannel#onNotified()] when the peer has called [#notifyPeer()], and
/// [RingChannel#onPeerGone()] when the peer has closed its link or died.
public interface Link {
    /// How platform threads sleep on a word of the channel's memory.
    ///
    /// @return [MemoryWait#NONE] if every thread that waits must be woken through the link
    MemoryWait memoryWait();

    /// Makes the peer's [RingChannel#onNotified()] run soon. Does not block.
    void notifyPeer();

    /// Sets this channel's bit in the doorbell of the endpoint that serves it, and wakes its thread if it sleeps.
    void ringDoorbell();

    /// Who is at the other end.
    ///
    /// @return what the operating system vouches for
    Peer peer();

    /// Ends the link, which the peer notices; the memory stays. Called once or twice.
    void disconnect();

    /// Frees the channel's memory. Called once, after [#disconnect()], when nobody is inside it any more, by the thread that
    /// has closed the channel or that was the last to leave it.
    void release();
}
