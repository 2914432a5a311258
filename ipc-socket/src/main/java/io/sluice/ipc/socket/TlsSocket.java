package io.sluice.ipc.socket;

import io.sluice.ipc.Peer;
import io.sluice.ipc.stream.BrokenStreamException;
import io.sluice.ipc.stream.ByteStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLException;

/// A stream socket whose bytes go through TLS. Nothing is read or written before its [TlsHandshake] is done.
///
/// The peer ends its stream by saying so; a socket that ends without is one that was cut ([ByteStream#LOST]), by the peer's death or
/// by somebody between. The certificate proves who may connect, not as which user of which system: [Peer] says nothing.
final class TlsSocket implements StreamSocket {
    private final StreamSocket socket;
    private final TlsHandshake handshake;
    private BrokenStreamException broken;

    /// @param socket beneath, connected
    /// @param handshake on it
    TlsSocket(StreamSocket socket, TlsHandshake handshake) {
        this.socket = socket;
        this.handshake = handshake;
    }

    @Override
    public boolean finishConnect() throws IOException {
        return socket.finishConnect();
    }

    @Override
    public int read(MemorySegment to, long offset, int length) {
        if (broken != null) {
            throw broken;
        }
        try {
            return handshake.input().read(to, offset, length);
        } catch (SSLException e) {
            RuntimeException why = handshake.refuse(e);
            broken = new BrokenStreamException(why.getMessage(), why);
            throw broken;
        }
    }

    @Override
    public int write(MemorySegment from, long offset, int length) {
        return handshake.output().write(from, offset, length);
    }

    @Override
    public boolean hasInput() {
        return handshake.isDone() && handshake.input().isReady();
    }

    @Override
    public boolean hasOutput() {
        return handshake.isDone() && handshake.output().isWaiting();
    }

    @Override
    public boolean flush() {
        return !handshake.isDone() || handshake.output().flush();
    }

    @Override
    public int discard(MemorySegment scratch) {
        if (handshake.isDone()) {
            handshake.input().abandon();
        }
        return socket.discard(scratch);
    }

    @Override
    public void keepAlive(KeepAlive keepAlive) throws IOException {
        socket.keepAlive(keepAlive);
    }

    @Override
    public InetSocketAddress serverAddress(boolean client) throws IOException {
        return socket.serverAddress(client);
    }

    @Override
    public Peer peer() {
        return Peer.UNKNOWN;
    }

    @Override
    public boolean resetsUnread() {
        return socket.resetsUnread();
    }

    @Override
    public SocketWait newWait(boolean input) throws IOException {
        return socket.newWait(input);
    }

    @Override
    public LoopHandle handle(LoopHandle.Ready ready) {
        return socket.handle(ready);
    }

    @Override
    public boolean shutdownOutput() {
        return handshake.isDone() ? handshake.output().end() : socket.shutdownOutput();
    }

    @Override
    public void close() {
        socket.close();
    }
}
