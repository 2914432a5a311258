package io.sluice.ipc.socket;

import io.netty.channel.ChannelException;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.os.Descriptor;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.NotYetConnectedException;

/// Sockets of the operating system itself. Netty's native library opens them; they are used by their descriptors, so
/// that a thread waits for one in poll(2), and the kernel says which process is at the other end.
final class NativeIo implements SocketIo {
    /// What an event loop waits with.
    interface Loops {
        IoHandlerFactory handlers();

        /// As [LoopSocket#handle].
        LoopHandle handle(Socket socket, Descriptor descriptor, LoopHandle.Ready ready);
    }

    private static final int SOCKET_ADDRESS_LENGTH = 50;

    private final String name;
    private final Loops loops;

    NativeIo(String name, Loops loops) {
        this.name = name;
        this.loops = loops;
    }

    @Override
    public IoHandlerFactory handlers() {
        return loops.handlers();
    }

    @Override
    public StreamSocket connect(SocketAddress to) throws IOException {
        Socket socket = open(to);
        boolean begun = false;
        try {
            boolean _ = socket.connect(netty(to));
            begun = true;
            return new NativeSocket(loops, socket, to instanceof InetSocketAddress);
        } finally {
            if (!begun) {
                socket.close();
            }
        }
    }

    @Override
    public ServerSocket listen(SocketAddress at, int backlog) throws IOException {
        Socket socket = open(at);
        boolean bound = false;
        try {
            if (at instanceof InetSocketAddress) {
                socket.setReuseAddress(true); // as NioIo does
            }
            bind(socket, at);
            socket.listen(backlog);
            bound = true;
            return new Listening(loops, socket, Descriptor.adopted(socket.intValue()), at instanceof InetSocketAddress);
        } finally {
            if (!bound) {
                socket.close();
            }
        }
    }

    private static void bind(Socket socket, SocketAddress at) throws IOException {
        try {
            socket.bind(netty(at));
        } catch (IOException e) {
            BindException refused = new BindException(e.getMessage());
            refused.initCause(e);
            throw refused;
        }
    }

    private static Socket open(SocketAddress address) {
        try {
            return address instanceof UnixDomainSocketAddress ? Socket.newSocketDomain() : Socket.newSocketStream();
        } catch (ChannelException e) {
            throw new SystemCallException("no socket can be had for " + address + ": " + e.getMessage()
                    + "; if there are too many open files, raise ulimit -n", e);
        }
    }

    /// An address as Netty wants it; all addresses of the machine are those of IPv4 and IPv6, where there is both.
    private static SocketAddress netty(SocketAddress address) throws IOException {
        if (address instanceof UnixDomainSocketAddress unix) {
            return new DomainSocketAddress(unix.getPath().toString());
        }
        InetSocketAddress inet = (InetSocketAddress) address;
        return inet.getAddress().isAnyLocalAddress() && Socket.isIPv6Preferred()
                ? new InetSocketAddress(InetAddress.getByAddress(new byte[16]), inet.getPort())
                : inet;
    }

    @Override
    public String toString() {
        return name;
    }

    private record Listening(Loops loops, Socket socket, Descriptor descriptor, boolean inet) implements ServerSocket {
        @Override
        public StreamSocket accept() throws IOException {
            if (!descriptor.enter()) {
                return null;
            }
            try {
                int accepted = socket.accept(new byte[SOCKET_ADDRESS_LENGTH]);
                return accepted < 0 ? null : new NativeSocket(loops, new Socket(accepted), inet);
            } finally {
                descriptor.leave();
            }
        }

        @Override
        public SocketAddress localAddress() {
            return inet ? socket.localAddress() : socket.localDomainSocketAddress();
        }

        /// A loop may hold it for a moment yet; the address is free at once.
        @Override
        public void close() {
            if (descriptor.enter()) {
                try {
                    socket.shutdown();
                } catch (IOException | NotYetConnectedException e) {
                    // a Unix-domain socket that listens; its address is its file
                } finally {
                    descriptor.leave();
                }
            }
            descriptor.close();
        }

        @Override
        public LoopHandle handle(LoopHandle.Ready ready) {
            return loops.handle(socket, descriptor, ready);
        }
    }
}
