package io.sluice.ipc.socket;

import java.io.IOException;
import java.net.SocketAddress;

/// A listening socket that never blocks.
interface ServerSocket extends LoopSocket {
    /// Takes the next client in.
    ///
    /// @return its socket, or null if none waits
    /// @throws IOException if the system has no room for it
    StreamSocket accept() throws IOException;

    /// Where it is bound, with the real port.
    SocketAddress localAddress() throws IOException;

    /// Closes it. Closing twice does nothing.
    void close();
}
