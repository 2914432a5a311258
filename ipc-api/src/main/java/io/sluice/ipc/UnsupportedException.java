package io.sluice.ipc;

/// This machine, operating system or transport cannot do what was asked.
///
/// The message says what to use instead.
public final class UnsupportedException extends IpcException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed, on which address, why, and what to do about it
    public UnsupportedException(String message) {
        super(message);
    }

    /// @param message what failed, on which address, why, and what to do about it
    /// @param cause what the system reported
    public UnsupportedException(String message, Throwable cause) {
        super(message, cause);
    }
}
