package io.sluice.ipc.socket;

import java.io.IOException;

/// Who may be let in, before a byte is read.
@FunctionalInterface
interface Admission {
    /// @param client its socket, just accepted
    /// @return its stream, and how it is greeted, or null if it is not let in, which was logged
    Guest admit(SocketIo io, StreamSocket client) throws IOException;

    /// Somebody who may be let in.
    ///
    /// @param stream to and from it
    /// @param handshake not begun
    record Guest(SocketStream stream, Handshake handshake) {}
}
