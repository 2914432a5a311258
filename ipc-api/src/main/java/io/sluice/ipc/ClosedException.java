package io.sluice.ipc;

/// The channel or the endpoint is closed: by this side, or in order by the other one.
///
/// What the other side sent before it closed can still be received, unless this side has closed too.
public final class ClosedException extends IpcException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed, on which address, why, and what to do about it
    public ClosedException(String message) {
        super(message);
    }

    /// @param message what failed, on which address, why, and what to do about it
    /// @param cause what the system reported
    public ClosedException(String message, Throwable cause) {
        super(message, cause);
    }
}
