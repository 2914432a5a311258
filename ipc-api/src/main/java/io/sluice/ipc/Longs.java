package io.sluice.ipc;

import static io.sluice.ipc.MemoryKind.BYTES;
import static io.sluice.ipc.MemoryKind.LONGS;
import static io.sluice.ipc.MemoryKind.OFF_HEAP;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Access to eight bytes of a segment, plain and in every memory ordering. Plain access may be unaligned; the others
/// are atomic and throw [IllegalArgumentException] if misaligned.
///
/// Each method asks for the kind of memory first, which makes it faster: see [MemoryKind]. What is left, a `byte[]`
/// above all, which needs [ByteArrayLocks], is in the methods `general*`, kept apart so that the others stay small
/// enough to be inlined.
final class Longs {
    private static final VarHandle PLAIN = ValueLayout.JAVA_LONG_UNALIGNED.varHandle().withInvokeExactBehavior();
    private static final VarHandle ATOMIC = ValueLayout.JAVA_LONG.varHandle().withInvokeExactBehavior();

    private Longs() {}

    static long get(MemorySegment memory, long index) {
        if (OFF_HEAP.isInstance(memory)) {
            return (long) PLAIN.get(OFF_HEAP.cast(memory), index);
        }
        if (BYTES.isInstance(memory)) {
            return (long) PLAIN.get(BYTES.cast(memory), index);
        }
        if (LONGS.isInstance(memory)) {
            return (long) PLAIN.get(LONGS.cast(memory), index);
        }
        return (long) PLAIN.get(memory, index);
    }

    static long get(MemorySegment memory, long index, ByteOrder order) {
        long value = get(memory, index);
        return order == ByteOrder.nativeOrder() ? value : Long.reverseBytes(value);
    }

    static void put(MemorySegment memory, long index, long value) {
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

    static void put(MemorySegment memory, long index, long value, ByteOrder order) {
        put(memory, index, order == ByteOrder.nativeOrder() ? value : Long.reverseBytes(value));
    }

    static long getVolatile(MemorySegment memory, long index) {
        if (OFF_HEAP.isInstance(memory)) {
            return (long) ATOMIC.getVolatile(OFF_HEAP.cast(memory), index);
        }
        if (LONGS.isInstance(memory)) {
            return (long) ATOMIC.getVolatile(LONGS.cast(memory), index);
        }
        return generalGet(memory, index);
    }

    static long getAcquire(MemorySegment memory, long index) {
        if (OFF_HEAP.isInstance(memory)) {
            return (long) ATOMIC.getAcquire(OFF_HEAP.cast(memory), index);
        }
        if (LONGS.isInstance(memory)) {
            return (long) ATOMIC.getAcquire(LONGS.cast(memory), index);
        }
        return generalGet(memory, index);
    }

    static long getOpaque(MemorySegment memory, long index) {
        if (OFF_HEAP.isInstance(memory)) {
            return (long) ATOMIC.getOpaque(OFF_HEAP.cast(memory), index);
        }
        if (LONGS.isInstance(memory)) {
            return (long) ATOMIC.getOpaque(LONGS.cast(memory), index);
        }
        return generalGet(memory, index);
    }

    static void putVolatile(MemorySegment memory, long index, long value) {
        if (OFF_HEAP.isInstance(memory)) {
            ATOMIC.setVolatile(OFF_HEAP.cast(memory), index, value);
        } else if (LONGS.isInstance(memory)) {
            ATOMIC.setVolatile(LONGS.cast(memory), index, value);
        } else {
            generalPut(memory, index, value);
        }
    }

    static void putRelease(MemorySegment memory, long index, long value) {
        if (OFF_HEAP.isInstance(memory)) {
            ATOMIC.setRelease(OFF_HEAP.cast(memory), index, value);
        } else if (LONGS.isInstance(memory)) {
            ATOMIC.setRelease(LONGS.cast(memory), index, value);
        } else {
            generalPut(memory, index, value);
        }
    }

    static void putOpaque(MemorySegment memory, long index, long value) {
        if (OFF_HEAP.isInstance(memory)) {
            ATOMIC.setOpaque(OFF_HEAP.cast(memory), index, value);
        } else if (LONGS.isInstance(memory)) {
            ATOMIC.setOpaque(LONGS.cast(memory), index, value);
        } else {
            generalPut(memory, index, value);
        }
    }

    static long getAndAdd(MemorySegment memory, long index, long delta) {
        if (OFF_HEAP.isInstance(memory)) {
            return (long) ATOMIC.getAndAdd(OFF_HEAP.cast(memory), index, delta);
        }
        if (LONGS.isInstance(memory)) {
            return (long) ATOMIC.getAndAdd(LONGS.cast(memory), index, delta);
        }
        return generalGetAndAdd(memory, index, delta);
    }

    static long getAndAddRelease(MemorySegment memory, long index, long delta) {
        if (OFF_HEAP.isInstance(memory)) {
            return (long) ATOMIC.getAndAddRelease(OFF_HEAP.cast(memory), index, delta);
        }
        if (LONGS.isInstance(memory)) {
            return (long) ATOMIC.getAndAddRelease(LONGS.cast(memory), index, delta);
        }
        return generalGetAndAdd(memory, index, delta);
    }

    static long getAndSet(MemorySegment memory, long index, long value) {
        if (OFF_HEAP.isInstance(memory)) {
            return (long) ATOMIC.getAndSet(OFF_HEAP.cast(memory), index, value);
        }
        if (LONGS.isInstance(memory)) {
            return (long) ATOMIC.getAndSet(LONGS.cast(memory), index, value);
        }
        return generalGetAndSet(memory, index, value);
    }

    static boolean compareAndSet(MemorySegment memory, long index, long expected, long update) {
        if (OFF_HEAP.isInstance(memory)) {
            return ATOMIC.compareAndSet(OFF_HEAP.cast(memory), index, expected, update);
        }
        if (LONGS.isInstance(memory)) {
            return ATOMIC.compareAndSet(LONGS.cast(memory), index, expected, update);
        }
        return generalCompareAndExchange(memory, index, expected, update) == expected;
    }

    static long compareAndExchange(MemorySegment memory, long index, long expected, long update) {
        if (OFF_HEAP.isInstance(memory)) {
            return (long) ATOMIC.compareAndExchange(OFF_HEAP.cast(memory), index, expected, update);
        }
        if (LONGS.isInstance(memory)) {
            return (long) ATOMIC.compareAndExchange(LONGS.cast(memory), index, expected, update);
        }
        return generalCompareAndExchange(memory, index, expected, update);
    }

    private static long generalGet(MemorySegment memory, long index) {
        if (BYTES.isInstance(memory)) {
            synchronized (ByteArrayLocks.of(memory, index, Long.BYTES)) {
                return get(memory, index);
            }
        }
        return (long) ATOMIC.getVolatile(memory, index);
    }

    private static void generalPut(MemorySegment memory, long index, long value) {
        if (BYTES.isInstance(memory)) {
            synchronized (ByteArrayLocks.of(memory, index, Long.BYTES)) {
                put(memory, index, value);
            }
        } else {
            ATOMIC.setVolatile(memory, index, value);
        }
    }

    private static long generalGetAndAdd(MemorySegment memory, long index, long delta) {
        if (BYTES.isInstance(memory)) {
            synchronized (ByteArrayLocks.of(memory, index, Long.BYTES)) {
                long previous = get(memory, index);
                put(memory, index, previous + delta);
                return previous;
            }
        }
        return (long) ATOMIC.getAndAdd(memory, index, delta);
    }

    private static long generalGetAndSet(MemorySegment memory, long index, long value) {
        if (BYTES.isInstance(memory)) {
            synchronized (ByteArrayLocks.of(memory, index, Long.BYTES)) {
                long previous = get(memory, index);
                put(memory, index, value);
                return previous;
            }
        }
        return (long) ATOMIC.getAndSet(memory, index, value);
    }

    private static long generalCompareAndExchange(MemorySegment memory, long index, long expected, long update) {
        if (BYTES.isInstance(memory)) {
            synchronized (ByteArrayLocks.of(memory, index, Long.BYTES)) {
                long previous = get(memory, index);
                put(memory, index, previous == expected ? update : previous);
                return previous;
            }
        }
        return (long) ATOMIC.compareAndExchange(memory, index, expected, update);
    }
}
