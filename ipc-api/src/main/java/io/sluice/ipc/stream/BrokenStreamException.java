package io.sluice.ipc.stream;

/// The peer has sent what cannot be; its channel is cut off.
public final class BrokenStreamException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param what what it has sent, and what to do about it
    public BrokenStreamException(String what) {
        super(what);
    }

    /// @param what what it has sent, and what to do about it
    /// @param cause who found that out
    public BrokenStreamException(String what, Throwable cause) {
        super(what, cause);
    }
}
