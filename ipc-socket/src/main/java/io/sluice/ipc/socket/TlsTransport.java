package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Transport;
import java.util.List;

/// `tls://HOST:PORT`: as [TcpTransport], encrypted, and the server proves by a certificate who it is: TLS 1.3 and nothing older (RFC 8446).
///
/// The certificate must have the host by whose name or IP address the client connects, and lead to somebody in the client's `trust`. With
/// `client=required` clients prove who they are in the same way. The endpoint takes changed files for whoever connects from then
/// on. A stream that ends without TLS's own end (RFC 8446, 6.1) is a lost peer in every framing.
public final class TlsTransport implements Transport {
    /// For [java.util.ServiceLoader].
    public TlsTransport() {}

    @Override
    public List<String> schemes() {
        return List.of("tls");
    }

    @Override
    public List<Option<?>> options() {
        return Sockets.options(
                KeepAlive.OPTION,
                Secret.OPTION,
                TlsCredentials.CERTIFICATE,
                TlsCredentials.KEY,
                TlsCredentials.TRUST,
                TlsCredentials.CLIENT);
    }

    @Override
    public String synchronisation() {
        return "kernel socket, event loop";
    }

    @Override
    public Endpoint bind(Address address) {
        InetPlace.of(address);
        return new InetTransport(address, Secret.of(address), TlsCredentials.toBind(address)).bind();
    }

    @Override
    public Channel connect(Address address) throws InterruptedException {
        InetPlace.of(address);
        return new InetTransport(address, Secret.of(address), TlsCredentials.toConnect(address)).connect();
    }
}
