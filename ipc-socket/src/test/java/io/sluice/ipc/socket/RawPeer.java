package io.sluice.ipc.socket;

import io.sluice.ipc.Endpoint;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A peer of `udp:` that is written from docs/wire-format.md alone, and counts every byte.
final class RawPeer implements AutoCloseable {
    static final int HELLO = 1;
    static final int COOKIE = 2;
    static final int WELCOME = 3;
    static final int REFUSED = 4;
    static final int DATA = 5;
    static final int PING = 6;
    static final int BYE = 8;
    static final int ENDED = 9;

    private final DatagramSocket socket;
    private final InetSocketAddress to;
    long client;
    long session;
    long sentBytes;
    long receivedBytes;

    RawPeer(Endpoint endpoint) throws IOException {
        this(endpoint, new DatagramSocket(0, InetAddress.getLoopbackAddress()));
    }

    RawPeer(Endpoint endpoint, DatagramSocket socket) throws IOException {
        String place = endpoint.address().place();
        this.to = new InetSocketAddress(
                InetAddress.getLoopbackAddress(), Integer.parseInt(place.substring(place.lastIndexOf(':') + 1)));
        this.socket = socket;
        socket.setSoTimeout(10_000);
        socket.setReceiveBufferSize(1 << 20);
    }

    static ByteBuffer datagram(int type, int length) {
        ByteBuffer datagram = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        return datagram.put(0, (byte) 'S').put(1, (byte) 'U').put(2, (byte) 1).put(3, (byte) type);
    }

    ByteBuffer hello(byte[] cookie) {
        byte[] address = ("127.0.0.1:" + to.getPort()).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer hello = datagram(HELLO, 256).putLong(4, client).putInt(12, 1_000);
        if (cookie != null) {
            hello.putInt(16, 1).put(20, cookie);
        }
        return hello.putInt(116, address.length).put(120, address);
    }

    ByteBuffer ofSession(int type, long messages, int bytes) {
        return datagram(type, 20 + bytes).putLong(4, session).putLong(12, messages);
    }

    void send(ByteBuffer datagram) throws IOException {
        sentBytes += datagram.limit();
        socket.send(new DatagramPacket(datagram.array(), datagram.limit(), to));
    }

    void sendData(long number, int... bytes) throws IOException {
        ByteBuffer data = ofSession(DATA, number, bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            data.put(20 + i, (byte) bytes[i]);
        }
        send(data);
    }

    /// The next datagram, or null if there is none for a while.
    ByteBuffer receive(int millis) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[70_000], 70_000);
        socket.setSoTimeout(millis);
        try {
            socket.receive(packet);
        } catch (SocketTimeoutException e) {
            return null;
        }
        receivedBytes += packet.getLength();
        return ByteBuffer.wrap(Arrays.copyOf(packet.getData(), packet.getLength())).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Waits for a datagram of a type; others are left out.
    ByteBuffer await(int type) throws IOException {
        for (ByteBuffer in; (in = receive(10_000)) != null;) {
            if (in.get(3) == type) {
                return in;
            }
        }
        throw new AssertionError("no datagram of type " + type + " has come");
    }

    static byte[] cookie(ByteBuffer in) {
        byte[] cookie = new byte[32];
        in.get(12, cookie);
        return cookie;
    }

    byte[] askForCookie() throws IOException {
        send(hello(null));
        return cookie(await(COOKIE));
    }

    /// Opens a session.
    ///
    /// @return the HELLO that did it
    ByteBuffer open(long number) throws IOException {
        client = number;
        ByteBuffer hello = hello(askForCookie());
        send(hello);
        ByteBuffer welcome = await(WELCOME);
        session = welcome.getLong(20);
        return hello;
    }

    @Override
    public void close() {
        socket.close();
    }
}
