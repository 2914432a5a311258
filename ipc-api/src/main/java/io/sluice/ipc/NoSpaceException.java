package io.sluice.ipc;

/// There is no room for the memory or the file that was asked for.
///
/// Thrown at bind or connect, before anything is mapped, so that a full disk or `/dev/shm` never kills the JVM.
public final class NoSpaceException extends IpcException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed, on which address, why, and what to do about it
    public NoSpaceException(String message) {
        super(message);
    }

    /// @param message what failed, on which address, why, and what to do about it
    /// @param cause what the system reported
    public NoSpaceException(String message, Throwable cause) {
        super(message, cause);
    }
}
