package io.sluice.ipc.os;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Objects;

/// Copying with the C library's memcpy(3), which for large blocks knows the fastest way of the processor at hand, like
/// `rep movsb` on x86-64.
///
/// If another process truncates the file of mapped memory while this writes to it, the process ends with SIGBUS; the
/// JVM's own copy throws [InternalError] instead. So it is for memory that only the same user can reach.
///
/// Source: memcpy(3).
public final class Memcpy {
    /// A call holds up the garbage collector and every safepoint until it returns.
    private static final long MAX_CALL = 1 << 20;

    /// From the heap: from the start of the source, because what starts elsewhere would be a slice, a new object.
    private static final MethodHandle FROM_HEAP = Libc.bind(
            "memcpy",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG),
            Linker.Option.critical(true));

    /// From beside the heap, by address. The last parameter is not memcpy's, which ignores it: a segment that is passed to a
    /// call cannot be closed until the call returns.
    private static final MethodHandle FROM_OFF_HEAP = Libc.bind(
            "memcpy",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.ADDRESS),
            Linker.Option.critical(true));

    private static final boolean SUPPORTED = probe();

    private Memcpy() {}

    /// Whether [#copy] may be called: native access is not denied.
    ///
    /// @return true if it may
    public static boolean isSupported() {
        return SUPPORTED;
    }

    /// Copies bytes; source and target do not overlap. Allocates nothing. From the heap, memcpy(3) is called for up to 1 MiB
    /// from the start of the source, and the JVM copies the rest.
    ///
    /// @param source where they are, on the heap or off it
    /// @param from their offset there
    /// @param target memory off the heap that stays mapped until this returns, for which the caller has to see
    /// @param to their offset there
    /// @param length how many
    /// @throws IndexOutOfBoundsException if they are not all inside the source and the target
    public static void copy(MemorySegment source, long from, MemorySegment target, long to, long length) {
        Objects.checkFromIndexSize(to, length, target.byteSize());
        Objects.checkFromIndexSize(from, length, source.byteSize());
        if (!target.isNative() || target.isReadOnly()) {
            throw new IllegalArgumentException("the target is on the heap or read-only");
        }
        long address = target.address() + to;
        try {
            if (source.isNative()) {
                for (long done = 0; done < length; done += MAX_CALL) {
                    long part = Math.min(length - done, MAX_CALL);
                    long _ = (long) FROM_OFF_HEAP.invokeExact(
                            address + done, source.address() + from + done, part, source);
                }
            } else if (from == 0 && length <= MAX_CALL) {
                long _ = (long) FROM_HEAP.invokeExact(address, source, length);
            } else {
                MemorySegment.copy(source, from, target, to, length);
            }
        } catch (RuntimeException e) {
            throw e; // the source is closed, or another thread's
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    private static boolean probe() {
        try {
            long _ = (long) FROM_HEAP.invokeExact(0L, MemorySegment.NULL, 0L);
            return true;
        } catch (Throwable e) {
            return false;
        }
    }
}
