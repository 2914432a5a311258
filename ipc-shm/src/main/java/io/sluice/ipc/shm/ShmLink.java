package io.sluice.ipc.shm;

import io.sluice.ipc.Peer;
import io.sluice.ipc.os.FutexMemoryWait;
import io.sluice.ipc.os.Memcpy;
import io.sluice.ipc.os.MemoryFile;
import io.sluice.ipc.ring.Link;
import io.sluice.ipc.ring.MemoryCopy;
import io.sluice.ipc.ring.MemoryWait;
import io.sluice.ipc.ring.RingChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The rendezvous socket of a channel after the handshake: carries notifications, and its end of file proves that the peer
/// has closed or died.
final class ShmLink implements Link, IoLoop.Ready {
    private static final Logger LOG = LoggerFactory.getLogger(ShmLink.class);

    private final SocketChannel socket;
    private final Peer peer;
    private final MemoryFile memory;
    private final IoLoop loop;
    private final Runnable ringDoorbell;
    private final Runnable onRelease;
    private final ByteBuffer received = ByteBuffer.allocateDirect(64);
    private volatile RingChannel channel;

    /// @param ringDoorbell rings the endpoint's doorbell for this channel
    /// @param onRelease frees what else belongs to the channel
    ShmLink(
            SocketChannel socket,
            Peer peer,
            MemoryFile memory,
            IoLoop loop,
            Runnable ringDoorbell,
            Runnable onRelease) {
        this.socket = socket;
        this.peer = peer;
        this.memory = memory;
        this.loop = loop;
        this.ringDoorbell = ringDoorbell;
        this.onRelease = onRelease;
    }

    /// Starts to watch the socket for the channel.
    void watch(RingChannel watched) {
        channel = watched;
        loop.register(socket, SelectionKey.OP_READ, this);
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        int length = socket.read(received.clear());
        if (length < 0) {
            key.cancel();
            channel.onPeerGone();
            return;
        }
        for (int i = 0; i < length; i++) {
            if (received.get(i) != Welcome.NOTIFY) {
                key.cancel();
                channel.onGarbage("the peer sent the byte " + received.get(i) + " on the rendezvous socket, where only "
                        + Welcome.NOTIFY + " is allowed");
                return;
            }
        }
        channel.onNotified();
    }

    @Override
    public void failed(Exception cause) {
        if (!(cause instanceof ClosedChannelException)) {
            LOG.debug("{}: the rendezvous socket failed", channel.address(), cause);
        }
        channel.onPeerGone();
    }

    @Override
    public MemoryWait memoryWait() {
        return FutexMemoryWait.get();
    }

    /// The C library's, if the peer runs as the same user: it could end this process anyway. One of another user must not
    /// be able to by truncating the memory.
    @Override
    public MemoryCopy memoryCopy() {
        boolean ownUser =
                peer.user().filter(System.getProperty("user.name")::equals).isPresent();
        return ownUser && Memcpy.isSupported() ? Memcpy::copy : MemoryCopy.OF_JVM;
    }

    @Override
    public void notifyPeer() {
        try {
            // A full socket buffer has a notification in it already.
            socket.write(ByteBuffer.wrap(new byte[] {Welcome.NOTIFY}));
        } catch (IOException e) {
            LOG.debug("{}: the peer cannot be notified, it is gone", channel.address(), e);
        }
    }

    @Override
    public void ringDoorbell() {
        ringDoorbell.run();
    }

    @Override
    public Peer peer() {
        return peer;
    }

    @Override
    public void disconnect() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("{}: closing the rendezvous socket failed", channel.address(), e);
        }
        loop.forgetClosed();
    }

    @Override
    public void release() {
        memory.close();
        onRelease.run();
        loop.leave();
    }
}
