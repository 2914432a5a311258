package io.sluice.ipc;

/// Another endpoint, in this process or in a living other one, is bound to the address.
///
/// Leftovers of a dead owner never cause this: a bind clears them.
public final class AddressInUseException extends IpcException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed, on which address, why, and what to do about it
    public AddressInUseException(String message) {
        super(message);
    }

    /// @param message what failed, on which address, why, and what to do about it
    /// @param cause what the system reported
    public AddressInUseException(String message, Throwable cause) {
        super(message, cause);
    }
}
