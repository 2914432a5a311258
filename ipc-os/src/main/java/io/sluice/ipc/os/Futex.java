package io.sluice.ipc.os;

import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.UnsupportedException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/// Sleeping on a word of shared memory, futex(2): the kernel puts a thread to sleep as long as the word holds what the
/// thread has seen there, and another process that changes the word wakes it.
///
/// The word has 32 bits in native order and is aligned to 4 bytes. The memory is mapped and shared: the operations are
/// not FUTEX_PRIVATE, the kernel knows the word by its page and not by its address. A wait says nothing about why it
/// ended: read the word again.
///
/// Sources: futex(2), FUTEX_WAIT and FUTEX_WAKE; syscall(2).
public final class Futex {
    static final int FUTEX_WAIT = 0;
    static final int FUTEX_WAKE = 1;
    static final long SYS_FUTEX = Libc.AARCH64 ? 98 : 202;

    private static final FunctionDescriptor TYPE = FunctionDescriptor.of(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.ADDRESS);

    /// syscall(SYS_futex, word, operation, value, timeout, memory).
    ///
    /// The last, `uaddr2`, is ignored by both operations. What it is for here: a segment that is passed to a call
    /// cannot be closed until the call returns. To pass the word as a segment would need a new slice for each call,
    /// which the compiler cannot always leave out.
    ///
    /// Not [Linker.Option#critical]: it saves 10 ns of a wake's 370 at the most, but the thread that wakes another is
    /// the very one whose core the kernel may give away in the call, and all threads would wait for it at the next
    /// safepoint.
    static final MethodHandle FUTEX = Libc.bind("syscall", TYPE, Linker.Option.firstVariadicArg(1));

    private static final boolean SUPPORTED = probe();

    private static final ThreadLocal<FutexWait> WAITS = ThreadLocal.withInitial(FutexWait::new);

    private Futex() {}

    /// Whether futexes can be used here: Linux on x86-64 or aarch64, native access not denied, and the system calls not
    /// filtered away. Tried once, by a wait and a wake that do nothing.
    ///
    /// @return true if [#await] and [#wake] work; never throws
    public static boolean isSupported() {
        return SUPPORTED;
    }

    /// Sleeps while the word holds a value: until it is woken, the time is over, the thread is interrupted, or for no
    /// reason at all. Returns at once if the word holds something else.
    ///
    /// An interrupt ends it without fail, also one that comes just before the system call: the interrupting thread
    /// changes the word from `expected` to `awake` and wakes it. The thread's interrupt status stays set.
    ///
    /// Blocks the platform thread that calls it; a virtual thread would block its carrier and is refused. The memory
    /// cannot be unmapped meanwhile: closing its arena throws [IllegalStateException]; wake the waiter and try again.
    ///
    /// @param memory mapped memory of a shared arena
    /// @param offset where the word is, in bytes, so that its address is a multiple of 4
    /// @param expected the value to sleep on
    /// @param awake what an interrupt stores in place of `expected`
    /// @param timeoutNanos how long to sleep at most, in nanoseconds; [Long#MAX_VALUE] for ever, returns at once for 0
    ///     or less
    /// @throws UnsupportedException if there are no futexes here
    /// @throws IllegalStateException if the caller is a virtual thread or the memory is closed
    /// @throws IllegalArgumentException if the memory is on the heap or the word is not aligned
    /// @throws IndexOutOfBoundsException if the word is not inside the memory
    public static void await(MemorySegment memory, long offset, int expected, int awake, long timeoutNanos) {
        checkSupported();
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException(
                    "a futex wait would block the carrier of this virtual thread; wait in a platform thread");
        }
        WAITS.get().await(memory, offset, word(memory, offset), expected, awake, timeoutNanos);
    }

    /// Wakes threads that sleep on the word, in any process. Never blocks; any thread may call it.
    ///
    /// @param memory mapped memory of a shared arena
    /// @param offset where the word is, in bytes, so that its address is a multiple of 4
    /// @param count how many to wake at most
    /// @throws SystemCallException if another process has truncated the file: EFAULT. Who sleeps there then sleeps
    ///     until his time is over
    /// @throws UnsupportedException if there are no futexes here
    /// @throws IllegalStateException if the memory is closed
    /// @throws IllegalArgumentException if the memory is on the heap or the word is not aligned
    /// @throws IndexOutOfBoundsException if the word is not inside the memory
    public static void wake(MemorySegment memory, long offset, int count) {
        checkSupported();
        long word = word(memory, offset);
        long woken;
        try {
            woken = (long) FUTEX.invokeExact(SYS_FUTEX, word, FUTEX_WAKE, count, MemorySegment.NULL, memory);
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
        if (woken < 0) {
            throw new SystemCallException("the word at " + offset + " has no page any more, so nobody who sleeps on it"
                    + " can be woken: another process has truncated the file of this memory");
        }
    }

    /// The word's address, checked: the kernel would answer EINVAL or EFAULT to a wrong one, and the caller try for
    /// ever.
    private static long word(MemorySegment memory, long offset) {
        Objects.checkFromIndexSize(offset, Integer.BYTES, memory.byteSize());
        long address = memory.address() + offset;
        if (!memory.isNative() || address % Integer.BYTES != 0) {
            throw new IllegalArgumentException(memory.isNative()
                    ? "the word at " + offset + " is not aligned to 4 bytes"
                    : "the word is on the Java heap, where the kernel does not find it");
        }
        return address;
    }

    private static void checkSupported() {
        if (!SUPPORTED) {
            throw new UnsupportedException("futex(2) is not available here; it needs Linux on x86-64 or aarch64, native"
                    + " access, and a sandbox that allows it; wait by spinning or parking instead");
        }
    }

    private static boolean probe() {
        if (!Libc.LINUX || !(Libc.X86_64 || Libc.AARCH64)) {
            return false;
        }
        MethodHandle wait = Libc.bind("syscall", TYPE, Linker.Option.firstVariadicArg(1), Libc.ERRNO);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            MemorySegment word = arena.allocate(ValueLayout.JAVA_INT);
            long at = word.address();
            MemorySegment none = MemorySegment.NULL;
            long waited = (long) wait.invokeExact(errno, SYS_FUTEX, at, FUTEX_WAIT, 1, none, word);
            long woken = (long) FUTEX.invokeExact(SYS_FUTEX, at, FUTEX_WAKE, 1, none, word);
            return waited == -1 && Libc.errno(errno) == -Libc.EAGAIN && woken == 0;
        } catch (Throwable e) {
            return false;
        }
    }
}
