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

    /// How large messages are copied into the channel's memory.
    ///
    /// @return [MemoryCopy#OF_JVM] unless the transport knows better
    default MemoryCopy memoryCopy() {
        return MemoryCopy.OF_JVM;
    }

    /// Makes the peer's [RingChannel#onNotified()] run soon. Does not block.
    void notifyPeer();

    /// Sets this channel's bit in the doorbell of the endpoint that serves it, and wakes its thread if it sleeps.
    void ringDoorbell();

    /// Takes what has arrived out of the system and puts it into the inbound ring, where a thread that spins does that itself.
    /// Does not block.
    ///
    /// @return whether there may be something in the ring now; false by default: it comes there without us
    default boolean bringIn() {
        return false;
    }

    /// How many messages of the peer are known to be lost on their way.
    ///
    /// @return the count, 0 unless the transport loses messages
    default long lost() {
        return 0;
    }

    /// What is known of a peer that is gone without closing the channel.
    ///
    /// @return words that follow the address and a colon
    default String whyLost() {
        return "the peer's process is gone without closing the channel; all that it had sent was received";
    }

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
