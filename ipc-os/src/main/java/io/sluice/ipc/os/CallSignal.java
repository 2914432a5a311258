package io.sluice.ipc.os;

import io.sluice.ipc.UnsupportedException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// The signal that ends a blocked system call of a thread, for calls that nothing else can end: msgrcv(2) and msgsnd(2)
/// can neither be polled nor given a deadline.
///
/// A signal whose handler does nothing makes the call it hits return EINTR. The handler has to be native code that is
/// safe in a signal handler; the C library's abs(3) is: a pure function of an int, whose result nobody looks at. The
/// number is the highest real-time signal that has no handler yet, below the JDK's own. SA_RESTART hides a stray one
/// from the calls of others: the System V calls are never restarted, and most others are, signal(7).
///
/// A deadline is a timer of the kernel, timer_create(2), that sends the signal to this thread when the time is over, and
/// then every millisecond until it is deleted: so one that comes between our last look and the system call, and is lost,
/// is followed by another.
///
/// ```
///   struct sigaction     0 handler    8 mask, 128 bytes   136 flags int32   144 restorer   152
///   struct sigevent      0 value      8 signal int32      12 notify int32    16 thread int32    64
///   struct itimerspec    0 interval seconds, nanoseconds                     16 value seconds, nanoseconds
/// ```
///
/// Sources: sigaction(2), signal(7), timer_create(2) with SIGEV_THREAD_ID, tgkill(2), syscall(2).
final class CallSignal {
    private static final long SYS_GETTID = Libc.AARCH64 ? 178 : 186;
    private static final long SYS_TGKILL = Libc.AARCH64 ? 131 : 234;
    private static final long SYS_TIMER_CREATE = Libc.AARCH64 ? 107 : 222;
    private static final long SYS_TIMER_SETTIME = Libc.AARCH64 ? 110 : 223;
    private static final long SYS_TIMER_DELETE = Libc.AARCH64 ? 111 : 226;

    private static final int HIGHEST_SIGNAL = 61; // the JDK has SIGRTMAX - 2, which is 62
    private static final int LOWEST_SIGNAL = 40;
    private static final int SA_RESTART = 0x1000_0000;
    private static final int SIGACTION_LENGTH = 152;
    private static final int FLAGS_OFFSET = 136;
    private static final int SIGEVENT_LENGTH = 64;
    private static final int SIGEV_THREAD_ID = 4;
    private static final long CLOCK_MONOTONIC = 1;
    private static final long REPEAT_NANOS = 1_000_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private static final MethodHandle THREE = Libc.bind(
            "syscall",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    private static final MethodHandle POINTERS = Libc.bind(
            "syscall",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(1));
    private static final MethodHandle CREATE = Libc.bind(
            "syscall",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(1));
    private static final MethodHandle SIGACTION = Libc.bind(
            "sigaction",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));

    private static final long PROCESS = ProcessHandle.current().pid();

    /// The signal, or 0 if there is none.
    private static final int SIGNAL = install();

    private CallSignal() {}

    private static int install() {
        if (!Libc.LINUX || !Libc.POSIX) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment old = arena.allocate(SIGACTION_LENGTH, Long.BYTES);
            MemorySegment action = arena.allocate(SIGACTION_LENGTH, Long.BYTES);
            action.set(ValueLayout.ADDRESS, 0, Linker.nativeLinker().defaultLookup().findOrThrow("abs"));
            action.set(ValueLayout.JAVA_INT, FLAGS_OFFSET, SA_RESTART);
            for (int signal = HIGHEST_SIGNAL; signal >= LOWEST_SIGNAL; signal--) {
                int asked = (int) SIGACTION.invokeExact(signal, MemorySegment.NULL, old);
                if (asked == 0 && old.get(ValueLayout.JAVA_LONG, 0) == 0) {
                    int installed = (int) SIGACTION.invokeExact(signal, action, MemorySegment.NULL);
                    if (installed == 0) {
                        return signal;
                    }
                }
            }
            return 0;
        } catch (UnsupportedException e) {
            return 0; // native access is denied, which whoever calls the queue itself is told
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /// Whether a blocked call can be ended here.
    static boolean isSupported() {
        return SIGNAL != 0;
    }

    /// The calling thread, as the kernel numbers it; a platform thread keeps its number.
    static long thread() {
        return three(SYS_GETTID, 0, 0, 0);
    }

    /// Makes the system call that the thread is blocked in return EINTR; a thread that runs notices nothing.
    static void interrupt(long thread) {
        three(SYS_TGKILL, PROCESS, thread, SIGNAL);
    }

    private static long three(long number, long first, long second, long third) {
        try {
            return (long) THREE.invokeExact(number, first, second, third);
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /// Memory for a timer's arguments.
    ///
    /// @param arena for how long
    /// @return what [#startTimer] takes
    static MemorySegment timerMemory(Arena arena) {
        return arena.allocate(SIGEVENT_LENGTH + 4 * Long.BYTES + Long.BYTES, Long.BYTES);
    }

    /// Sends the calling thread the signal when the time is over, and again and again, until [#stopTimer].
    ///
    /// @param memory of [#timerMemory], used by this thread alone
    /// @param thread the calling thread
    /// @param nanos how long
    /// @return the timer, or a number below zero if the kernel has none to give
    static long startTimer(MemorySegment memory, long thread, long nanos) {
        memory.set(ValueLayout.JAVA_INT, 8, SIGNAL);
        memory.set(ValueLayout.JAVA_INT, 12, SIGEV_THREAD_ID);
        memory.set(ValueLayout.JAVA_INT, 16, (int) thread);
        long spec = SIGEVENT_LENGTH;
        memory.set(ValueLayout.JAVA_LONG, spec, 0);
        memory.set(ValueLayout.JAVA_LONG, spec + 8, REPEAT_NANOS);
        memory.set(ValueLayout.JAVA_LONG, spec + 16, nanos / NANOS_PER_SECOND);
        memory.set(ValueLayout.JAVA_LONG, spec + 24, Math.max(1, nanos % NANOS_PER_SECOND));
        try {
            MemorySegment id = memory.asSlice(SIGEVENT_LENGTH + 4 * Long.BYTES, Long.BYTES);
            long result = (long) CREATE.invokeExact(SYS_TIMER_CREATE, CLOCK_MONOTONIC, memory, id);
            if (result < 0) {
                return -1;
            }
            long timer = id.get(ValueLayout.JAVA_INT, 0);
            long started = (long) POINTERS.invokeExact(
                    SYS_TIMER_SETTIME,
                    timer,
                    0L,
                    memory.asSlice(spec, 4 * Long.BYTES),
                    MemorySegment.NULL);
            return timer;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    static void stopTimer(long timer) {
        three(SYS_TIMER_DELETE, timer, 0, 0);
    }
}
