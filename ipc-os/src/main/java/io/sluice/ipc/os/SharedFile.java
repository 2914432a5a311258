package io.sluice.ipc.os;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.NoSpaceException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.spi.Configuration;
import io.sluice.ipc.spi.Quantities;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The file behind a [MemoryFile] while it has a name: created, locked, reserved, unlinked; and the sweeping of those
/// whose creator died before it could unlink.
///
/// A file is proved to be nobody's when its lock can be had. But between its creation and its locking a living
/// creator's file looks like that too. So the creator locks first and trusts only what it finds afterwards:
///
///     creator                                    sweeper
///     1 create the file, exclusively             1 open a file
///     2 lock it, without waiting                 2 lock it, without waiting
///       - refused: a sweeper has it;               - refused: its creator lives; leave it
///         leave it to him, start anew            3 unlink it
///     3 look whether the name is still there     4 close: unlock
///       - gone: a sweeper had it; start anew
///     4 reserve, use; unlink; close: unlock
///
/// Whoever holds the lock of a linked file is the only one to unlink it. If the sweeper was first, the creator sees so
/// in step 2 or 3; if the creator was first, the sweeper is refused; and the name is 128 random bits, so nobody creates
/// it again. A creator killed between 1 and 2 leaves a file that the next sweep removes. Other ways were weighed:
/// O_TMPFILE and linkat(2) hide the file until it is locked, but not every file system can; a lock around all of it
/// would let one stopped process stop all.
///
/// The lock is flock(2)'s and not fcntl(2)'s, which Java's `FileLock` is: that one vanishes when any descriptor of the
/// file is closed by the process, as mapping the file does.
final class SharedFile {
    private static final Path SHM = Path.of("/dev/shm");
    private static final Pattern OWNER = Pattern.compile("[A-Za-z0-9._-]{1,150}");
    private static final Pattern RANDOM = Pattern.compile("[0-9a-f]{32}");
    private static final int RANDOM_BYTES = 16;
    private static final int MODE = 0600;
    private static final int ZEROS = 1 << 16;
    private static final SecureRandom SECURE = new SecureRandom();
    private static final Set<Integer> NO_ROOM = Set.of(Libc.ENOSPC, Libc.EFBIG, Libc.ENOMEM, Libc.EDQUOT);
    private static final int NO_DESCRIPTOR = -1;

    private final Path path;
    private final FileStatus created;
    private final int descriptor;
    private boolean linked = true;

    private SharedFile(Path path, FileStatus created, int descriptor) {
        this.path = path;
        this.created = created;
        this.descriptor = descriptor;
    }

    /// Where such files are created.
    static Path directory() {
        Optional<String> configured = Configuration.value("shm.dir");
        if (configured.isPresent()) {
            try {
                Path directory = Path.of(configured.get()).toAbsolutePath().normalize();
                if (Files.isDirectory(directory)) {
                    return directory;
                }
            } catch (InvalidPathException e) {
                // Said below.
            }
            throw new InvalidAddressException(
                    "ipc.shm.dir is '" + configured.get() + "', which is no directory; create it, or name another one");
        }
        return Files.isDirectory(SHM) ? SHM : Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
    }

    private static String prefix(String owner) {
        if (!OWNER.matcher(owner).matches()) {
            throw new IllegalArgumentException("'" + owner + "' does not match " + OWNER);
        }
        return "sluice-" + (Libc.POSIX ? Libc.effectiveUser() : System.getProperty("user.name")) + "-" + owner + "-";
    }

    static SharedFile create(Path directory, String owner, long size, Optional<String> group) {
        if (size < 1) {
            throw new IllegalArgumentException("a size of " + size + " bytes");
        }
        String prefix = prefix(owner);
        byte[] random = new byte[RANDOM_BYTES];
        Optional<SharedFile> file;
        do {
            SECURE.nextBytes(random);
            file = tryCreate(directory.resolve(prefix + HexFormat.of().formatHex(random)));
        } while (file.isEmpty());
        boolean ready = false;
        try {
            file.get().reserve(size);
            if (group.isPresent()) {
                file.get().giveTo(group.get());
            }
            ready = true;
            return file.get();
        } finally {
            if (!ready) {
                file.get().unlink();
            }
        }
    }

    /// Steps 1 to 3; empty if a sweeper came between.
    private static Optional<SharedFile> tryCreate(Path path) {
        if (!Libc.POSIX) {
            try {
                Files.createFile(path);
                return Optional.of(new SharedFile(path, FileStatus.of(path), NO_DESCRIPTOR));
            } catch (IOException e) {
                throw uncreatable(path, e.toString());
            }
        }
        int flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;
        int descriptor = Libc.open(path, flags, MODE);
        if (descriptor < 0) {
            throw uncreatable(path, Libc.words(descriptor));
        }
        return claim(path, descriptor);
    }

    /// Steps 2 and 3: locks a new file. Closes its descriptor if a sweeper has it.
    static Optional<SharedFile> claim(Path path, int descriptor) {
        boolean claimed = false;
        try {
            int result = Libc.flock(descriptor, Libc.LOCK_EX | Libc.LOCK_NB);
            if (result < 0 && result != -Libc.EAGAIN) {
                Files.deleteIfExists(path);
                throw uncreatable(path, "it cannot be locked: " + Libc.words(result));
            }
            FileStatus created = FileStatus.of(path);
            claimed = result == 0 && created.isOwn();
            return claimed ? Optional.of(new SharedFile(path, created, descriptor)) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw uncreatable(path, e.toString());
        } finally {
            if (!claimed) {
                Libc.close(descriptor);
            }
        }
    }

    private static SystemCallException uncreatable(Path path, String why) {
        return new SystemCallException(path + " cannot be created: " + why + "; name a directory with ipc.shm.dir");
    }

    /// Gives the file its length and all its pages, so that touching the mapping can no longer fail for want of them.
    ///
    /// By posix_fallocate(3), which clears pages in the kernel; writing zeros copies them there as well: 190 against
    /// 265 us for 512 KiB, 750 against 1,150 us for 2 MiB on tmpfs.
    private void reserve(long size) {
        if (Libc.LINUX && Libc.POSIX) {
            int result = Libc.allocate(descriptor, size);
            if (NO_ROOM.contains(-result)) {
                throw noSpace(size, Libc.words(result));
            }
            if (result < 0) {
                throw uncreatable(path, "no pages can be reserved: " + Libc.words(result));
            }
            return;
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(size, ZEROS));
            for (long left = size; left > 0; left -= channel.write(zeros)) {
                zeros.clear().limit((int) Math.min(left, zeros.capacity()));
            }
        } catch (IOException e) {
            throw noSpace(size, e.toString());
        }
    }

    private NoSpaceException noSpace(long size, String why) {
        Path directory = path.getParent();
        String free;
        try {
            free = Quantities.size(Files.getFileStore(directory).getUsableSpace()) + " is free in " + directory;
        } catch (IOException e) {
            free = "what is free in " + directory + " cannot be told";
        }
        return new NoSpaceException(path + ": " + Quantities.size(size) + " asked, " + free + " (" + why
                + "); ask for less with ?capacity=, make room or enlarge it (mount -o remount,size=, in a container"
                + " --shm-size=), or name another directory with ipc.shm.dir");
    }

    private void giveTo(String group) {
        if (!Libc.POSIX) {
            throw new InvalidAddressException("group=" + group + ": files have no groups on this system; leave it out");
        }
        var view = Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        try {
            view.setGroup(path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
        } catch (UserPrincipalNotFoundException e) {
            throw new InvalidAddressException("group=" + group + ": there is no such group; see getent group", e);
        } catch (IOException e) {
            throw new AuthenticationException(
                    path + " cannot be given to the group " + group + ": is this user in it? " + e, e);
        }
    }

    Path path() {
        return path;
    }

    /// Which file was created: to be compared with what the name means later.
    FileStatus created() {
        return created;
    }

    synchronized void unlink() {
        if (!linked) {
            return;
        }
        try {
            if (FileStatus.of(path).isSameFileAs(created)) {
                Files.delete(path);
            }
            linked = false;
        } catch (NoSuchFileException e) {
            linked = false;
        } catch (IOException e) {
            if (Libc.POSIX) {
                linked = false;
                throw new SystemCallException(path + " cannot be deleted: " + e, e);
            }
            // Windows deletes no file that is mapped; this is called again when it no longer is.
        } finally {
            if (!linked && descriptor != NO_DESCRIPTOR) {
                Libc.close(descriptor);
            }
        }
    }

    static int sweep(Path directory, String owner) {
        String prefix = prefix(owner);
        if (!Libc.POSIX) {
            return 0;
        }
        int removed = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, path -> isNamed(prefix, path))) {
            for (Path file : files) {
                if (removeIfAbandoned(file)) {
                    removed++;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new SystemCallException(directory + " cannot be searched for leftovers: " + e, e);
        }
        return removed;
    }

    private static boolean isNamed(String prefix, Path path) {
        String name = path.getFileName().toString();
        return name.startsWith(prefix) && RANDOM.matcher(name.substring(prefix.length())).matches();
    }

    private static boolean removeIfAbandoned(Path path) throws IOException {
        int descriptor = NO_DESCRIPTOR;
        try {
            FileStatus status = FileStatus.of(path);
            if (!status.is(FileStatus.Kind.REGULAR) || !status.isOwn()) {
                return false;
            }
            descriptor = Libc.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
            return descriptor >= 0
                    && Libc.flock(descriptor, Libc.LOCK_EX | Libc.LOCK_NB) == 0
                    && FileStatus.of(path).isSameFileAs(status)
                    && Files.deleteIfExists(path);
        } catch (NoSuchFileException e) {
            return false;
        } finally {
            if (descriptor >= 0) {
                Libc.close(descriptor);
            }
        }
    }
}
