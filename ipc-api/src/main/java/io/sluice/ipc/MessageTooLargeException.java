package io.sluice.ipc;

/// The message is larger than this channel carries; not a byte of it was sent.
///
/// The limit is the smaller `max-message` of the two sides, or for a claim `Capabilities.maxClaim()`.
public final class MessageTooLargeException extends IpcException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed, on which address, why, and what to do about it
    public MessageTooLargeException(String message) {
        super(message);
    }

    /// @param message what failed, on which address, why, and what to do about it
    /// @param cause what the system reported
    public MessageTooLargeException(String message, Throwable cause) {
        super(message, cause);
    }
}
