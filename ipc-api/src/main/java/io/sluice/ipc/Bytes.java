package io.sluice.ipc;

import static io.sluice.ipc.MemoryKind.BYTES;
import static io.sluice.ipc.MemoryKind.LONGS;
import static io.sluice.ipc.MemoryKind.OFF_HEAP;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// Access to single bytes of a segment, plain and volatile, and filling. A byte is never misaligned, so that all of it
/// works on all memory without a lock. See [Longs].
final class Bytes {
    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle().withInvokeExactBehavior();

    private Bytes() {}

    static byte get(MemorySegment memory, long index) {
        if (OFF_HEAP.isInstance(memory)) {
            return (byte) BYTE.get(OFF_HEAP.cast(memory), index);
        }
        if (BYTES.isInstance(memory)) {
            return (byte) BYTE.get(BYTES.cast(memory), index);
        }
        if (LONGS.isInstance(memory)) {
            return (byte) BYTE.get(LONGS.cast(memory), index);
        }
        return (byte) BYTE.get(memory, index);
    }

    static void put(MemorySegment memory, long index, byte value) {
        if (OFF_HEAP.isInstance(memory)) {
            BYTE.set(OFF_HEAP.cast(memory), index, value);
        } else if (BYTES.isInstance(memory)) {
            BYTE.set(BYTES.cast(memory), index, value);
        } else if (LONGS.isInstance(memory)) {
            BYTE.set(LONGS.cast(memory), index, value);
        } else {
            BYTE.set(memory, index, value);
        }
    }

    static byte getVolatile(MemorySegment memory, long index) {
        if (OFF_HEAP.isInstance(memory)) {
            return (byte) BYTE.getVolatile(OFF_HEAP.cast(memory), index);
        }
        return (byte) BYTE.getVolatile(memory, index);
    }

    static void putVolatile(MemorySegment memory, long index, byte value) {
        if (OFF_HEAP.isInstance(memory)) {
            BYTE.setVolatile(OFF_HEAP.cast(memory), index, value);
        } else {
            BYTE.setVolatile(memory, index, value);
        }
    }

    /// Sets `length` bytes, which the caller has checked to be within the segment. A loop, because the segment's own
    /// fill is of a whole segment, and a slice to fill is an object until the compiler finds that it need not be one.
    static void fill(MemorySegment memory, int index, int length, byte value) {
        long eight = (value & 0xFFL) * 0x0101_0101_0101_0101L;
        int end = index + length;
        int i = index;
        for (; i <= end - Long.BYTES; i += Long.BYTES) {
            Longs.put(memory, i, eight);
        }
        for (; i < end; i++) {
            put(memory, i, value);
        }
    }
}
