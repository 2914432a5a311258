package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Peer;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.stream.StreamEndpoint;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Endpoints and channels over TCP, with or without TLS: what `tcp:` and `tls:` have in common.
///
/// @param address the application's
/// @param secret that both sides prove to have, or null
/// @param credentials of this side, or null without TLS
record InetTransport(Address address, Secret secret, TlsCredentials credentials) {
    private static final Logger LOG = LoggerFactory.getLogger(InetTransport.class);

    Endpoint bind() {
        InetPlace place = InetPlace.of(address);
        SocketIo io = IoChoice.of(address);
        InetSocketAddress at = place.toBind();
        ServerSocket socket = null;
        boolean bound = false;
        try {
            socket = io.listen(at, Sockets.BACKLOG);
            Address real = place.bound((InetSocketAddress) socket.localAddress());
            if (!at.getAddress().isLoopbackAddress()) {
                warnOfStrangers(real);
            }
            StreamEndpoint endpoint = new StreamEndpoint(real, () -> new LoopPoller(io));
            endpoint.attach(SocketListener.start(endpoint, io, socket, (mine, client) -> {
                client.keepAlive(KeepAlive.of(address));
                return guest(real, mine, client, null);
            }, () -> {}));
            bound = true;
            return endpoint;
        } catch (BindException e) {
            throw InetPlace.refused(address, at, e);
        } catch (IOException e) {
            throw new SystemCallException(address.withoutOptions() + ": cannot be bound: " + e.getMessage(), e);
        } finally {
            if (!bound && socket != null) {
                socket.close();
            }
        }
    }

    private void warnOfStrangers(Address real) {
        if (secret != null) {
            return;
        }
        if (credentials == null) {
            LOG.warn("{}: whoever can reach this machine can connect, and read and forge what is sent; bind to"
                    + " 127.0.0.1, demand a ?secret-file=, or use tls:", real.withoutOptions());
        } else if (!address.options().containsKey(TlsCredentials.CLIENT.name())) {
            LOG.warn("{}: whoever can reach this machine can connect; demand a certificate with ?client=required, or a"
                    + " ?secret-file=, or say that it is meant with ?client=none", real.withoutOptions());
        }
    }

    Channel connect() throws InterruptedException {
        return new SocketConnect(
                address,
                IoChoice.of(address),
                (io, socket, to) -> guest(address, io, socket, (InetSocketAddress) to),
                "start the server, or check host and port")
                .connect(InetPlace.of(address).toConnect());
    }

    /// @param server where this side has connected to, or null if it is the server
    private Admission.Guest guest(Address name, SocketIo io, StreamSocket socket, InetSocketAddress server)
            throws IOException {
        boolean client = server != null;
        List<Introduction> introductions = new ArrayList<>();
        StreamSocket top = socket;
        if (credentials != null) {
            TlsHandshake tls = new TlsHandshake(socket, credentials, server);
            introductions.add(tls);
            top = new TlsSocket(socket, tls);
        }
        if (secret != null) {
            introductions.add(new Challenge(secret, client, InetPlace.text(socket.serverAddress(client))));
        }
        return new Admission.Guest(new SocketStream(io, top, Peer.UNKNOWN), new Handshake(name, introductions));
    }
}
