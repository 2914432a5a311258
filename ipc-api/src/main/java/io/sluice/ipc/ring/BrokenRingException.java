package io.sluice.ipc.ring;

/// What stands in shared memory cannot be: the peer broke the protocol, or its memory was overwritten.
///
/// Never leaves the transports: [RingChannel#cutOff] turns it into a [io.sluice.ipc.ProtocolException]. So one that a
/// handler throws, because another channel of its own was cut off, is not taken for one of this channel.
public final class BrokenRingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what was found
    public BrokenRingException(String message) {
        super(message);
    }
}
