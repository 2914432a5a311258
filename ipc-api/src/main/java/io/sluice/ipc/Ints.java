package io.sluice.ipc;

import static io.sluice.ipc.MemoryKind.BYTES;
import static io.sluice.ipc.MemoryKind.LONGS;
import static io.sluice.ipc.MemoryKind.OFF_HEAP;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Access to four bytes of a segment, plain and in every memory ordering. Plain access may be unaligned; the others are
/// atomic and throw [IllegalArgumentException] if misaligned.
///
/// Each method asks for the kind of memory first, which makes it faster: see [MemoryKind]. What is left, a `byte[]`
/// above all, which needs [ByteArrayLocks], is in the methods `general*`, kept apart so that the others stay small
/// enough to be inlined.
final class Ints {
    private static final VarHandle PLAIN = ValueLayout.JAVA_INT_UNALIGNED.varHandle().withInvokeExactBehavior();
    private static final VarHandle ATOMIC = ValueLayout.JAVA_INT.varHandle().withInvokeExactBehavior();

    private Ints() {}

    static int get(MemorySegment memory, long index) {
        if (OFF_HEAP.isInstance(memory)) {
            return (int) PLAIN.get(OFF_HEAP.cast(memory), index);
        }
        if (BYTES.isInstance(memory)) {
            return (int) PLAIN.get(BYTES.cast(memory), index);
        }
        if (LONGS.isInstance(memory)) {
            return (int) PLAIN.get(LONGS.cast(memory), index);
        }
        return (int) PLAIN.get(memory, index);
    }

    static int get(MemorySegment memory, long index, ByteOrder order) {
        int value = get(memory, index);
        return order == ByteOrder.nativeOrder() ? value : Integer.reverseBytes(value);
    }

    static void put(MemorySegment memory, long index, int value) {
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

    static void put(MemorySegment memory, long index, int value, ByteOrder order) {
        put(memory, index, order == ByteOrder.nativeOrder() ? value : Integer.reverseBytes(value));
    }

    static int getVolatile(MemorySegment memory, long index) {
        if (OFF_HEAP.isInstance(memory)) {
            return (int) ATOMIC.getVolatile(OFF_HEAP.cast(memory), index);
        }
        if (LONGS.isInstance(memory)) {
            return (int) ATOMIC.getVolatile(LONGS.cast(memory), index);
        }
        return generalGet(memory, index);
    }

    static int getAcquire(MemorySegment memory, long index) {
        if (OFF_HEAP.isInstance(memory)) {
            return (int) ATOMIC.getAcquire(OFF_HEAP.cast(memory), index);
        }
        if (LONGS.isInstance(memory)) {
            return (int) ATOMIC.getAcquire(LONGS.cast(memory), index);
        }
        return generalGet(memory, index);
    }

    static int getOpaque(MemorySegment memory, long index) {
        if (OFF_HEAP.isInstance(memory)) {
            return (int) ATOMIC.getOpaque(OFF_HEAP.cast(memory), index);
        }
        if (LONGS.isInstance(memory)) {
            return (int) ATOMIC.getOpaque(LONGS.cast(memory), index);
        }
        return generalGet(memory, index);
    }

    static void putVolatile(MemorySegment memory, long index, int value) {
        if (OFF_HEAP.isInstance(memory)) {
            ATOMIC.setVolatile(OFF_HEAP.cast(memory), index, value);
        } else if (LONGS.isInstance(memory)) {
            ATOMIC.setVolatile(LONGS.cast(memory), index, value);
        } else {
            generalPut(memory, index, value);
        }
    }

    static void putRelease(MemorySegment memory, long index, int value) {
        if (OFF_HEAP.isInstance(memory)) {
            ATOMIC.setRelease(OFF_HEAP.cast(memory), index, value);
        } else if (LONGS.isInstance(memory)) {
            ATOMIC.setRelease(LONGS.cast(memory), index, value);
        } else {
            generalPut(memory, index, value);
        }
    }

    static void putOpaque(MemorySegment memory, long index, int value) {
        if (OFF_HEAP.isInstance(memory)) {
            ATOMIC.setOpaque(OFF_HEAP.cast(memory), index, value);
        } else if (LONGS.isInstance(memory)) {
            ATOMIC.setOpaque(LONGS.cast(memory), index, value);
        } else {
            generalPut(memory, index, value);
        }
    }

    static int getAndAdd(MemorySegment memory, long index, int delta) {
        if (OFF_HEAP.isInstance(memory)) {
            return (int) ATOMIC.getAndAdd(OFF_HEAP.cast(memory), index, delta);
        }
        if (LONGS.isInstance(memory)) {
            return (int) ATOMIC.getAndAdd(LONGS.cast(memory), index, delta);
        }
        return generalGetAndAdd(memory, index, delta);
    }

    static int getAndAddRelease(MemorySegment memory, long index, int delta) {
        if (OFF_HEAP.isInstance(memory)) {
            return (int) ATOMIC.getAndAddRelease(OFF_HEAP.cast(memory), index, delta);
        }
        if (LONGS.isInstance(memory)) {
            return (int) ATOMIC.getAndAddRelease(LONGS.cast(memory), index, delta);
        }
        return generalGetAndAdd(memory, index, delta);
    }

    static int getAndSet(MemorySegment memory, long index, int value) {
        if (OFF_HEAP.isInstance(memory)) {
            return (int) ATOMIC.getAndSet(OFF_HEAP.cast(memory), index, value);
        }
        if (LONGS.isInstance(memory)) {
            return (int) ATOMIC.getAndSet(LONGS.cast(memory), index, value);
        }
        return generalGetAndSet(memory, index, value);
    }

    static boolean compareAndSet(MemorySegment memory, long index, int expected, int update) {
        if (OFF_HEAP.isInstance(memory)) {
            return ATOMIC.compareAndSet(OFF_HEAP.cast(memory), index, expected, update);
        }
        if (LONGS.isInstance(memory)) {
            return ATOMIC.compareAndSet(LONGS.cast(memory), index, expected, update);
        }
        return generalCompareAndExchange(memory, index, expected, update) == expected;
    }

    static int compareAndExchange(MemorySegment memory, long index, int expected, int update) {
        if (OFF_HEAP.isInstance(memory)) {
            return (int) ATOMIC.compareAndExchange(OFF_HEAP.cast(memory), index, expected, update);
        }
        if (LONGS.isInstance(memory)) {
            return (int) ATOMIC.compareAndExchange(LONGS.cast(memory), index, expected, update);
        }
        return generalCompareAndExchange(memory, index, expected, update);
    }

    private static int generalGet(MemorySegment memory, long index) {
        if (BYTES.isInstance(memory)) {
            synchronized (ByteArrayLocks.of(memory, index, Integer.BYTES)) {
                return get(memory, index);
            }
        }
        return (int) ATOMIC.getVolatile(memory, index);
    }

    private static void generalPut(MemorySegment memory, long index, int value) {
        if (BYTES.isInstance(memory)) {
            synchronized (ByteArrayLocks.of(memory, index, Integer.BYTES)) {
                put(memory, index, value);
            }
        } else {
            ATOMIC.setVolatile(memory, index, value);
        }
    }

    private static int generalGetAndAdd(MemorySegment memory, long index, int delta) {
        if (BYTES.isInstance(memory)) {
            synchronized (ByteArrayLocks.of(memory, index, Integer.BYTES)) {
                int previous = get(memory, index);
                put(memory, index, previous + delta);
                return previous;
            }
        }
        return (int) ATOMIC.getAndAdd(memory, index, delta);
    }

    private static int generalGetAndSet(MemorySegment memory, long index, int value) {
        if (BYTES.isInstance(memory)) {
            synchronized (ByteArrayLocks.of(memory, index, Integer.BYTES)) {
                int previous = get(memory, index);
                put(memory, index, value);
                return previous;
            }
        }
        return (int) ATOMIC.getAndSet(memory, index, value);
    }

    private static int generalCompareAndExchange(MemorySegment memory, long index, int expected, int update) {
        if (BYTES.isInstance(memory)) {
            synchronized (ByteArrayLocks.of(memory, index, Integer.BYTES)) {
                int previous = get(memory, index);
                put(memory, index, previous == expected ? update : previous);
                return previous;
            }
        }
        return (int) ATOMIC.compareAndExchange(memory, index, expected, update);
    }
}
