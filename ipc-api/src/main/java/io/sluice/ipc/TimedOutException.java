package io.sluice.ipc;

/// A blocking call reached its deadline; the channel is as usable as before.
///
/// A `send` that timed out has sent nothing: the peer will not see a part of the message.
public final class TimedOutException extends IpcException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed, on which address, why, and what to do about it
    public TimedOutException(String message) {
        super(message);
    }

    /// @param message what failed, on which address, why, and what to do about it
    /// @param cause what the system reported
    public TimedOutException(String message, Throwable cause) {
        super(message, cause);
    }
}
