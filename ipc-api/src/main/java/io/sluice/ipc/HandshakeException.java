package io.sluice.ipc;

/// The other side was reached but the two could not agree to open a channel.
///
/// It speaks another version, is no Sluice endpoint at all, went away, or cannot see memory that both must share.
public final class HandshakeException extends IpcException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed, on which address, why, and what to do about it
    public HandshakeException(String message) {
        super(message);
    }

    /// @param message what failed, on which address, why, and what to do about it
    /// @param cause what the system reported
    public HandshakeException(String message, Throwable cause) {
        super(message, cause);
    }
}
