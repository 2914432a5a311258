package io.sluice.ipc.os;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.NoSpaceException;
import io.sluice.ipc.SystemCallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/// Memory that two processes share: a file that both map, reserved before it is mapped.
///
/// One process creates it and tells the other its path; the other opens it; then the creator unlinks it, so that it
/// vanishes with the last mapping however the two end. It lives in `/dev/shm`, where files are memory, or in the
/// directory that `ipc.shm.dir` / `IPC_SHM_DIR` names, or where there is no `/dev/shm`, in `java.io.tmpdir`.
///
/// As long as the file has a name, its creator holds an flock(2) on it that the kernel releases when the creator dies.
/// That is the proof by which [#sweep] tells a dead creator's file from a living one's; see [SharedFile] for how the
/// two agree while the file is new.
///
/// A peer that has mapped the file can also truncate it, and then touching the lost pages may kill this JVM. Its answer
/// to SIGBUS is mostly an [InternalError], but not always: not for a compare-and-set in the interpreter, for CRC32C, or
/// for an `int` that compiled code reads into a `long` (JDK 25.0.3 on x86-64). There is no defence in a file that both
/// may write; so only peers that could kill this process anyway, of the same user, or of a group that is trusted as
/// much, may map it.
///
/// Any thread may use all of this, an interrupted one too: nothing here waits for long, and the interrupt is kept.
///
/// Sources: shm_overview(7), mmap(2), posix_fallocate(3), flock(2).
public final class MemoryFile implements AutoCloseable {
    private static final long PATIENCE_NANOS = Duration.ofMillis(100).toNanos();
    private static final long PAUSE_NANOS = 50_000;
    private static final Set<OpenOption> OPTIONS =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private final Path path;
    private final String owner;
    private final Arena arena;
    private final MemorySegment memory;
    private final SharedFile file;

    private MemoryFile(Path path, String owner, Arena arena, MemorySegment memory, SharedFile file) {
        this.path = path;
        this.owner = owner;
        this.arena = arena;
        this.memory = memory;
        this.file = file;
    }

    /// Creates a file of zeros with a new name, `sluice-<uid>-<owner>-<random>`, all its pages reserved, and maps it.
    ///
    /// Readable and writable by this user only, or by a group too. Blocks for as long as the kernel needs to
    /// clear the pages: about a millisecond for 4 MiB.
    ///
    /// @param owner whose it is, for [#sweep]: letters, digits, `.`, `_` and `-`, 150 at most
    /// @param size its size in bytes, at least 1
    /// @param group a group that may map it too
    /// @return the file, mapped; [#close()] it
    /// @throws NoSpaceException if it does not fit; no file is left
    /// @throws io.sluice.ipc.InvalidAddressException if there is no such group or `ipc.shm.dir` is no directory
    /// @throws AuthenticationException if this user may not create files there, or not give them to the group
    /// @throws SystemCallException if the system refuses something else
    public static MemoryFile create(String owner, long size, Optional<String> group) {
        SharedFile file = SharedFile.create(SharedFile.directory(), owner, size, group);
        boolean mapped = false;
        try {
            MemoryFile memory = map(file.path(), size, file.created(), file);
            mapped = true;
            return memory;
        } catch (NoSuchFileException e) {
            throw new SystemCallException(file.path() + " was deleted by somebody else as soon as it was created", e);
        } finally {
            if (!mapped) {
                file.unlink();
            }
        }
    }

    /// Maps a file that another process has created.
    ///
    /// @param path where it is
    /// @param size the size that it must have, in bytes
    /// @return the file, mapped; [#close()] it. It is never unlinked by this side
    /// @throws NoSuchFileException if it is not there: it was unlinked, or the other process sees another file system
    /// @throws AuthenticationException if this user may not read and write it
    /// @throws HandshakeException if it is no regular file or has another size
    /// @throws SystemCallException if the system refuses something else
    public static MemoryFile open(Path path, long size) throws NoSuchFileException {
        try {
            return map(path.toAbsolutePath(), size, checked(path, size, FileStatus.of(path)), null);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw unmappable(path, size, e);
        }
    }

    /// Maps the file of that status and reads it once, which enters its pages into the page table 16 at a time: 60 us
    /// for 512 KiB, against 280 us if each page faults when it is first written. What the path means is looked at again
    /// once the file is open.
    private static MemoryFile map(Path path, long size, FileStatus status, SharedFile file) throws NoSuchFileException {
        boolean interrupted = false;
        try {
            while (true) {
                // Not one of these calls waits for anything, but a file channel gives up all the same if its thread is
                // interrupted; so the interrupt is left to calls that do wait.
                interrupted |= Thread.interrupted();
                try {
                    return mapUninterrupted(path, size, status, file);
                } catch (ClosedByInterruptException e) {
                    // Once more, without it.
                }
            }
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw unmappable(path, size, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static MemoryFile mapUninterrupted(Path path, long size, FileStatus status, SharedFile file)
            throws IOException {
        Arena arena = Arena.ofShared();
        boolean mapped = false;
        try (FileChannel channel = FileChannel.open(path, OPTIONS)) {
            String owner = Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).getName();
            if (!FileStatus.of(path).isSameFileAs(status) || channel.size() != size) {
                throw new HandshakeException(path + " was changed while it was opened");
            }
            MemorySegment memory = channel.map(MapMode.READ_WRITE, 0, size, arena);
            memory.load();
            mapped = true;
            return new MemoryFile(path, owner, arena, memory, file);
        } finally {
            if (!mapped) {
                arena.close();
            }
        }
    }

    private static FileStatus checked(Path path, long size, FileStatus status) {
        if (!status.is(FileStatus.Kind.REGULAR)) {
            throw new HandshakeException(path + " is " + status.kind().words + ", not a file to share");
        }
        if (status.size() != size) {
            throw new HandshakeException(
                    path + " has " + status.size() + " bytes, and the other side says " + size
                            + "; it is not its file");
        }
        return status;
    }

    private static RuntimeException unmappable(Path path, long size, IOException e) {
        if (e instanceof AccessDeniedException) {
            return new AuthenticationException(
                    path + " may not be read and written by this user; open the endpoint to a group of both,"
                            + " with ?group=",
                    e);
        }
        if (e.getCause() instanceof OutOfMemoryError) {
            return new NoSpaceException(path + ": " + size + " bytes cannot be mapped: no address space, or more"
                    + " mappings than /proc/sys/vm/max_map_count allows; raise it, or close channels", e);
        }
        return new SystemCallException(path + " cannot be mapped: " + e, e);
    }

    /// Removes files of an owner's name and of this user whose creator is dead, and no others: neither those of living
    /// processes, in this or another container, nor anything of which that cannot be told. Nothing is proved, and so
    /// nothing is removed, where there is no flock(2).
    ///
    /// @param owner the owner's name, as given to [#create]
    /// @return how many were removed
    public static int sweep(String owner) {
        return SharedFile.sweep(SharedFile.directory(), owner);
    }

    /// The mapping; alive until this is closed.
    ///
    /// @return all bytes of the file
    public MemorySegment memory() {
        return memory;
    }

    /// Where the file is, or was.
    ///
    /// @return an absolute path
    public Path path() {
        return path;
    }

    /// The user whose file it is.
    ///
    /// @return the name of the file's owner, or its number if it has no name
    public String owner() {
        return owner;
    }

    /// Takes the file's name away, and with it the lock: the memory stays until all have unmapped it. Does nothing
    /// the second time, nor to a file that was opened and not created here.
    ///
    /// @throws SystemCallException if the system refuses
    public void unlink() {
        if (file != null) {
            file.unlink();
        }
    }

    /// Unlinks the file if it was created here, and unmaps it unless a thread is inside a system call on it.
    ///
    /// @return true if it is unmapped; false if a thread waits in [Futex#await] on it: wake it and try again
    boolean tryClose() {
        boolean closed = unmap();
        unlink();
        return closed;
    }

    private boolean unmap() {
        try {
            arena.close();
            return true;
        } catch (IllegalStateException e) {
            return !arena.scope().isAlive();
        }
    }

    /// Unlinks the file if it was created here, and unmaps it: touching [#memory()] then throws
    /// [IllegalStateException]. Does nothing the second time. A [Futex#wake] that is under way is waited for.
    ///
    /// @throws IllegalStateException if a thread still waits on it in [Futex#await]; it stays mapped
    @Override
    public void close() {
        long start = System.nanoTime();
        while (!tryClose()) {
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                throw new IllegalStateException(path + " is still in use: a thread waits in it; wake it, then close");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
