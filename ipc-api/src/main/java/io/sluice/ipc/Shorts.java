package io.sluice.ipc;

import static io.sluice.ipc.MemoryKind.BYTES;
import static io.sluice.ipc.MemoryKind.LONGS;
import static io.sluice.ipc.MemoryKind.OFF_HEAP;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Access to two bytes of a segment, plain and volatile; a `char` is the same bits. See [Longs].
final class Shorts {
    private static final VarHandle PLAIN =
            ValueLayout.JAVA_SHORT_UNALIGNED.varHandle().withInvokeExactBehavior();
    private static final VarHandle ATOMIC = ValueLayout.JAVA_SHORT.varHandle().withInvokeExactBehavior();

    private Shorts() {}

    static short get(MemorySegment memory, long index) {
        if (OFF_HEAP.isInstance(memory)) {
            return (short) PLAIN.get(OFF_HEAP.cast(memory), index);
        }
        if (BYTES.isInstance(memory)) {
            return (short) PLAIN.get(BYTES.cast(memory), index);
        }
        if (LONGS.isInstance(memory)) {
            return (short) PLAIN.get(LONGS.cast(memory), index);
        }
        return (short) PLAIN.get(memory, index);
    }

    static short get(MemorySegment memory, long index, ByteOrder order) {
        short value = get(memory, index);
        return order == ByteOrder.nativeOrder() ? value : Short.reverseBytes(value);
    }

    static void put(MemorySegment memory, long index, short value) {
        if (OFF_HEAP.isInstance(memory)) {
            PLAIN.set(OFF_HEAP.cast(memory), index, value);
        } else if (BYTES.isInstance(memory)) {
            PLAIN.set(BYTES.cast(memory), index, value);
        } else if (LONGS.isInstance(memory)) {
            PLAIN.set(LONGS.cast(memory), index, value);
        } else {
            PLAIN.set(memory, index, value);
        }
    }

    static void put(MemorySegment memory, long index, short value, ByteOrder order) {
        put(memory, index, order == ByteOrder.nativeOrder() ? value : Short.reverseBytes(value));
    }

    static short getVolatile(MemorySegment memory, long index) {
        if (OFF_HEAP.isInstance(memory)) {
            return (short) ATOMIC.getVolatile(OFF_HEAP.cast(memory), index);
        }
        if (LONGS.isInstance(memory)) {
            return (short) ATOMIC.getVolatile(LONGS.cast(memory), index);
        }
        return generalGet(memory, index);
    }

    static void putVolatile(MemorySegment memory, long index, short value) {
        if (OFF_HEAP.isInstance(memory)) {
            ATOMIC.setVolatile(OFF_HEAP.cast(memory), index, value);
        } else if (LONGS.isInstance(memory)) {
            ATOMIC.setVolatile(LONGS.cast(memory), index, value);
        } else {
            generalPut(memory, index, value);
        }
    }

    private static short generalGet(MemorySegment memory, long index) {
        if (BYTES.isInstance(memory)) {
            synchronized (ByteArrayLocks.of(memory, index, Short.BYTES)) {
                return get(memory, index);
            }
        }
        return (short) ATOMIC.getVolatile(memory, index);
    }

    private static void generalPut(MemorySegment memory, long index, short value) {
        if (BYTES.isInstance(memory)) {
            synchronized (ByteArrayLocks.of(memory, index, Short.BYTES)) {
                put(memory, index, value);
            }
        } else {
            ATOMIC.setVolatile(memory, index, value);
        }
    }
}
