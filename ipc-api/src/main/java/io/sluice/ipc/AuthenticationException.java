package io.sluice.ipc;

/// The other side, or the operating system on its behalf, refuses this user.
///
/// Retrying does not help; use the right user, or open the endpoint to a group with `?group=`.
public final class AuthenticationException extends IpcException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed, on which address, why, and what to do about it
    public AuthenticationException(String message) {
        super(message);
    }

    /// @param message what failed, on which address, why, and what to do about it
    /// @param cause what the system reported
    public AuthenticationException(String message, Throwable cause) {
        super(message, cause);
    }
}
