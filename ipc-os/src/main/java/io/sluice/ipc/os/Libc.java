package io.sluice.ipc.os;

import io.sluice.ipc.UnsupportedException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The C library, as far as Sluice needs it: the one place where native functions are bound.
///
/// As in the kernel, a result below zero is an error number with its sign turned: nothing here throws for what the
/// system answers. A function that this system does not have throws [UnsupportedException] when it is called, not when
/// this class is loaded, so that a machine without it can use the rest.
final class Libc {
    private static final String OS = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    private static final String ARCHITECTURE = System.getProperty("os.arch").toLowerCase(Locale.ROOT);

    static final boolean LINUX = OS.startsWith("linux");
    static final boolean MACOS = OS.startsWith("mac");
    static final boolean X86_64 = ARCHITECTURE.equals("amd64") || ARCHITECTURE.equals("x86_64");
    static final boolean AARCH64 = ARCHITECTURE.equals("aarch64") || ARCHITECTURE.equals("arm64");

    /// Whether the constants below hold here: files have numeric owners, and flock(2) is there.
    static final boolean POSIX = (LINUX && (X86_64 || AARCH64)) || MACOS;

    // Linux: <asm-generic/fcntl.h> and arm64's <asm/fcntl.h>. macOS: <sys/fcntl.h>, written from the header, never run.
    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = MACOS ? 0x4 : 0x800;
    static final int O_CREAT = MACOS ? 0x200 : 0x40;
    static final int O_EXCL = MACOS ? 0x800 : 0x80;
    static final int O_CLOEXEC = MACOS ? 0x100_0000 : 0x8_0000;
    static final int O_DIRECTORY = MACOS ? 0x10_0000 : AARCH64 ? 0x4000 : 0x1_0000;
    static final int O_NOFOLLOW = MACOS ? 0x100 : AARCH64 ? 0x8000 : 0x2_0000;

    // <sys/file.h>
    static final int LOCK_EX = 2;
    static final int LOCK_NB = 4;

    // <fcntl.h>, Linux only
    static final int F_SETFD = 2;
    static final int FD_CLOEXEC = 1;
    static final int F_GETFL = 3;
    static final int F_SETFL = 4;
    static final int F_SETPIPE_SZ = 1031;
    static final int F_GETPIPE_SZ = 1032;

    // <asm-generic/ioctls.h>
    static final long FIONREAD = 0x541B;

    // <errno.h>
    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int ENXIO = 6;
    static final int ENOMEM = 12;
    static final int EACCES = 13;
    static final int EAGAIN = MACOS ? 35 : 11;
    static final int EEXIST = 17;
    static final int EFBIG = 27;
    static final int ENOSPC = 28;
    static final int EROFS = 30;
    static final int EPIPE = 32;
    static final int EDQUOT = MACOS ? 69 : 122;
    static final int EPERM = 1;
    static final int EOPNOTSUPP = MACOS ? 102 : 95;
    static final int ELOOP = MACOS ? 62 : 40;

    /// The option of a function that reports by `errno`; its handle takes a segment of
    /// [Linker.Option#captureStateLayout()] first.
    static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

    private static final VarHandle ERRNO_FIELD =
            Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final Charset PATHS =
            Charset.forName(System.getProperty("sun.jnu.encoding"), StandardCharsets.UTF_8);

    private static final MethodHandle GETEUID = bind("geteuid", FunctionDescriptor.of(ValueLayout.JAVA_INT));
    private static final MethodHandle STRERROR =
            bind("strerror", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final MethodHandle OPEN = bind(
            "open",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(2),
            ERRNO);
    private static final MethodHandle CLOSE =
            bind("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), ERRNO);
    private static final MethodHandle FLOCK = bind(
            "flock",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
            ERRNO);
    private static final MethodHandle POSIX_FALLOCATE = bind(
            "posix_fallocate",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

    private static final MethodHandle FALLOCATE = bind(
            "fallocate",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG),
            ERRNO);
    private static final MethodHandle FTRUNCATE = bind(
            "ftruncate",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG),
            ERRNO);
    private static final MethodHandle FDATASYNC =
            bind("fdatasync", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), ERRNO);
    private static final MethodHandle FSYNC =
            bind("fsync", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), ERRNO);
    private static final MethodHandle LSEEK = bind(
            "lseek",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT),
            ERRNO);
    private static final MethodHandle MKFIFO = bind(
            "mkfifo",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            ERRNO);
    private static final MethodHandle UNLINK =
            bind("unlink", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS), ERRNO);
    private static final MethodHandle PIPE2 = bind(
            "pipe2",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            ERRNO);
    private static final MethodHandle EVENTFD = bind(
            "eventfd",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
            ERRNO);
    private static final MethodHandle FCNTL_LOCK = bind(
            "fcntl",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(2),
            ERRNO);
    private static final MethodHandle MMAP = bind(
            "mmap",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG),
            ERRNO);
    private static final MethodHandle MADVISE = bind(
            "madvise",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    private static final MethodHandle MUNMAP = bind(
            "munmap",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG),
            ERRNO);
    private static final MethodHandle FCNTL = bind(
            "fcntl",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
            Linker.Option.firstVariadicArg(2),
            ERRNO);

    /// read(2) and write(2) take the address as a number, so that no slice of a segment has to be made for each call:
    /// the caller has checked the bounds, and keeps the segment reachable.
    private static final FunctionDescriptor TRANSFER = FunctionDescriptor.of(
            ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);
    private static final MethodHandle READ = bind("read", TRANSFER, ERRNO);
    private static final MethodHandle WRITE = bind("write", TRANSFER, ERRNO);
    private static final FunctionDescriptor TRANSFER_AT = TRANSFER.appendArgumentLayouts(ValueLayout.JAVA_LONG);
    private static final MethodHandle PREAD = bind("pread", TRANSFER_AT, ERRNO);
    private static final MethodHandle PWRITE = bind("pwrite", TRANSFER_AT, ERRNO);
    private static final MethodHandle IOCTL = bind(
            "ioctl",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle PPOLL = bind(
            "ppoll",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS),
            ERRNO);

    private static final MethodHandle INOTIFY_INIT =
            bind("inotify_init1", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), ERRNO);
    private static final MethodHandle INOTIFY_ADD = bind(
            "inotify_add_watch",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            ERRNO);
    private static final MethodHandle INOTIFY_REMOVE = bind(
            "inotify_rm_watch",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private static final int SEEK_END = 2;
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_NORESERVE = 0x4000;

    // <asm-generic/mman-common.h>
    static final int MADV_HUGEPAGE = 14;
    static final int MADV_POPULATE_WRITE = 23;
    static final int MADV_COLLAPSE = 25;

    private Libc() {}

    /// Waits until what was written to a file is on disk, fdatasync(2): its bytes, and of its inode what is needed to
    /// read them.
    ///
    /// @param descriptor the descriptor
    /// @return 0, or an error number below zero
    static int dataSync(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            return (int) FDATASYNC.invokeExact(errno, descriptor) < 0 ? errno(errno) : 0;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Waits until a file, or the names in a directory, are on disk, fsync(2).
    ///
    /// @param descriptor the descriptor
    /// @return 0, or an error number below zero
    static int sync(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            return (int) FSYNC.invokeExact(errno, descriptor) < 0 ? errno(errno) : 0;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// The length of an open file, by lseek(2), whatever its name means by now.
    ///
    /// @param descriptor the descriptor; its file offset is moved to the end
    /// @return bytes, or an error number below zero
    static long length(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            long length = (long) LSEEK.invokeExact(errno, descriptor, 0L, SEEK_END);
            return length < 0 ? errno(errno) : length;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Locks bytes of a file, or asks about their locks, fcntl(2).
    ///
    /// @param descriptor the descriptor
    /// @param command `F_OFD_*`
    /// @param lock a struct flock, which is changed when it was asked about
    /// @return 0, or an error number below zero
    static int lockBytes(int descriptor, int command, MemorySegment lock) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            return (int) FCNTL_LOCK.invokeExact(errno, descriptor, command, lock) < 0 ? errno(errno) : 0;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Maps a file from its first byte, shared, mmap(2).
    ///
    /// @param descriptor the descriptor
    /// @param bytes how many
    /// @param writable whether it may be written to as well
    /// @return the address, or an error number below zero; addresses of user space are positive
    static long map(int descriptor, long bytes, boolean writable) {
        return map(0, bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, descriptor);
    }

    /// As [#map(int, long, boolean)], over what was mapped at an address.
    ///
    /// @param address a multiple of a page's length
    static long mapOver(long address, int descriptor, long bytes, boolean writable) {
        int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
        return map(address, bytes, protection, MAP_SHARED | MAP_FIXED, descriptor);
    }

    /// Takes addresses, and no memory for them, mmap(2).
    ///
    /// @param bytes how many
    /// @param writable whether they are to be memory of this process, which takes what is touched of it; else it can be
    ///     mapped over only
    /// @return the address, or an error number below zero
    static long mapNothing(long bytes, boolean writable) {
        int protection = writable ? PROT_READ | PROT_WRITE : 0;
        return map(0, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    }

    private static long map(long hint, long bytes, int protection, int flags, int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            long address = (long) MMAP.invokeExact(errno, hint, bytes, protection, flags, descriptor, 0L);
            return address == -1 ? errno(errno) : address;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Advises the kernel about memory, madvise(2).
    ///
    /// @param address a multiple of a page's length
    /// @param bytes how many
    /// @param advice `MADV_*`
    /// @return false if the kernel does not take the advice
    static boolean advise(long address, long bytes, int advice) {
        try {
            return (int) MADVISE.invokeExact(address, bytes, advice) == 0;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Takes a mapping away, munmap(2).
    ///
    /// @param address where it begins
    /// @param bytes its length
    static void unmap(long address, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            if ((int) MUNMAP.invokeExact(errno, address, bytes) < 0) {
                throw new AssertionError("munmap: " + words(errno(errno)));
            }
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// The user whose rights this process has, geteuid(2): the owner of what it creates, and what SO_PEERCRED tells
    /// others.
    ///
    /// @return the number, 32 bits unsigned
    static long effectiveUser() {
        try {
            return Integer.toUnsignedLong((int) GETEUID.invokeExact());
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Opens a file, open(2).
    ///
    /// @param path the file
    /// @param flags `O_*`
    /// @param mode the permissions of a file that is created, less the umask
    /// @return a descriptor, or an error number below zero
    static int open(Path path, int flags, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            int result = (int) OPEN.invokeExact(errno, arena.allocateFrom(path.toString(), PATHS), flags, mode);
            return result < 0 ? errno(errno) : result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Closes a descriptor, close(2). Never retried: Linux has closed it even when it reports EINTR.
    ///
    /// @param descriptor the descriptor
    /// @return 0, or an error number below zero
    static int close(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            return (int) CLOSE.invokeExact(errno, descriptor) < 0 ? errno(errno) : 0;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Makes a named pipe, mkfifo(3).
    ///
    /// @param path its name
    /// @param mode its permissions, less the umask
    /// @return 0, or an error number below zero
    static int mkfifo(Path path, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            int result = (int) MKFIFO.invokeExact(errno, arena.allocateFrom(path.toString(), PATHS), mode);
            return result < 0 ? errno(errno) : 0;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Takes a name away, unlink(2).
    ///
    /// @param path the name
    /// @return 0, or an error number below zero
    static int unlink(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            return (int) UNLINK.invokeExact(errno, arena.allocateFrom(path.toString(), PATHS)) < 0 ? errno(errno) : 0;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Makes an anonymous pipe, pipe2(2).
    ///
    /// @param ends takes the descriptors of the end to read from and of the end to write to
    /// @param flags `O_*`
    /// @return 0, or an error number below zero
    static int pipe(int[] ends, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            MemorySegment both = arena.allocate(ValueLayout.JAVA_INT, 2);
            if ((int) PIPE2.invokeExact(errno, both, flags) < 0) {
                return errno(errno);
            }
            ends[0] = both.getAtIndex(ValueLayout.JAVA_INT, 0);
            ends[1] = both.getAtIndex(ValueLayout.JAVA_INT, 1);
            return 0;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Makes a counter that poll(2) can wait for, eventfd(2); Linux only.
    ///
    /// @param flags `O_CLOEXEC` and `O_NONBLOCK`, which are EFD_CLOEXEC and EFD_NONBLOCK
    /// @return a descriptor, or an error number below zero
    static int eventfd(int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            int result = (int) EVENTFD.invokeExact(errno, 0, flags);
            return result < 0 ? errno(errno) : result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Asks or changes an open file, fcntl(2).
    ///
    /// @param descriptor the descriptor
    /// @param operation `F_*`
    /// @param argument of the operation
    /// @return what the operation answers, or an error number below zero
    static int fcntl(int descriptor, int operation, int argument) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            int result = (int) FCNTL.invokeExact(errno, descriptor, operation, argument);
            return result < 0 ? errno(errno) : result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Reads, read(2). Allocates nothing.
    ///
    /// @param errno of [Linker.Option#captureStateLayout()]; the caller's alone during the call
    /// @param descriptor the descriptor
    /// @param address where to
    /// @param length how many bytes at most
    /// @return how many, 0 at the end, or an error number below zero
    static long read(MemorySegment errno, int descriptor, long address, long length) {
        try {
            long result = (long) READ.invokeExact(errno, descriptor, address, length);
            return result < 0 ? errno(errno) : result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Writes, write(2). Allocates nothing. The JVM ignores SIGPIPE, so that EPIPE is an answer like others.
    ///
    /// @param errno of [Linker.Option#captureStateLayout()]; the caller's alone during the call
    /// @param descriptor the descriptor
    /// @param address where from
    /// @param length how many bytes at most
    /// @return how many, or an error number below zero
    static long write(MemorySegment errno, int descriptor, long address, long length) {
        try {
            long result = (long) WRITE.invokeExact(errno, descriptor, address, length);
            return result < 0 ? errno(errno) : result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Reads at a place, pread(2).
    ///
    /// @param errno of [Linker.Option#captureStateLayout()]; the caller's alone during the call
    /// @param descriptor the descriptor
    /// @param address where to
    /// @param length how many bytes at most
    /// @param at the place in the file
    /// @return how many, 0 at the end, or an error number below zero
    static long read(MemorySegment errno, int descriptor, long address, long length, long at) {
        try {
            long result = (long) PREAD.invokeExact(errno, descriptor, address, length, at);
            return result < 0 ? errno(errno) : result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Writes at a place, pwrite(2).
    ///
    /// @param errno of [Linker.Option#captureStateLayout()]; the caller's alone during the call
    /// @param descriptor the descriptor
    /// @param address where from
    /// @param length how many bytes at most
    /// @param at the place in the file
    /// @return how many, or an error number below zero
    static long write(MemorySegment errno, int descriptor, long address, long length, long at) {
        try {
            long result = (long) PWRITE.invokeExact(errno, descriptor, address, length, at);
            return result < 0 ? errno(errno) : result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Asks a device, ioctl(2). Allocates nothing.
    ///
    /// @param descriptor the descriptor
    /// @param request what to ask
    /// @param answer takes the answer
    /// @return below zero if it failed
    static int ioctl(int descriptor, long request, MemorySegment answer) {
        try {
            return (int) IOCTL.invokeExact(descriptor, request, answer);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Waits until one of the descriptors is ready, ppoll(2). Allocates nothing.
    ///
    /// @param errno of [Linker.Option#captureStateLayout()]; the caller's alone during the call
    /// @param address of an array of struct pollfd
    /// @param count how many there are
    /// @param timespec how long to wait at most, or NULL for ever
    /// @return how many are ready, 0 if the time is over, or an error number below zero
    static int poll(MemorySegment errno, long address, long count, MemorySegment timespec) {
        try {
            int result = (int) PPOLL.invokeExact(errno, address, count, timespec, MemorySegment.NULL);
            return result < 0 ? errno(errno) : result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Makes a queue of what happens to files, inotify_init1(2); Linux only.
    ///
    /// @param flags `O_CLOEXEC` and `O_NONBLOCK`, which are IN_CLOEXEC and IN_NONBLOCK
    /// @return a descriptor, or an error number below zero
    static int inotify(int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            int result = (int) INOTIFY_INIT.invokeExact(errno, flags);
            return result < 0 ? errno(errno) : result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Has what happens to a file queued, inotify_add_watch(2).
    ///
    /// @param descriptor of [#inotify]
    /// @param path the file
    /// @param events `IN_*`
    /// @return the number of the watch, or an error number below zero
    static int watch(int descriptor, Path path, int events) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            int result = (int) INOTIFY_ADD.invokeExact(errno, descriptor, arena.allocateFrom(path.toString(), PATHS),
                    events);
            return result < 0 ? errno(errno) : result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Ends a watch, inotify_rm_watch(2); one that has ended already is no error.
    ///
    /// @param descriptor of [#inotify]
    /// @param watch its number
    static void unwatch(int descriptor, int watch) {
        try {
            int ignored = (int) INOTIFY_REMOVE.invokeExact(descriptor, watch);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Locks an open file, flock(2): the lock belongs to the open file description, so that no other descriptor of the
    /// file, closed anywhere in this process, can drop it as it would one of fcntl(2).
    ///
    /// @param descriptor the descriptor
    /// @param operation `LOCK_*`
    /// @return 0, or an error number below zero: EAGAIN if another has it
    static int flock(int descriptor, int operation) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            return (int) FLOCK.invokeExact(errno, descriptor, operation) < 0 ? errno(errno) : 0;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Gives a file its pages, posix_fallocate(3); the file is as long afterwards.
    ///
    /// @param descriptor the descriptor, open for writing
    /// @param bytes the length of the file, in bytes
    /// @return 0, or an error number below zero: ENOSPC if they are not to be had
    static int allocate(int descriptor, long bytes) {
        try {
            int error;
            do {
                error = (int) POSIX_FALLOCATE.invokeExact(descriptor, 0L, bytes);
            } while (error == EINTR);
            return -error;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Gives a stretch of a file its pages, fallocate(2); unlike [#allocate], never by writing to it. Linux only.
    ///
    /// @param descriptor the descriptor, open for writing
    /// @param from where the stretch begins
    /// @param bytes how long it is
    /// @return 0, or an error number below zero: EOPNOTSUPP if the file system cannot do it
    static int allocate(int descriptor, long from, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            int result;
            do {
                result = (int) FALLOCATE.invokeExact(errno, descriptor, 0, from, bytes) < 0 ? errno(errno) : 0;
            } while (result == -EINTR);
            return result;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Sets the length of a file, ftruncate(2).
    ///
    /// @param descriptor the descriptor, open for writing
    /// @param bytes the length; what is new is a hole, which reads as zeros
    /// @return 0, or an error number below zero
    static int truncate(int descriptor, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            return (int) FTRUNCATE.invokeExact(errno, descriptor, bytes) < 0 ? errno(errno) : 0;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// What the system calls an error, strerror(3).
    ///
    /// @param result an error number below zero
    /// @return for example `Permission denied (13)`
    @SuppressWarnings("restricted")
    static String words(int result) {
        try {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(-result);
            return text.reinterpret(1024).getString(0, PATHS) + " (" + -result + ")";
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// The bytes that a path has for the system.
    static byte[] bytes(Path path) {
        return path.toString().getBytes(PATHS);
    }

    /// Binds a C function.
    ///
    /// @param name its name in the C library
    /// @param type its parameters and its result
    /// @param options how to call it
    /// @return a handle that calls it; where it is not there or native access is denied, one of the same type that
    ///     throws [UnsupportedException]
    @SuppressWarnings("restricted")
    static MethodHandle bind(String name, FunctionDescriptor type, Linker.Option... options) {
        String why;
        try {
            Linker linker = Linker.nativeLinker();
            var symbol = linker.defaultLookup().find(name).or(() -> findInRealTimeLibrary(name));
            if (symbol.isPresent()) {
                return linker.downcallHandle(symbol.get(), type, options);
            }
            why = "the C library of " + System.getProperty("os.name") + " has no " + name;
        } catch (IllegalCallerException e) {
            Module module = Libc.class.getModule();
            why = "this JVM denies native access; start it with --enable-native-access="
                    + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            why = name + " cannot be called here: " + e.getMessage();
        }
        return refusal(why, List.of(options).contains(ERRNO), type.toMethodType());
    }

    /// Before glibc 2.34 the POSIX queues were in a library of their own.
    @SuppressWarnings("restricted")
    private static Optional<MemorySegment> findInRealTimeLibrary(String name) {
        if (!name.startsWith("mq_")) {
            return Optional.empty();
        }
        try {
            return SymbolLookup.libraryLookup("librt.so.1", Arena.global()).find(name);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // no such library: no such queues
        }
    }

    private static MethodHandle refusal(String why, boolean capturing, MethodType type) {
        try {
            MethodHandle refuse = MethodHandles.lookup()
                    .findStatic(Libc.class, "refuse", MethodType.methodType(Object.class, String.class));
            MethodType whole = capturing ? type.insertParameterTypes(0, MemorySegment.class) : type;
            return MethodHandles.dropArguments(
                    refuse.bindTo(why).asType(MethodType.methodType(type.returnType())), 0, whole.parameterList());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static Object refuse(String why) {
        throw new UnsupportedException(why);
    }

    /// The error number that a call captured, with its sign turned.
    static int errno(MemorySegment captured) {
        return -(int) ERRNO_FIELD.get(captured, 0L);
    }

    /// For the `catch` around a call: a handle declares [Throwable], ours throw nothing that is checked.
    static RuntimeException unexpected(Throwable e) {
        switch (e) {
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            default -> throw new AssertionError(e);
        }
    }
}
