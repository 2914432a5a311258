package io.sluice.ipc.socket;

import io.sluice.ipc.IpcException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// The server's end of one handshake, step by step, to see what it says.
final class ServerPeer implements AutoCloseable {
    private final TlsCredentials credentials;
    private final ServerSocket socket;
    private StreamSocket client;

    ServerPeer(TlsCredentials credentials) throws IOException {
        this.credentials = credentials;
        this.socket = NioIo.INSTANCE.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
    }

    int port() {
        try {
            return ((InetSocketAddress) socket.localAddress()).getPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// Lets a client in.
    ///
    /// @return why it is refused
    IpcException refusal() throws Exception {
        while ((client = socket.accept()) == null) {
            Thread.sleep(1);
        }
        TlsHandshake handshake = new TlsHandshake(client, credentials, null);
        SocketStream stream = new SocketStream(NioIo.INSTANCE, new TlsSocket(client, handshake), null);
        long deadline = System.nanoTime() + Eventually.GENEROUS.toNanos();
        try {
            while (System.nanoTime() - deadline < 0) {
                switch (handshake.advance(stream)) {
                    case WORK -> handshake.work();
                    case NOTHING -> throw new AssertionError("the handshake is done");
                    case INPUT, OUTPUT -> Thread.sleep(1);
                }
            }
            throw new AssertionError("nothing is refused");
        } catch (IpcException e) {
            return e;
        }
    }

    @Override
    public void close() {
        if (client != null) {
            client.shutdownOutput();
            client.close();
        }
        socket.close();
    }
}
