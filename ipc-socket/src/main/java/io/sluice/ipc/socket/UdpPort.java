package io.sluice.ipc.socket;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.HashMap;
import java.util.Map;

/// A bound UDP port: the sessions with all peers, which share its one socket, and the endpoint that lets new ones in.
///
/// When an endpoint is closed and channels go on, its socket stays. The next endpoint of this process on the same address takes
/// it over; to other processes the address is free when the last of those channels is closed.
final class UdpPort implements UdpSocket.Receiver, UdpSession.Owner {
    private static final int RECEIVE_BUFFER = 4 << 20; // as far as net.core.rmem_max allows
    private static final Map<InetSocketAddress, UdpPort> BOUND = new HashMap<>();

    private final UdpSocket socket;
    private final InetSocketAddress local;
    private final UdpSessions sessions = new UdpSessions();
    private final ByteBuffer ended = DatagramLayout.buffer(DatagramLayout.HEADER);
    private UdpListener listener; // under the lock of the socket

    private UdpPort(String name, DatagramChannel channel, InetSocketAddress local, UdpListener listener) {
        this.local = local;
        this.listener = listener;
        this.socket = new UdpSocket(name, channel, DatagramLayout.LARGEST, this, this::closed);
    }

    /// Binds an address, or takes over what this process has bound to it for channels that go on.
    ///
    /// @param name of the address, for the words of errors
    /// @param at where; port 0: the system chooses
    /// @param listener lets peers in
    /// @throws BindException if the address cannot be had
    static UdpPort bind(String name, InetSocketAddress at, boolean fragments, UdpListener listener)
            throws IOException {
        while (true) {
            UdpPort known;
            synchronized (BOUND) {
                known = BOUND.get(at);
                if (known == null) {
                    UdpPort port = open(name, at, fragments, listener);
                    BOUND.put(port.local, port);
                    return port;
                }
            }
            if (known.takeOver(listener)) {
                return known;
            }
            known.socket.awaitClosed();
        }
    }

    private static UdpPort open(String name, InetSocketAddress at, boolean fragments, UdpListener listener)
            throws IOException {
        DatagramChannel channel = UdpTransport.open(at, fragments);
        boolean done = false;
        try {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
            channel.bind(at);
            int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
            UdpPort opened = new UdpPort(name, channel, new InetSocketAddress(at.getAddress(), port), listener);
            done = true;
            opened.socket.start();
            return opened;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    private boolean takeOver(UdpListener next) throws BindException {
        socket.lock().lock();
        try {
            if (listener != null) {
                throw new BindException("in use by another endpoint of this process");
            }
            if (!socket.join(KeepAlive.OPTION.defaultValue())) {
                return false;
            }
            listener = next;
            return true;
        } finally {
            socket.lock().unlock();
        }
    }

    /// The listener lets nobody in any more. Returns when the address is free, if no channel goes on.
    void release() {
        socket.lock().lock();
        try {
            listener = null;
        } finally {
            socket.lock().unlock();
        }
        socket.leave();
        socket.awaitClosed();
    }

    private void closed() {
        synchronized (BOUND) {
            BOUND.remove(local);
        }
    }

    UdpSocket socket() {
        return socket;
    }

    /// Where it is bound, with the real port.
    InetSocketAddress local() {
        return local;
    }

    UdpSessions sessions() {
        return sessions;
    }

    @Override
    public void received(ByteBuffer in, InetSocketAddress from) {
        if (!DatagramLayout.isOurs(in)) {
            return;
        }
        int type = in.get(DatagramLayout.TYPE_AT);
        if (type == DatagramLayout.HELLO) {
            if (listener != null) {
                listener.hello(in, from);
            }
        } else if (DatagramLayout.is(in, type, DatagramLayout.HEADER)) {
            UdpSession session = sessions.of(in, from);
            if (session != null) {
                session.received(in);
            } else if (type == DatagramLayout.DATA || type == DatagramLayout.PING || type == DatagramLayout.BYE) {
                long id = in.getLong(DatagramLayout.SESSION_AT);
                DatagramLayout.begin(ended, DatagramLayout.ENDED, DatagramLayout.HEADER)
                        .putLong(DatagramLayout.SESSION_AT, id);
                socket.trySend(ended, from); // no longer than what came
            }
        }
    }

    @Override
    public boolean tick(long now, long late) {
        return sessions.tick(now, late);
    }

    @Override
    public void giveUp(long now) {
        sessions.giveUp(now);
    }

    @Override
    public void closed(UdpSession session) {
        sessions.remove(session);
    }
}
