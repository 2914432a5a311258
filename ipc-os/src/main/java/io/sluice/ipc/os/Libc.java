package io.sluice.ipc.os;

import io.sluice.ipc.UnsupportedException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
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

    // <errno.h>
    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int ENOMEM = 12;
    static final int EACCES = 13;
    static final int EAGAIN = MACOS ? 35 : 11;
    static final int EFBIG = 27;
    static final int EROFS = 30;
    static final int ENOSPC = 28;
    static final int EDQUOT = MACOS ? 69 : 122;
    static final int EPERM = 1;
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

    private static final MethodHandle FDATASYNC =
            bind("fdatasync", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), ERRNO);
    private static final MethodHandle FSYNC =
            bind("fsync", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT), ERRNO);
    private static final MethodHandle LSEEK = bind(
            "lseek",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT),
            ERRNO);
    private static final MethodHandle FCNTL = bind(
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
    private static final MethodHandle MUNMAP = bind(
            "munmap",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG),
            ERRNO);

    private static final int SEEK_END = 2;
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;

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
            return (int) FCNTL.invokeExact(errno, descriptor, command, lock) < 0 ? errno(errno) : 0;
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
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
            long address = (long) MMAP.invokeExact(errno, 0L, bytes, protection, MAP_SHARED, descriptor, 0L);
            return address == -1 ? errno(errno) : address;
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
            var symbol = linker.defaultLookup().find(name);
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
