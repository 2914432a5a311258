package io.sluice.ipc;

/// The runtime directory cannot be trusted: a symbolic link, somebody else's, or writable by others.
///
/// Nothing was created in it. Mend its owner and mode, or name another one with `ipc.dir`.
public final class UnsafeDirectoryException extends IpcException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed, on which address, why, and what to do about it
    public UnsafeDirectoryException(String message) {
        super(message);
    }

    /// @param message what failed, on which address, why, and what to do about it
    /// @param cause what the system reported
    public UnsafeDirectoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
