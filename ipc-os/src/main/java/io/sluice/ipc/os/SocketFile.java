package io.sluice.ipc.os;

import io.sluice.ipc.Address;
import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.SystemCallException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file by which a Unix-domain socket is found: unix(7).
///
/// A file of that name may be left by a process that died. It is dead if, and only if, the kernel refuses a connection to
/// it, because a socket that has a listener, be it stopped or busy, never refuses. Binding happens under a lock of the
/// directory, so that of two processes that find the same dead socket one clears it and the other then finds it alive.
public final class SocketFile {
    private static final Logger LOG = LoggerFactory.getLogger(SocketFile.class);
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(10);

    private final Path path;
    private final Object fileKey;

    private SocketFile(Path path, Object fileKey) {
        this.path = path;
        this.fileKey = fileKey;
    }

    /// Binds a listening socket to a path at which there is no file.
    @FunctionalInterface
    public interface Binding {
        /// @param path where
        /// @throws IOException if the system refuses
        void bind(Path path) throws IOException;
    }

    /// Binds a socket, clearing the file of one that a dead process has left. Only this user may connect to it, or the
    /// members of the group.
    ///
    /// @param address for messages
    /// @param path where; its directory exists
    /// @param group who else may connect
    /// @param binding binds the socket, which the caller closes if this fails
    /// @return its file
    /// @throws AddressInUseException if a living process is bound to the path
    /// @throws InvalidAddressException if there is no such group
    /// @throws AuthenticationException if the file cannot be given to the group
    /// @throws SystemCallException if something else is in the way, or the system refuses
    public static SocketFile bind(Address address, Path path, Optional<String> group, Binding binding) {
        try (RuntimeDirectory.Lock _ = DirectoryLock.acquire(path.getParent(), LOCK_TIMEOUT)) {
            clearIfDead(address, path);
            boolean bound = false;
            boolean ready = false;
            try {
                binding.bind(path);
                bound = true;
                restrict(address, path, group);
                SocketFile file = new SocketFile(path, attributes(path).fileKey());
                ready = true;
                return file;
            } finally {
                if (bound && !ready) {
                    Files.deleteIfExists(path);
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

    private static void restrict(Address address, Path path, Optional<String> group) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        if (view == null) {
            return; // no such permissions here; the directory's own protection stands
        }
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

    /// Removes the file, if it still is ours; while the socket listens, because nobody takes it for dead then.
    public void remove() {
        try {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                    && attributes(path).fileKey().equals(fileKey)) {
                Files.delete(path);
            }
        } catch (IOException e) {
            LOG.debug("{} could not be removed", path, e);
        }
    }
}
