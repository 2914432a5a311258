package io.sluice.ipc;

/// Anything that goes wrong between processes; one subclass for each thing a caller can act on.
///
/// All are unchecked. The message always says what failed, on which address, why, and what to do about it.
/// An interrupt is not among them: blocking calls throw [InterruptedException].
public abstract sealed class IpcException extends RuntimeException
        permits AddressInUseException,
        AuthenticationException,
        ClosedException,
        DamagedException,
        HandshakeException,
        InvalidAddressException,
        MessageTooLargeException,
        NoListenerException,
        NoSpaceException,
        PeerLostException,
        ProtocolException,
        SystemCallException,
        TimedOutException,
        UnsafeDirectoryException,
        UnsupportedException {
    private static final long serialVersionUID = 1L;

    IpcException(String message) {
        super(message);
    }

    IpcException(String message, Throwable cause) {
        super(message, cause);
    }
}
