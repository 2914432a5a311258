package io.sluice.ipc;

/// The process at the other end is gone without closing the channel; the operating system says so.
///
/// It is thrown only after everything that the peer had published was delivered. Connect or accept anew.
public final class PeerLostException extends IpcException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed, on which address, why, and what to do about it
    public PeerLostException(String message) {
        super(message);
    }

    /// @param message what failed, on which address, why, and what to do about it
    /// @param cause what the system reported
    public PeerLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
