package io.sluice.ipc;

/// The address or the configured name cannot be used as written.
///
/// Nothing was opened. Mend the address: the message names it, the part that is wrong, and what is valid there.
public final class InvalidAddressException extends IpcException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed, on which address, why, and what to do about it
    public InvalidAddressException(String message) {
        super(message);
    }

    /// @param message what failed, on which address, why, and what to do about it
    /// @param cause what the system reported
    public InvalidAddressException(String message, Throwable cause) {
        super(message, cause);
    }
}
