package io.sluice.ipc.os;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.NoSpaceException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.UnsupportedException;
import io.sluice.ipc.spi.Quantities;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/// An open file that outlives the processes which share it: reserved, mapped, and flushed to disk.
///
/// A `FileChannel` is not enough: it cannot reserve pages, and an interrupt of a thread that flushes or reads closes it
/// under all others. Symbolic links are not followed, and what is not a regular file is refused.
///
/// Any thread may use it; whoever closes it sees to it that no other thread is inside a call, since the number of the
/// descriptor may be given to another file at once. Mappings do not need it: they stay when it is closed.
///
/// Sources: open(2), posix_fallocate(3), fallocate(2), mmap(2), madvise(2), pread(2), fdatasync(2).
public final class DiskFile implements AutoCloseable {
    private static final Set<Integer> NO_ROOM = Set.of(Libc.ENOSPC, Libc.EFBIG, Libc.ENOMEM, Libc.EDQUOT);
    private static final int MODE = 0666;

    /// Of x86-64, and of aarch64 with pages of 4 KiB.
    private static final long HUGE_PAGE = 1 << 21;

    /// What a file is opened for.
    public enum Access {
        /// To be read; it must be there.
        READ(Libc.O_RDONLY),
        /// To be read and written; it must be there.
        WRITE(Libc.O_RDWR),
        /// To be read and written; made if it is missing, with what the umask leaves of mode 0666.
        CREATE(Libc.O_RDWR | Libc.O_CREAT);

        private final int flags;

        Access(int flags) {
            this.flags = flags;
        }
    }

    private final Path path;
    private final Access access;
    private final int descriptor;
    private final AtomicBoolean closed = new AtomicBoolean();

    private DiskFile(Path path, Access access, int descriptor) {
        this.path = path;
        this.access = access;
        this.descriptor = descriptor;
    }

    /// Whether all of this works here: Linux, with native access not denied.
    ///
    /// @return true if [#open] and the others can be called
    public static boolean isSupported() {
        return Libc.LINUX && Libc.POSIX;
    }

    /// Opens a file.
    ///
    /// @param path where it is
    /// @param access what for
    /// @return the file; [#close()] it
    /// @throws NoSuchFileException if it is not there
    /// @throws AuthenticationException if this user may not, or the file system is read-only
    /// @throws HandshakeException if it is a symbolic link or anything else that is no regular file
    /// @throws NoSpaceException if it is to be made and there is no room for its name
    /// @throws SystemCallException if the system refuses something else
    /// @throws UnsupportedException if this is not Linux
    public static DiskFile open(Path path, Access access) throws NoSuchFileException {
        if (!isSupported()) {
            throw new UnsupportedException(path + ": journals need Linux on x86-64 or aarch64");
        }
        int flags = access.flags | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC;
        int descriptor = Libc.open(path, flags, MODE);
        if (descriptor < 0) {
            throw refusal(path, access, descriptor);
        }
        boolean regular = false;
        try {
            FileStatus status = FileStatus.of(path);
            if (!status.is(FileStatus.Kind.REGULAR)) {
                throw new HandshakeException(
                        path + " is " + status.kind().words + ", and must be a file; take it away");
            }
            regular = true;
            return new DiskFile(path, access, descriptor);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw new SystemCallException(path + " cannot be looked at: " + e, e);
        } finally {
            if (!regular) {
                Libc.close(descriptor);
            }
        }
    }

    private static RuntimeException refusal(Path path, Access access, int error) throws NoSuchFileException {
        String why = path + " cannot be opened: " + Libc.words(error);
        if (error == -Libc.ENOENT) {
            throw new NoSuchFileException(path.toString());
        }
        if (error == -Libc.ELOOP) {
            return new HandshakeException(path + " is a symbolic link, and must be a file; take it away");
        }
        if (error == -Libc.EACCES || error == -Libc.EPERM || error == -Libc.EROFS) {
            return new AuthenticationException(why + (access == Access.READ
                    ? "; this user may not read it"
                    : "; this user may not write it: open it for reading only, or mend its owner and mode"));
        }
        return NO_ROOM.contains(-error)
                ? new NoSpaceException(why + "; make room")
                : new SystemCallException(why);
    }

    /// Makes the names in a directory durable: those that were created, renamed or deleted before.
    ///
    /// @param directory the directory
    /// @throws SystemCallException if the disk fails
    public static void syncDirectory(Path directory) {
        int descriptor = Libc.open(directory, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        if (descriptor < 0) {
            throw new SystemCallException(directory + " cannot be opened: " + Libc.words(descriptor));
        }
        try {
            int result = Libc.sync(descriptor);
            if (result < 0) {
                throw new SystemCallException(directory + " cannot be flushed to disk: " + Libc.words(result));
            }
        } finally {
            Libc.close(descriptor);
        }
    }

    /// Where it was opened.
    ///
    /// @return the path
    public Path path() {
        return path;
    }

    int descriptor() {
        return descriptor;
    }

    /// Its length now.
    ///
    /// @return bytes
    public long length() {
        long length = Libc.length(descriptor);
        if (length < 0) {
            throw new SystemCallException(path + ": its length cannot be told: " + Libc.words((int) length));
        }
        return length;
    }

    /// Gives the file a length at least, and all its pages, so that touching a mapping of it can no longer fail for want
    /// of them. What was there stays, what was not is zeros.
    ///
    /// @param bytes the length
    /// @throws NoSpaceException if there is no room
    /// @throws SystemCallException if the system refuses something else
    public void reserve(long bytes) {
        int result = Libc.allocate(descriptor, bytes);
        if (NO_ROOM.contains(-result)) {
            throw noSpace(bytes, Libc.words(result));
        }
        if (result < 0) {
            throw new SystemCallException(path + ": no pages can be reserved: " + Libc.words(result));
        }
    }

    /// Gives a stretch of the file its pages, as [#reserve(long)] does, without a change of what is there, even while others
    /// write to it.
    ///
    /// @param from where the stretch begins
    /// @param bytes how long it is
    /// @return false if the file system cannot do that for a stretch
    /// @throws NoSpaceException if there is no room
    /// @throws SystemCallException if the system refuses something else
    public boolean reserve(long from, long bytes) {
        int result = Libc.allocate(descriptor, from, bytes);
        if (NO_ROOM.contains(-result)) {
            throw noSpace(bytes, Libc.words(result));
        }
        if (result < 0 && result != -Libc.EOPNOTSUPP) {
            throw new SystemCallException(path + ": no pages can be reserved: " + Libc.words(result));
        }
        return result == 0;
    }

    /// As [#reserve(long, long)], with huge pages where the file system has them and does not come to them by itself, as tmpfs
    /// does not. That is only for speed: where they cannot be had, the pages are small ones.
    ///
    /// @param memory of [#map]
    /// @param from where the stretch begins
    /// @param to where it ends; huge pages that are not within are left as they are
    /// @return false if the file system cannot do that for a stretch
    /// @throws NoSpaceException if there is no room
    /// @throws SystemCallException if the system refuses something else
    public boolean reserveHuge(MemorySegment memory, long from, long to) {
        boolean made = true;
        for (long page = from + HUGE_PAGE - 1 & -HUGE_PAGE; made && page + HUGE_PAGE <= to; page += HUGE_PAGE) {
            // One small page, without which there is nothing to make a huge one of; more would all be copied.
            made = reserve(page, 1) && Libc.advise(memory.address() + page, HUGE_PAGE, Libc.MADV_COLLAPSE);
        }
        return reserve(from, to - from);
    }

    /// Touches pages, so that whoever writes to them through the same mapping does not wait for each. That is only for speed:
    /// an old kernel does nothing.
    ///
    /// @param memory of [#map]
    /// @param from where the stretch begins, with pages reserved
    /// @param to where it ends
    public void touch(MemorySegment memory, long from, long to) {
        long first = from & -HUGE_PAGE;
        boolean _ = Libc.advise(memory.address() + first, to - first, Libc.MADV_POPULATE_WRITE);
    }

    /// Gives the file a length, without pages: what is new reads as zeros.
    ///
    /// @param bytes the length
    /// @throws NoSpaceException if the file system has no files of that length
    /// @throws SystemCallException if the system refuses something else
    public void resize(long bytes) {
        int result = Libc.truncate(descriptor, bytes);
        if (NO_ROOM.contains(-result)) {
            throw noSpace(bytes, Libc.words(result));
        }
        if (result < 0) {
            throw new SystemCallException(path + ": its length cannot be set: " + Libc.words(result));
        }
    }

    private NoSpaceException noSpace(long bytes, String why) {
        String free;
        try {
            free = Files.getFileStore(path.getParent()).getUsableSpace() / (1 << 20) + " MiB are free there";
        } catch (IOException e) {
            free = "what is free there cannot be told";
        }
        return new NoSpaceException(
                path + ": " + Quantities.size(bytes) + " needed, " + free + " (" + why + "); make room");
    }

    /// As [#map(long, boolean, Arena)], with pages as they are.
    ///
    /// @param bytes how many, at most its length
    /// @param arena unmaps it when it is closed
    /// @return the mapping
    public MemorySegment map(long bytes, Arena arena) {
        return map(bytes, false, arena);
    }

    /// Maps the file from its first byte, shared with all who do the same; writable if the file is.
    ///
    /// Huge pages are asked for where the first touch of memory matters: in a mapping it costs far more than a copy of the
    /// page, up to 20 us in a virtual machine, and a huge page is 512 at once. But a huge page is flushed to disk as a whole.
    ///
    /// @param bytes how many, at most its length: touching what is beyond its last page kills the JVM
    /// @param huge whether to ask for huge pages
    /// @param arena unmaps it when it is closed; nobody may be inside an access then, see JDK-8364167
    /// @return the mapping
    /// @throws NoSpaceException if there is no address space, or there are too many mappings
    /// @throws SystemCallException if the file system cannot map
    @SuppressWarnings("restricted")
    public MemorySegment map(long bytes, boolean huge, Arena arena) {
        boolean writable = access != Access.READ;
        if (bytes < HUGE_PAGE || !huge) {
            long address = checkMapped(bytes, Libc.map(descriptor, bytes, writable));
            return MemorySegment.ofAddress(address).reinterpret(bytes, arena, memory -> Libc.unmap(address, bytes));
        }
        long room = bytes + HUGE_PAGE;
        long reserved = checkMapped(bytes, Libc.mapNothing(room, false));
        long address = reserved + HUGE_PAGE - 1 & -HUGE_PAGE;
        boolean mapped = false;
        try {
            checkMapped(bytes, Libc.mapOver(address, descriptor, bytes, writable));
            mapped = true;
        } finally {
            if (!mapped) {
                Libc.unmap(reserved, room);
            }
        }
        Libc.advise(address, bytes, Libc.MADV_HUGEPAGE);
        return MemorySegment.ofAddress(address).reinterpret(bytes, arena, memory -> Libc.unmap(reserved, room));
    }

    private long checkMapped(long bytes, long address) {
        if (address == -Libc.ENOMEM) {
            throw new NoSpaceException(
                    path + ": " + bytes + " bytes cannot be mapped: no address space, or more mappings"
                            + " than /proc/sys/vm/max_map_count allows; raise it, or close readers");
        }
        if (address < 0) {
            throw new SystemCallException(path + " cannot be mapped: " + Libc.words((int) address));
        }
        return address;
    }

    /// Takes memory of this process that costs nothing until it is touched.
    ///
    /// @param bytes how many
    /// @param arena frees it
    /// @return the memory, zeroed
    /// @throws NoSpaceException if there is no address space
    @SuppressWarnings("restricted")
    public static MemorySegment takeMemory(long bytes, Arena arena) {
        long address = Libc.mapNothing(bytes, true);
        if (address < 0) {
            throw new NoSpaceException("no memory of " + bytes + " bytes can be had: " + Libc.words((int) address));
        }
        return MemorySegment.ofAddress(address).reinterpret(bytes, arena, memory -> Libc.unmap(address, bytes));
    }

    /// Reads at a place.
    ///
    /// @param into takes the bytes; native memory
    /// @param at the place in the file
    /// @return how many were read, as many as fit unless the file ends before
    /// @throws SystemCallException if the system refuses
    public long read(MemorySegment into, long at) {
        return transfer(into, at, false);
    }

    /// Writes at a place.
    ///
    /// @param from all of it; native memory
    /// @param at the place in the file
    /// @throws NoSpaceException if there is no room; part of it may be written
    /// @throws SystemCallException if the system refuses something else
    public void write(MemorySegment from, long at) {
        transfer(from, at, true);
    }

    private long transfer(MemorySegment memory, long at, boolean write) {
        long length = memory.byteSize();
        long done = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            while (done < length) {
                long address = memory.address() + done;
                long result = write
                        ? Libc.write(errno, descriptor, address, length - done, at + done)
                        : Libc.read(errno, descriptor, address, length - done, at + done);
                if (NO_ROOM.contains((int) -result)) {
                    throw noSpace(length, Libc.words((int) result));
                }
                if (result < 0 && result != -Libc.EINTR) {
                    throw new SystemCallException(path + " cannot be " + (write ? "written: " : "read: ")
                            + Libc.words((int) result));
                }
                if (result == 0) {
                    break;
                }
                done += Math.max(0, result);
            }
        }
        return done;
    }

    /// Returns when everything that was written to the file, mapped or not, is on disk.
    ///
    /// @throws SystemCallException if the disk fails; what is on it then is not known
    public void flush() {
        int result;
        do {
            result = Libc.dataSync(descriptor);
        } while (result == -Libc.EINTR);
        if (result < 0) {
            throw new SystemCallException(path + " cannot be flushed to disk: " + Libc.words(result)
                    + "; what of it is there is not known");
        }
    }

    /// Closes the descriptor, and with it releases all locks that were taken through it. A second time does nothing.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            Libc.close(descriptor);
        }
    }
}
