package io.sluice.ipc;

import static io.sluice.ipc.MemoryKind.BYTES;
import static io.sluice.ipc.MemoryKind.LONGS;
import static io.sluice.ipc.MemoryKind.OFF_HEAP;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// Copies between a segment and whatever else holds bytes: arrays, segments, NIO's buffers, Agrona's buffers. Nothing
/// is allocated, except for a [ByteBuffer] that is read or written beyond its limit. Source and destination may
/// overlap.
///
/// Callers have checked the range on the side of their segment; the other side is checked here.
final class Copy {
    private Copy() {}

    static void fromArray(byte[] source, int offset, MemorySegment target, long index, int length) {
        if (OFF_HEAP.isInstance(target)) {
            MemorySegment.copy(source, offset, OFF_HEAP.cast(target), JAVA_BYTE, index, length);
        } else if (BYTES.isInstance(target)) {
            MemorySegment.copy(source, offset, BYTES.cast(target), JAVA_BYTE, index, length);
        } else if (LONGS.isInstance(target)) {
            MemorySegment.copy(source, offset, LONGS.cast(target), JAVA_BYTE, index, length);
        } else {
            MemorySegment.copy(source, offset, target, JAVA_BYTE, index, length);
        }
    }

    static void toArray(MemorySegment source, long index, byte[] target, int offset, int length) {
        if (OFF_HEAP.isInstance(source)) {
            MemorySegment.copy(OFF_HEAP.cast(source), JAVA_BYTE, index, target, offset, length);
        } else if (BYTES.isInstance(source)) {
            MemorySegment.copy(BYTES.cast(source), JAVA_BYTE, index, target, offset, length);
        } else if (LONGS.isInstance(source)) {
            MemorySegment.copy(LONGS.cast(source), JAVA_BYTE, index, target, offset, length);
        } else {
            MemorySegment.copy(source, JAVA_BYTE, index, target, offset, length);
        }
    }

    /// The pairs that messages take, each with its classes known (see [MemoryKind]); the rest is right, but slower.
    static void between(MemorySegment source, long from, MemorySegment target, long to, long length) {
        if (OFF_HEAP.isInstance(source)) {
            MemorySegment offHeap = OFF_HEAP.cast(source);
            if (OFF_HEAP.isInstance(target)) {
                MemorySegment.copy(offHeap, from, OFF_HEAP.cast(target), to, length);
            } else if (BYTES.isInstance(target)) {
                MemorySegment.copy(offHeap, from, BYTES.cast(target), to, length);
            } else if (LONGS.isInstance(target)) {
                MemorySegment.copy(offHeap, from, LONGS.cast(target), to, length);
            } else {
                MemorySegment.copy(offHeap, from, target, to, length);
            }
        } else if (OFF_HEAP.isInstance(target)) {
            MemorySegment offHeap = OFF_HEAP.cast(target);
            if (BYTES.isInstance(source)) {
                MemorySegment.copy(BYTES.cast(source), from, offHeap, to, length);
            } else if (LONGS.isInstance(source)) {
                MemorySegment.copy(LONGS.cast(source), from, offHeap, to, length);
            } else {
                MemorySegment.copy(source, from, offHeap, to, length);
            }
        } else {
            MemorySegment.copy(source, from, target, to, length);
        }
    }

    /// Copies out of an NIO buffer, by absolute index up to its capacity; its position stays.
    static void fromByteBuffer(ByteBuffer source, int from, SegmentBuffer target, int index, int length) {
        if (source.hasArray()) {
            fromArray(source.array(), source.arrayOffset() + from, target.segment(), index, length);
            return;
        }
        ByteBuffer whole = upTo(source, from + length);
        ByteBuffer view = target.view();
        if (view == null) {
            longsFromByteBuffer(whole, from, target.segment(), index, length);
        } else if (view.isReadOnly()) {
            throw new IllegalArgumentException("Attempt to write a read-only segment");
        } else {
            view.put(index, whole, from, length);
        }
    }

    /// Copies into an NIO buffer, by absolute index up to its capacity; its position stays.
    static void toByteBuffer(SegmentBuffer source, int index, ByteBuffer target, int to, int length) {
        if (target.hasArray()) {
            toArray(source.segment(), index, target.array(), target.arrayOffset() + to, length);
            return;
        }
        if (target.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        ByteBuffer whole = upTo(target, to + length);
        ByteBuffer view = source.view();
        if (view == null) {
            longsToByteBuffer(source.segment(), index, whole, to, length);
        } else {
            whole.put(to, view, index, length);
        }
    }

    /// Copies out of any buffer of Agrona's kind.
    static void fromDirectBuffer(DirectBuffer source, int from, SegmentBuffer target, int index, int length) {
        if (source instanceof SegmentBuffer buffer) {
            between(buffer.segment(), from, target.segment(), index, length);
            return;
        }
        source.boundsCheck(from, length);
        byte[] array = source.byteArray();
        ByteBuffer buffer = source.byteBuffer();
        if (array != null) {
            fromArray(array, source.wrapAdjustment() + from, target.segment(), index, length);
        } else if (buffer != null) {
            fromByteBuffer(buffer, source.wrapAdjustment() + from, target, index, length);
        } else {
            longsFromDirectBuffer(source, from, target.segment(), index, length);
        }
    }

    /// Copies into any buffer of Agrona's kind. `UnsafeBuffer` would take the bytes from our address, on which nothing
    /// guards it against an arena that another thread closes; so they are given, not fetched.
    static void toDirectBuffer(SegmentBuffer source, int index, MutableDirectBuffer target, int to, int length) {
        if (target instanceof SegmentBuffer buffer) {
            between(source.segment(), index, buffer.segment(), to, length);
            return;
        }
        if (target.isExpandable()) {
            target.checkLimit((int) Math.min((long) to + length, Integer.MAX_VALUE));
        }
        target.boundsCheck(to, length);
        byte[] array = target.byteArray();
        ByteBuffer buffer = target.byteBuffer();
        if (array != null) {
            toArray(source.segment(), index, array, target.wrapAdjustment() + to, length);
        } else if (buffer != null) {
            toByteBuffer(source, index, buffer, target.wrapAdjustment() + to, length);
        } else {
            longsToDirectBuffer(source.segment(), index, target, to, length);
        }
    }

    private static ByteBuffer upTo(ByteBuffer buffer, int limit) {
        return limit <= buffer.limit() ? buffer : buffer.duplicate().clear();
    }

    /// For a segment of a `long[]`, of which there is no NIO view; so there is no overlap either.
    private static void longsFromByteBuffer(ByteBuffer source, int from, MemorySegment target, int to, int length) {
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            Longs.put(target, to + i, source.getLong(from + i), source.order());
        }
        for (; i < length; i++) {
            Bytes.put(target, to + i, source.get(from + i));
        }
    }

    private static void longsToByteBuffer(MemorySegment source, int from, ByteBuffer target, int to, int length) {
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            target.putLong(to + i, Longs.get(source, from + i, target.order()));
        }
        for (; i < length; i++) {
            target.put(to + i, Bytes.get(source, from + i));
        }
    }

    /// For a buffer that is nothing but an address: backwards if forwards would overwrite what is still to be read.
    private static void longsFromDirectBuffer(DirectBuffer source, int from, MemorySegment target, int to, int length) {
        if (target.isNative() && source.addressOffset() + from < target.address() + to) {
            int i = length;
            for (; i >= Long.BYTES; i -= Long.BYTES) {
                Longs.put(target, to + i - Long.BYTES, source.getLong(from + i - Long.BYTES));
            }
            for (; i > 0; i--) {
                Bytes.put(target, to + i - 1, source.getByte(from + i - 1));
            }
        } else {
            int i = 0;
            for (; i <= length - Long.BYTES; i += Long.BYTES) {
                Longs.put(target, to + i, source.getLong(from + i));
            }
            for (; i < length; i++) {
                Bytes.put(target, to + i, source.getByte(from + i));
            }
        }
    }

    private static void longsToDirectBuffer(
            MemorySegment source, int from, MutableDirectBuffer target, int to, int length) {
        if (source.isNative() && source.address() + from < target.addressOffset() + to) {
            int i = length;
            for (; i >= Long.BYTES; i -= Long.BYTES) {
                target.putLong(to + i - Long.BYTES, Longs.get(source, from + i - Long.BYTES));
            }
            for (; i > 0; i--) {
                target.putByte(to + i - 1, Bytes.get(source, from + i - 1));
            }
        } else {
            int i = 0;
            for (; i <= length - Long.BYTES; i += Long.BYTES) {
                target.putLong(to + i, Longs.get(source, from + i));
            }
            for (; i < length; i++) {
                target.putByte(to + i, Bytes.get(source, from + i));
            }
        }
    }
}
