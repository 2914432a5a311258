package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.os.SocketFile;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Transport;
import io.sluice.ipc.stream.StreamEndpoint;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;

/// `unix:NAME` or `unix:/PATH`: a server and its clients on one machine, over Unix-domain sockets.
public final class UnixTransport implements Transport {
    /// For [java.util.ServiceLoader].
    public UnixTransport() {}

    @Override
    public List<String> schemes() {
        return List.of("unix");
    }

    @Override
    public List<Option<?>> options() {
        return Sockets.options(Allowed.ALLOW, Allowed.GROUP);
    }

    @Override
    public String synchronisation() {
        return "kernel socket, event loop";
    }

    @Override
    public Endpoint bind(Address address) {
        Path path = UnixPlace.toBind(address);
        SocketIo io = IoChoice.of(address);
        Allowed allowed = Allowed.at(address);
        ServerSocket[] socket = new ServerSocket[1];
        boolean bound = false;
        try {
            SocketFile file =
                    SocketFile.bind(address, path, Allowed.group(address), free -> socket[0] = listen(io, free));
            StreamEndpoint endpoint = new StreamEndpoint(address, () -> new LoopPoller(io));
            endpoint.attach(SocketListener.start(endpoint, io, socket[0], allowed::admit, file::remove));
            bound = true;
            return endpoint;
        } finally {
            if (!bound && socket[0] != null) {
                socket[0].close();
            }
        }
    }

    private static ServerSocket listen(SocketIo io, Path path) throws IOException {
        return io.listen(UnixDomainSocketAddress.of(path), Sockets.BACKLOG);
    }

    @Override
    public Channel connect(Address address) throws InterruptedException {
        Path path = UnixPlace.toConnect(address);
        Allowed allowed = Allowed.at(address);
        return new SocketConnect(
                address,
                IoChoice.of(address),
                (io, socket, _) -> allowed.server(io, socket, path),
                "start the server, or check that both sides use the same name and runtime directory; its socket would be "
                        + path)
                .connect(List.of(UnixDomainSocketAddress.of(path)));
    }
}
