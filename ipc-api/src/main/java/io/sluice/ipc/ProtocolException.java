package io.sluice.ipc;

/// The peer broke the protocol, so the channel was cut off.
///
/// A length, an offset or a flag that it wrote cannot be. Other channels and this process are not affected.
public final class ProtocolException extends IpcException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed, on which address, why, and what to do about it
    public ProtocolException(String message) {
        super(message);
    }

    /// @param message what failed, on which address, why, and what to do about it
    /// @param cause what the system reported
    public ProtocolException(String message, Throwable cause) {
        super(message, cause);
    }
}
