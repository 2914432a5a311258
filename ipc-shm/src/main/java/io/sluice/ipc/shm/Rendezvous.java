package io.sluice.ipc.shm;

import io.sluice.ipc.Address;
import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Peer;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.os.RuntimeDirectory;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The Unix-domain socket at which an endpoint is found: unix(7).
///
/// A file of that name may be left by a process that died. It is dead if, and only if, the kernel refuses a connection to
/// it, because a socket that has a listener, be it stopped or busy, never refuses. Binding happens under the lock of the
/// runtime directory, so that of two processes that find the same dead socket one clears it and the other then finds it
/// alive.
final class Rendezvous {
    static final String SUFFIX = ".sock";

    private static final Logger LOG = LoggerFactory.getLogger(Rendezvous.class);
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(10);
    private static final int BACKLOG = 1024;

    private final Path path;
    private final ServerSocketChannel socket;
    private final Object fileKey;

    private Rendezvous(Path path, ServerSocketChannel socket, Object fileKey) {
        this.path = path;
        this.socket = socket;
        this.fileKey = fileKey;
    }

    /// Binds the address's socket, clearing one that a dead process has left.
    static Rendezvous bind(Address address, RuntimeDirectory directory) {
        Path path = directory.socket(address, SUFFIX);
        try (RuntimeDirectory.Lock _ = directory.lock(LOCK_TIMEOUT)) {
            clearIfDead(address, path);
            ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            boolean bound = false;
            boolean ready = false;
            try {
                socket.configureBlocking(false);
                socket.bind(UnixDomainSocketAddress.of(path), BACKLOG);
                bound = true;
                restrict(address, path);
                Rendezvous rendezvous = new Rendezvous(path, socket, attributes(path).fileKey());
                ready = true;
                return rendezvous;
            } finally {
                if (!ready) {
                    socket.close();
                    if (bound) {
                        Files.deleteIfExists(path);
                    }
                }
            }
        } catch (IOException e) {
            throw new SystemCallException(
                    address.withoutOptions() + ": the socket " + path + " cannot be bound: " + e.getMessage(), e);
        }
    }

    private static void clearIfDead(Address address, Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!attributes(path).isOther()) {
            throw new SystemCallException(address.withoutOptions() + ": " + path
                    + " is in the way and is no socket; it is not ours, so take it away yourself");
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false); // a full backlog is an error then, not a wait
            probe.connect(UnixDomainSocketAddress.of(path));
        } catch (ConnectException refused) {
            LOG.debug("{}: clearing {}, which a dead process has left", address, path);
            Files.delete(path);
            return;
        } catch (IOException alive) {
            throw inUse(address, path, alive);
        }
        throw inUse(address, path, null);
    }

    private static AddressInUseException inUse(Address address, Path path, IOException cause) {
        return new AddressInUseException(address.withoutOptions() + ": a living process is bound to it (its socket is "
                + path + "); stop that one or use another name", cause);
    }

    private static void restrict(Address address, Path path) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        if (view == null) {
            return; // no such permissions here; the directory's own protection stands
        }
        Optional<String> group = ShmTransport.group(address);
        if (group.isPresent()) {
            giveTo(address, path, view, group.get());
        }
        view.setPermissions(PosixFilePermissions.fromString(group.isPresent() ? "rw-rw----" : "rw-------"));
    }

    private static void giveTo(Address address, Path path, PosixFileAttributeView view, String group) {
        try {
            view.setGroup(path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group));
        } catch (UserPrincipalNotFoundException e) {
            throw new InvalidAddressException(
                    address + ": there is no group '" + group + "'; getent group lists those that there are", e);
        } catch (IOException e) {
            throw new AuthenticationException(
                    address + ": the socket " + path + " cannot be given to the group '" + group
                            + "': is this user in it? " + e.getMessage(),
                    e);
        }
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    ServerSocketChannel socket() {
        return socket;
    }

    /// Removes the socket's file, if it still is ours, and stops listening.
    void close() {
        try (socket) {
            // While we listen, nobody takes our file for dead; so what bears our key is ours.
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                    && attributes(path).fileKey().equals(fileKey)) {
                Files.delete(path);
            }
        } catch (IOException e) {
            LOG.debug("{} could not be removed", path, e);
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
