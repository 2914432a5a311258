package io.sluice.ipc.socket;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/// The datagrams of one session, on a socket: gives each its head and its tag and sends it, and checks the tags of those that come.
final class UdpWire {
    private final UdpSocket socket;
    private final InetSocketAddress peer;
    private final long id;
    private final Seal sends;
    private final Seal checks;
    private final ByteBuffer word = DatagramLayout.buffer(DatagramLayout.HEADER + Seal.LENGTH);

    /// @param socket of this side
    /// @param peer its address, or null if the socket is connected to it
    /// @param id of the session
    /// @param sends vouches for what this side sends; null if nobody does
    /// @param checks vouches for what comes; null if nobody does
    UdpWire(UdpSocket socket, InetSocketAddress peer, long id, Seal sends, Seal checks) {
        this.socket = socket;
        this.peer = peer;
        this.id = id;
        this.sends = sends;
        this.checks = checks;
    }

    UdpSocket socket() {
        return socket;
    }

    InetSocketAddress peer() {
        return peer;
    }

    long id() {
        return id;
    }

    /// Whether the peer proves what it says.
    boolean isTrusted() {
        return checks != null;
    }

    /// Takes the tag off a datagram, if there are any. Under the lock of the socket.
    ///
    /// @return whether the peer has sent it
    boolean isGenuine(ByteBuffer in) {
        return checks == null || checks.take(in);
    }

    /// Says something without a message, which may get lost.
    void say(int type, long messages) {
        synchronized (word) {
            socket.trySend(complete(word, type, messages, 0), peer);
        }
    }

    /// Sends a message that stands behind room for the head.
    ///
    /// @return false if the system has no room for it
    boolean send(ByteBuffer datagram, long number, int length) {
        return socket.send(complete(datagram, DatagramLayout.DATA, number, length), peer);
    }

    /// Sends a datagram that is complete, which may get lost.
    void sendAsItIs(ByteBuffer datagram) {
        socket.trySend(datagram, peer);
    }

    private ByteBuffer complete(ByteBuffer datagram, int type, long messages, int length) {
        DatagramLayout.head(datagram, type)
                .putLong(DatagramLayout.SESSION_AT, id)
                .putLong(DatagramLayout.MESSAGES_AT, messages)
                .limit(DatagramLayout.HEADER + length);
        if (sends != null) {
            synchronized (sends) {
                sends.put(datagram);
            }
        }
        return datagram;
    }
}
