package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Transport;
import java.util.List;

/// `tcp://HOST:PORT`: a server and its clients over TCP, on one machine or several.
public final class TcpTransport implements Transport {
    /// For [java.util.ServiceLoader].
    public TcpTransport() {}

    @Override
    public List<String> schemes() {
        return List.of("tcp");
    }

    @Override
    public List<Option<?>> options() {
        return Sockets.options(KeepAlive.OPTION, Secret.OPTION);
    }

    @Override
    public String synchronisation() {
        return "kernel socket, event loop";
    }

    @Override
    public Endpoint bind(Address address) {
        return new InetTransport(address, Secret.of(address), null).bind();
    }

    @Override
    public Channel connect(Address address) throws InterruptedException {
        return new InetTransport(address, Secret.of(address), null).connect();
    }
}
