package io.sluice.ipc.shm;

import io.sluice.ipc.Address;
import io.sluice.ipc.Peer;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.os.RuntimeDirectory;
import io.sluice.ipc.os.SocketFile;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.OptionalLong;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The Unix-domain socket at which an endpoint is found, by its [SocketFile].
final class Rendezvous {
    static final String SUFFIX = ".sock";

    private static final Logger LOG = LoggerFactory.getLogger(Rendezvous.class);
    private static final int BACKLOG = 1024;

    private final ServerSocketChannel socket;
    private final SocketFile file;

    private Rendezvous(ServerSocketChannel socket, SocketFile file) {
        this.socket = socket;
        this.file = file;
    }

    /// Binds the address's socket, clearing one that a dead process has left.
    static Rendezvous bind(Address address, RuntimeDirectory directory) {
        Path path = directory.socket(address, SUFFIX);
        try {
            ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            boolean ready = false;
            try {
                socket.configureBlocking(false);
                SocketFile file = SocketFile.bind(
                        address,
                        path,
                        ShmTransport.group(address),
                        free -> socket.bind(UnixDomainSocketAddress.of(free), BACKLOG));
                ready = true;
                return new Rendezvous(socket, file);
            } finally {
                if (!ready) {
                    socket.close();
                }
            }
        } catch (IOException e) {
            throw new SystemCallException(
                    address.withoutOptions() + ": the socket " + path + " cannot be opened: " + e.getMessage(), e);
        }
    }

    ServerSocketChannel socket() {
        return socket;
    }

    /// Removes the socket's file, if it still is ours, and stops listening.
    void close() {
        try (socket) {
            file.remove();
        } catch (IOException e) {
            LOG.debug("the socket of an endpoint could not be closed", e);
        }
    }

    /// Who is at the other end of a socket, by `SO_PEERCRED`.
    static UnixDomainPrincipal principal(SocketChannel socket) throws IOException {
        return socket.getOption(ExtendedSocketOptions.SO_PEERCRED);
    }

    static Peer peer(UnixDomainPrincipal principal) {
        return new Peer(
                Optional.of(principal.user().getName()),
                Optional.of(principal.group().getName()),
                OptionalLong.empty());
    }

    /// Who owns a runtime directory, and so the endpoints in it.
    static UserPrincipal owner(RuntimeDirectory directory) throws IOException {
        return Files.getOwner(directory.path());
    }
}
