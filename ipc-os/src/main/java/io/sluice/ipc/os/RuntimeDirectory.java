package io.sluice.ipc.os;

import io.sluice.ipc.Address;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.UnsafeDirectoryException;
import io.sluice.ipc.spi.Configuration;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where places that are names live, for this user: the sockets, pipes and lock files of endpoints.
///
/// It is the directory named by `ipc.dir` / `IPC_DIR`; else `$XDG_RUNTIME_DIR/sluice`, if that variable names a
/// directory of this user, as its specification demands (after `su` or `sudo` it may not); else `/tmp/sluice-<uid>`.
/// Whoever can write to it could put a socket of his own in an endpoint's place, so it is refused unless it is a real
/// directory, owned by this user and writable by no one else.
///
/// Where files have no POSIX owners (Windows) it is `sluice-<user>` in `java.io.tmpdir`, and all that is checked is
/// that it is a real directory. Immutable; any thread may use it.
///
/// Sources: the XDG Base Directory Specification; inode(7) for owners and modes; unix(7) for the length of a
/// socket's path.
public final class RuntimeDirectory {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    /// `sun_path` has 108 bytes on Linux, unix(7), and 104 on macOS; one is for the NUL, and the JDK leaves another one
    /// unused: it refuses 107 bytes (25.0.3).
    private static final int MAX_SOCKET_PATH = Libc.MACOS ? 102 : 106;

    /// A lock on the directory, held; see [RuntimeDirectory#lock].
    public sealed interface Lock extends AutoCloseable permits DirectoryLock {
        /// Gives the lock back. Any thread may do so; a second time does nothing.
        @Override
        void close();
    }

    private final Path path;

    private RuntimeDirectory(Path path) {
        this.path = path;
    }

    /// The directory for an endpoint that is about to be bound: created with mode 0700 if it is missing.
    ///
    /// @return the directory, checked
    /// @throws UnsafeDirectoryException if it cannot be trusted; nothing was created in it
    /// @throws InvalidAddressException if `ipc.dir` is no path
    /// @throws SystemCallException if it cannot be created or looked at
    public static RuntimeDirectory forBind() {
        return forBind(locate());
    }

    /// The directory to look for an endpoint in. Creates nothing: where there is no directory, nobody listens.
    ///
    /// @param group whether the endpoint may be another user's, who opened it to a group: then the directory may have
    ///     any owner, but still neither its group nor others may write to it
    /// @return the directory, checked if it is there
    /// @throws UnsafeDirectoryException if it cannot be trusted
    /// @throws InvalidAddressException if `ipc.dir` is no path
    /// @throws SystemCallException if it cannot be looked at
    public static RuntimeDirectory forConnect(boolean group) {
        return forConnect(locate(), group);
    }

    static RuntimeDirectory forBind(Path path) {
        try {
            create(path);
            check(path, FileStatus.of(path), true);
        } catch (IOException e) {
            throw new SystemCallException(
                    "the runtime directory " + path + " cannot be created: " + e + "; name another one with ipc.dir",
                    e);
        }
        return new RuntimeDirectory(path);
    }

    static RuntimeDirectory forConnect(Path path, boolean group) {
        try {
            check(path, FileStatus.of(path), !group);
        } catch (NoSuchFileException e) {
            // Nobody has bound anything here yet.
        } catch (IOException e) {
            throw new SystemCallException(
                    "the runtime directory " + path + " cannot be looked at: " + e + "; name another one with ipc.dir",
                    e);
        }
        return new RuntimeDirectory(path);
    }

    private static Path locate() {
        return locate(Configuration.value("dir"), Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR")));
    }

    static Path locate(Optional<String> configured, Optional<String> xdg) {
        if (configured.isPresent()) {
            try {
                return Path.of(configured.get()).toAbsolutePath().normalize();
            } catch (InvalidPathException e) {
                throw new InvalidAddressException(
                        "ipc.dir is '" + configured.get() + "', which is no path: " + e.getReason(), e);
            }
        }
        if (!Libc.POSIX) {
            return Path.of(System.getProperty("java.io.tmpdir"), "sluice-" + System.getProperty("user.name"));
        }
        return xdg.map(Path::of)
                .filter(RuntimeDirectory::isOwnDirectory)
                .map(directory -> directory.resolve("sluice"))
                .orElseGet(() -> Path.of("/tmp/sluice-" + Libc.effectiveUser()));
    }

    private static boolean isOwnDirectory(Path path) {
        try {
            FileStatus status = FileStatus.of(path);
            return path.isAbsolute() && status.is(FileStatus.Kind.DIRECTORY) && status.isOwn();
        } catch (IOException e) {
            return false;
        }
    }

    private static void create(Path path) throws IOException {
        FileAttribute<?>[] mode = Libc.POSIX
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
        try {
            Files.createDirectory(path, mode);
        } catch (FileAlreadyExistsException e) {
            // Checked next, like one that was there before.
        } catch (NoSuchFileException e) {
            Files.createDirectories(path, mode);
        }
    }

    private static void check(Path path, FileStatus status, boolean own) {
        if (!status.is(FileStatus.Kind.DIRECTORY)) {
            throw unsafe(path, "is " + status.kind().words + ", not a real directory; take it away, or");
        }
        if (own && !status.isOwn()) {
            throw unsafe(
                    path,
                    "belongs to the user " + status.uid() + ", and this process runs as " + Libc.effectiveUser() + ";");
        }
        if (status.isWritableByOthers()) {
            String mode = String.format("%04o", status.mode());
            throw unsafe(path, "may be written to by others, its mode is " + mode + "; chmod go-w it, or");
        }
    }

    private static UnsafeDirectoryException unsafe(Path path, String why) {
        return new UnsafeDirectoryException(
                "the runtime directory " + path + " " + why + " name another one with ipc.dir or IPC_DIR");
    }

    /// Where it is.
    ///
    /// @return an absolute path
    public Path path() {
        return path;
    }

    /// Where the socket, pipe or lock file of an address is.
    ///
    /// @param address the address; its place is the name
    /// @param suffix what tells the scheme's files from those of others, for example `.shm`
    /// @return the path, at most 106 bytes long (102 on macOS)
    /// @throws InvalidAddressException if the place is no name, or the path is too long for a socket
    public Path socket(Address address, String suffix) {
        String name = address.place();
        if (!NAME.matcher(name).matches()) {
            throw new InvalidAddressException(address.withoutOptions() + ": '" + name
                    + "' is no name; a name has letters, digits, '.', '_' and '-', and starts with a letter or a"
                    + " digit");
        }
        return checkSocket(address, path.resolve(name + suffix));
    }

    /// Checks that a socket can have this path.
    ///
    /// @param address the address, for messages
    /// @param socket the path
    /// @return the path
    /// @throws InvalidAddressException if it is too long
    public static Path checkSocket(Address address, Path socket) {
        int length = Libc.bytes(socket).length;
        if (length > MAX_SOCKET_PATH) {
            throw new InvalidAddressException(address.withoutOptions() + ": the path of its socket, " + socket
                    + ", has " + length + " bytes, and the system allows " + MAX_SOCKET_PATH
                    + "; shorten the name, or set ipc.dir to a shorter directory");
        }
        return socket;
    }

    /// Locks the directory against all other threads and processes that do the same, flock(2): for the moment in which
    /// an endpoint looks for leftovers and takes its name. Nothing is created for it, so nothing is left over; the
    /// kernel releases it when the process dies.
    ///
    /// Blocks, up to the timeout, whether interrupted or not: holders need microseconds, and a caller that binds could
    /// not tell an interrupt from a failure. The interrupt status is kept. On systems without flock(2) (Windows) only
    /// the threads of this process are locked out.
    ///
    /// @param timeout how long to wait for another holder
    /// @return the lock; close it
    /// @throws TimedOutException if another has held it all the time; it may be a stopped process
    /// @throws SystemCallException if the directory is gone or its file system has no locks
    public Lock lock(Duration timeout) {
        return DirectoryLock.acquire(path, timeout);
    }
}
