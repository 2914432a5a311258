package io.sluice.ipc.socket;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoEvent;
import io.netty.channel.nio.NioIoHandle;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.nio.NioIoOps;
import io.sluice.ipc.SystemCallException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/// The JDK's sockets and selectors: everywhere.
enum NioIo implements SocketIo {
    /// The one.
    INSTANCE;

    @Override
    public IoHandlerFactory handlers() {
        return NioIoHandler.newFactory();
    }

    @Override
    public StreamSocket connect(SocketAddress to) throws IOException {
        SocketChannel channel = open(to);
        boolean begun = false;
        try {
            channel.configureBlocking(false);
            boolean _ = channel.connect(to);
            begun = true;
            return new NioSocket(channel, to instanceof InetSocketAddress);
        } finally {
            if (!begun) {
                channel.close();
            }
        }
    }

    private static SocketChannel open(SocketAddress to) {
        try {
            return to instanceof UnixDomainSocketAddress
                    ? SocketChannel.open(StandardProtocolFamily.UNIX)
                    : SocketChannel.open();
        } catch (IOException e) {
            throw new SystemCallException("no socket can be had to connect to " + to + ": " + e.getMessage()
                    + "; if there are too many open files, raise ulimit -n", e);
        }
    }

    @Override
    public ServerSocket listen(SocketAddress at, int backlog) throws IOException {
        ServerSocketChannel channel = at instanceof UnixDomainSocketAddress
                ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                : ServerSocketChannel.open(); // both of IPv4 and IPv6, where it is bound to all addresses
        boolean bound = false;
        try {
            channel.configureBlocking(false);
            if (at instanceof InetSocketAddress) {
                // What is left of the channels of a server that has just ended does not hold the address.
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            }
            channel.bind(at, backlog);
            bound = true;
            return new Listening(channel, at instanceof InetSocketAddress);
        } finally {
            if (!bound) {
                channel.close();
            }
        }
    }

    @Override
    public String toString() {
        return "nio";
    }

    private record Listening(ServerSocketChannel channel, boolean inet) implements ServerSocket {
        @Override
        public StreamSocket accept() throws IOException {
            SocketChannel accepted = channel.accept();
            if (accepted == null) {
                return null;
            }
            boolean done = false;
            try {
                accepted.configureBlocking(false);
                done = true;
                return new NioSocket(accepted, inet);
            } finally {
                if (!done) {
                    accepted.close();
                }
            }
        }

        @Override
        public SocketAddress localAddress() throws IOException {
            return channel.getLocalAddress();
        }

        @Override
        public void close() {
            NioSocket.close(channel);
        }

        @Override
        public LoopHandle handle(LoopHandle.Ready ready) {
            return new Handle(channel, ready);
        }
    }

    /// A JDK channel in a selector.
    record Handle(SelectableChannel selectableChannel, Ready ready) implements NioIoHandle, LoopHandle {
        private static final NioIoOps INPUT = NioIoOps.READ.with(NioIoOps.ACCEPT);
        private static final NioIoOps OUTPUT = NioIoOps.WRITE.with(NioIoOps.CONNECT);

        @Override
        public boolean interest(IoRegistration registration, boolean input, boolean output) {
            NioIoOps ops = NioIoOps.NONE;
            if (input) {
                ops = ops.with(selectableChannel instanceof ServerSocketChannel ? NioIoOps.ACCEPT : NioIoOps.READ);
            }
            if (output) {
                boolean connecting = selectableChannel instanceof SocketChannel socket && socket.isConnectionPending();
                ops = ops.with(connecting ? NioIoOps.CONNECT : NioIoOps.WRITE);
            }
            try {
                return registration.submit(ops) >= 0;
            } catch (CancelledKeyException e) {
                return false;
            }
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            NioIoOps ops = ((NioIoEvent) event).ops();
            ready.ready((ops.value() & INPUT.value()) != 0, (ops.value() & OUTPUT.value()) != 0);
        }
    }
}
