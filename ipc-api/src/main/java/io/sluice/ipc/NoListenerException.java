package io.sluice.ipc;

/// Nobody listened on the address before `connect-timeout` was over.
///
/// Start the server, or check that both sides use the same address and the same runtime directory.
public final class NoListenerException extends IpcException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed, on which address, why, and what to do about it
    public NoListenerException(String message) {
        super(message);
    }

    /// @param message what failed, on which address, why, and what to do about it
    /// @param cause what the system reported
    public NoListenerException(String message, Throwable cause) {
        super(message, cause);
    }
}
