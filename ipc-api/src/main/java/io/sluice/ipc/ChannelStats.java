package io.sluice.ipc;

/// What a channel has done since it was opened; a snapshot, each count exact for its own thread's last completed call.
///
/// @param messagesSent messages accepted for sending
/// @param bytesSent their bytes
/// @param messagesReceived messages handed to the application
/// @param bytesReceived their bytes
/// @param backPressure how often an offer or a claim found no room, or a send had to wait for it
/// @param waits how often a thread of this side went to sleep to wait for the peer
/// @param wakeups how often this side had to wake a sleeping peer
/// @param lost messages known to be lost; always 0 on a reliable channel
public record ChannelStats(
        long messagesSent,
        long bytesSent,
        long messagesReceived,
        long bytesReceived,
        long backPressure,
        long waits,
        long wakeups,
        long lost) {}
