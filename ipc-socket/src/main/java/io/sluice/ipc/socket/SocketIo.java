package io.sluice.ipc.socket;

import io.netty.channel.IoHandlerFactory;
import java.io.IOException;
import java.net.SocketAddress;

/// A way to have sockets, and event loops that wait for them.
interface SocketIo {
    /// What an event loop waits with.
    IoHandlerFactory handlers();

    /// Opens a socket of the address's family and begins to connect it.
    ///
    /// @throws IOException if that cannot succeed
    /// @throws io.sluice.ipc.SystemCallException if no socket can be had
    StreamSocket connect(SocketAddress to) throws IOException;

    /// Binds a listening socket.
    ///
    /// @param backlog how many clients may wait to be accepted
    ServerSocket listen(SocketAddress at, int backlog) throws IOException;
}
