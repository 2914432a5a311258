/// The `tcp:`, `tls:`, `udp:` and `unix:` transports: sockets between machines and between processes of one machine.
module io.sluice.ipc.socket {
    requires transitive io.sluice.ipc;
    requires io.sluice.ipc.os;
    requires io.netty.common;
    requires io.netty.transport;
    requires static io.netty.transport.classes.epoll;
    requires static io.netty.transport.classes.io_uring;
    requires static io.netty.transport.unix.common;
    requires jdk.net;
    requires org.slf4j;

    exports io.sluice.ipc.socket;

    provides io.sluice.ipc.spi.Transport with
            io.sluice.ipc.socket.TcpTransport,
            io.sluice.ipc.socket.TlsTransport,
            io.sluice.ipc.socket.UdpTransport,
            io.sluice.ipc.socket.UnixTransport;
}
