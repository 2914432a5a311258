package io.sluice.ipc;

/// The operating system refused an operation that should have worked.
///
/// The cause carries its words.
public final class SystemCallException extends IpcException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed, on which address, why, and what to do about it
    public SystemCallException(String message) {
        super(message);
    }

    /// @param message what failed, on which address, why, and what to do about it
    /// @param cause what the system reported
    public SystemCallException(String message, Throwable cause) {
        super(message, cause);
    }
}
