package io.sluice.ipc;

import static io.sluice.ipc.MemoryKind.BYTES;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.agrona.AsciiEncoding;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.AtomicBuffer;

/// Agrona's [AtomicBuffer] on a [MemorySegment]: heap, native or mapped memory behind the field's own buffer type, with
/// the semantics of Agrona's `UnsafeBuffer`, and without the JVM flag that one needs.
///
/// **Safety.** Every access is checked by the segment: [IndexOutOfBoundsException] outside it, [IllegalStateException]
/// once its arena is closed, [WrongThreadException] if the arena is another thread's, [IllegalArgumentException] for a
/// write to read-only memory. That holds between calls, whoever closes the arena. To close a shared arena *while*
/// another thread is inside a call is not safe on every JDK 25: code that is still warming up may finish its access
/// after the memory was unmapped, which kills the JVM (JDK-8364167; seen with 25.0.3). Whoever owns the memory keeps
/// others out first.
///
/// **Ordering.** Plain access may be unaligned. Volatile, acquire, release, opaque and compare-and-set access is atomic
/// and must be aligned in the memory by its own width, else [IllegalArgumentException]; `UnsafeBuffer` lets that pass
/// on x86-64. On a `byte[]` the JDK has no atomic access to an `int` or a `long`, so there a lock stands in for it:
/// right among buffers like this one, not together with an `UnsafeBuffer` on the same array, and some 10 ns each. Other
/// arrays are atomic up to the width of their elements. [#allocate] and off-heap memory have none of these limits.
///
/// **Threads.** Any number may use the buffer as its memory allows; [#wrap(MemorySegment)] and its kind must be alone.
/// Wrapping makes a view of the memory, a small object; everything else allocates nothing, except for strings, and for
/// a direct `ByteBuffer` copied beyond its limit or for the first time.
///
/// **Other buffers.** Bytes are exchanged with any [DirectBuffer]. To one that is nothing but an address
/// ([#wrap(long, int)]) this class cannot be attached: that takes a flag.
///
/// **Speed**, measured on JDK 25, x86-64, random indices, ns for each access, in a JVM that has used `byte[]`,
/// `long[]`, native and mapped memory in turn (as one with heap messages and shared memory does):
///
///                       getLong  putLong  getLongAcquire  putLongRelease  putBytes, 32 bytes
///     UnsafeBuffer        2.0      2.1         2.0             2.1               8
///     this, off-heap      0.5      0.5         3.5             3.5               5
///     this, long[]        0.5      0.5         3.7             3.9               9
///     this, byte[]        0.6      0.5        13              13                 6
///
/// The bare `VarHandle` of a segment takes 0.6 ns too as long as the JVM has seen one kind of memory only, but 11 to 20
/// ns after that. `MemoryKind` says why, and what is done about it. Zeroing short runs with [#setMemory] is the one
/// thing that is plainly slower: 32 bytes in 11 to 17 ns, against 3.
///
/// The class is long because the interface is: each of its methods is a line here, and the work is in `Longs`, `Ints`,
/// `Shorts`, `Bytes`, `Copy`, `AsciiText`, `AsciiNumberParser`, `AsciiNumberWriter` and `Utf8Text`.
public final class SegmentBuffer implements AtomicBuffer {
    private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);

    private MemorySegment segment;
    private int capacity;
    private byte[] byteArray;
    private ByteBuffer byteBuffer;
    private int wrapAdjustment;

    /// See [#view()]; volatile because it is made by whichever thread needs it first.
    private volatile ByteBuffer view;

    /// Makes a buffer of no bytes, to be wrapped around something.
    public SegmentBuffer() {
        attach(NOTHING, 0, null);
    }

    /// Makes a buffer on a segment; see [#wrap(MemorySegment)].
    ///
    /// @param segment the memory, at most 2 GiB less one byte
    public SegmentBuffer(MemorySegment segment) {
        wrap(segment);
    }

    /// Makes a buffer on an array.
    ///
    /// @param buffer the memory
    public SegmentBuffer(byte[] buffer) {
        wrap(buffer);
    }

    /// Makes a buffer on a part of an array.
    ///
    /// @param buffer the memory
    /// @param offset where the buffer begins, in bytes
    /// @param length of the buffer in bytes
    public SegmentBuffer(byte[] buffer, int offset, int length) {
        wrap(buffer, offset, length);
    }

    /// Makes a buffer on all of an NIO buffer, from index 0 to its capacity; its position and limit do not matter.
    ///
    /// @param buffer the memory, direct or not
    public SegmentBuffer(ByteBuffer buffer) {
        wrap(buffer);
    }

    /// Makes a buffer on a part of an NIO buffer, whose position and limit do not matter.
    ///
    /// @param buffer the memory, direct or not
    /// @param offset where the buffer begins, in bytes from index 0
    /// @param length of the buffer in bytes
    public SegmentBuffer(ByteBuffer buffer, int offset, int length) {
        wrap(buffer, offset, length);
    }

    /// Makes a buffer on the memory of another one.
    ///
    /// @param buffer the memory
    /// @throws UnsupportedOperationException if all that `buffer` has is an address
    public SegmentBuffer(DirectBuffer buffer) {
        wrap(buffer);
    }

    /// Makes a buffer on a part of the memory of another one.
    ///
    /// @param buffer the memory
    /// @param offset where this buffer begins, in bytes
    /// @param length of this buffer in bytes
    /// @throws UnsupportedOperationException if all that `buffer` has is an address
    public SegmentBuffer(DirectBuffer buffer, int offset, int length) {
        wrap(buffer, offset, length);
    }

    /// Makes a buffer on a segment; see [#wrap(MemorySegment)].
    ///
    /// @param segment the memory, at most 2 GiB less one byte
    /// @return the buffer
    public static SegmentBuffer of(MemorySegment segment) {
        return new SegmentBuffer(segment);
    }

    /// Makes a buffer on new heap memory that is aligned, so that atomic access to it needs no lock. It is a `long[]`
    /// in fact, so [#byteArray()] is null.
    ///
    /// @param capacity of the buffer in bytes
    /// @return the buffer, all zeros
    public static SegmentBuffer allocate(int capacity) {
        if (capacity < 0) {
            throw new IllegalArgumentException("A buffer of " + capacity + " bytes");
        }
        long[] words = new long[(int) ((capacity + 7L) >>> 3)];
        return new SegmentBuffer(MemorySegment.ofArray(words).asSlice(0, capacity));
    }

    /// Attaches this buffer to a segment, and takes over what the segment does and forbids: who may read it, whether it
    /// may be written, until when. Not safe while another thread uses this buffer.
    ///
    /// @param segment the memory, at most 2 GiB less one byte
    /// @throws IllegalArgumentException if the segment is larger
    public void wrap(MemorySegment segment) {
        attach(segment, BYTES.isInstance(segment) ? (int) segment.address() : 0, null);
    }

    /// The memory of this buffer, from index 0 to its capacity.
    ///
    /// @return the segment
    public MemorySegment segment() {
        return segment;
    }

    @Override
    public void wrap(byte[] buffer) {
        attach(MemorySegment.ofArray(buffer), 0, null);
    }

    @Override
    public void wrap(byte[] buffer, int offset, int length) {
        attach(MemorySegment.ofArray(buffer).asSlice(offset, length), offset, null);
    }

    @Override
    public void wrap(ByteBuffer buffer) {
        wrap(buffer, 0, buffer.capacity());
    }

    @Override
    public void wrap(ByteBuffer buffer, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, buffer.capacity());
        MemorySegment whole = MemorySegment.ofBuffer(buffer.duplicate().clear());
        attach(whole.asSlice(offset, length), buffer.hasArray() ? buffer.arrayOffset() + offset : offset, buffer);
    }

    @Override
    public void wrap(DirectBuffer buffer) {
        wrap(buffer, 0, buffer.capacity());
    }

    @Override
    public void wrap(DirectBuffer buffer, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, buffer.capacity());
        attach(segmentOf(buffer).asSlice(offset, length), buffer.wrapAdjustment() + offset, buffer.byteBuffer());
    }

    /// Not supported: memory at an address is unsafe by nature, and the JDK allows it to flagged callers only.
    ///
    /// @throws UnsupportedOperationException always, and says what to do instead
    @Override
    public void wrap(long address, int length) {
        throw addressOnly("wrap(address, length)");
    }

    /// The segment of another buffer, of the same capacity.
    private static MemorySegment segmentOf(DirectBuffer buffer) {
        if (buffer instanceof SegmentBuffer that) {
            return that.segment;
        }
        int adjustment = buffer.wrapAdjustment();
        if (buffer.byteArray() != null) {
            return MemorySegment.ofArray(buffer.byteArray()).asSlice(adjustment, buffer.capacity());
        }
        if (buffer.byteBuffer() != null) {
            return MemorySegment.ofBuffer(buffer.byteBuffer().duplicate().clear())
                    .asSlice(adjustment, buffer.capacity());
        }
        throw addressOnly("a buffer without array or ByteBuffer");
    }

    private static UnsupportedOperationException addressOnly(String what) {
        return new UnsupportedOperationException(what
                + ": memory of which only the address is known cannot be reached without a JVM flag; wrap its"
                + " MemorySegment instead, from an Arena, FileChannel.map or, in code that has"
                + " --enable-native-access, MemorySegment.ofAddress(address).reinterpret(length)");
    }

    private void attach(MemorySegment memory, int adjustment, ByteBuffer buffer) {
        if (memory.byteSize() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("The segment has " + memory.byteSize()
                    + " bytes, a buffer at most " + Integer.MAX_VALUE + "; take a slice of it");
        }
        segment = memory;
        capacity = (int) memory.byteSize();
        byteArray = memory.heapBase().orElse(null) instanceof byte[] array ? array : null;
        byteBuffer = buffer;
        wrapAdjustment = adjustment;
        view = null;
    }

    /// This memory as an NIO buffer, for the bulk operations that only those have among themselves; made once.
    ///
    /// @return from index 0 to the capacity, read-only if the segment is; null if the memory is an array of another
    ///     type than `byte`
    ByteBuffer view() {
        ByteBuffer present = view;
        if (present == null && (segment.isNative() || BYTES.isInstance(segment))) {
            present = segment.asByteBuffer();
            view = present;
        }
        return present;
    }

    @Override
    public byte[] byteArray() {
        return byteArray;
    }

    @Override
    public ByteBuffer byteBuffer() {
        return byteBuffer;
    }

    @Override
    public int wrapAdjustment() {
        return wrapAdjustment;
    }

    /// The address of off-heap memory; for a `byte[]` what Agrona's `UnsafeBuffer` adds to the array's own address.
    /// Only code that bypasses the JVM's checks can use either, and nothing guards it against a closed arena.
    ///
    /// @return the address or the offset
    /// @throws IllegalStateException if the memory's arena is closed
    /// @throws UnsupportedOperationException if the memory is an array, and either of another type than `byte`, or this
    ///     JVM runs without the flag that `UnsafeBuffer` needs, so that nobody can make use of it
    @Override
    public long addressOffset() {
        if (segment.isNative()) {
            if (!segment.scope().isAlive()) {
                throw new IllegalStateException("Already closed");
            }
            return segment.address();
        }
        if (byteArray == null || !unsafeBuffersWork()) {
            throw new UnsupportedOperationException(
                    "Heap memory has no address: use byteArray() and wrapAdjustment(), or segment()");
        }
        return BufferUtil.ARRAY_BASE_OFFSET + wrapAdjustment;
    }

    /// Whether the JVM has opened its internals to Agrona; without that, touching [BufferUtil] would fail.
    private static boolean unsafeBuffersWork() {
        return Object.class.getModule().isExported("jdk.internal.misc", DirectBuffer.class.getModule());
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public boolean isExpandable() {
        return false;
    }

    @Override
    public void checkLimit(int limit) {
        if (limit > capacity) {
            throw new IndexOutOfBoundsException("limit=" + limit + " is beyond capacity=" + capacity);
        }
    }

    @Override
    public void boundsCheck(int index, int length) {
        Objects.checkFromIndexSize(index, length, capacity);
    }

    /// Verifies that atomic access to a `long` works at every index that is a multiple of 8.
    ///
    /// @throws IllegalStateException if the memory begins off that alignment, if it is an array of elements smaller
    ///     than a `long` other than `byte[]`, or if it is a `byte[]` and Agrona's [#STRICT_ALIGNMENT_CHECKS] is set, as
    ///     it is by itself everywhere but on x86-64
    @Override
    public void verifyAlignment() {
        if (BYTES.isInstance(segment)) {
            if (STRICT_ALIGNMENT_CHECKS) {
                throw new IllegalStateException(
                        "A byte[] is not aligned by " + ALIGNMENT + "; use SegmentBuffer.allocate(capacity)");
            }
            if ((segment.address() & (ALIGNMENT - 1)) != 0) {
                throw new IllegalStateException("The buffer begins at byte " + segment.address()
                        + " of its array, which is not a multiple of " + ALIGNMENT);
            }
        } else if (segment.maxByteAlignment() < ALIGNMENT) {
            throw new IllegalStateException("The memory is aligned by " + segment.maxByteAlignment() + ", not by "
                    + ALIGNMENT + ": " + segment);
        }
    }

    // Plain access

    @Override
    public long getLong(int index) {
        return Longs.get(segment, index);
    }

    @Override
    public long getLong(int index, ByteOrder byteOrder) {
        return Longs.get(segment, index, byteOrder);
    }

    @Override
    public void putLong(int index, long value) {
        Longs.put(segment, index, value);
    }

    @Override
    public void putLong(int index, long value, ByteOrder byteOrder) {
        Longs.put(segment, index, value, byteOrder);
    }

    @Override
    public int getInt(int index) {
        return Ints.get(segment, index);
    }

    @Override
    public int getInt(int index, ByteOrder byteOrder) {
        return Ints.get(segment, index, byteOrder);
    }

    @Override
    public void putInt(int index, int value) {
        Ints.put(segment, index, value);
    }

    @Override
    public void putInt(int index, int value, ByteOrder byteOrder) {
        Ints.put(segment, index, value, byteOrder);
    }

    @Override
    public double getDouble(int index) {
        return Double.longBitsToDouble(Longs.get(segment, index));
    }

    @Override
    public double getDouble(int index, ByteOrder byteOrder) {
        return Double.longBitsToDouble(Longs.get(segment, index, byteOrder));
    }

    @Override
    public void putDouble(int index, double value) {
        Longs.put(segment, index, Double.doubleToRawLongBits(value));
    }

    @Override
    public void putDouble(int index, double value, ByteOrder byteOrder) {
        Longs.put(segment, index, Double.doubleToRawLongBits(value), byteOrder);
    }

    @Override
    public float getFloat(int index) {
        return Float.intBitsToFloat(Ints.get(segment, index));
    }

    @Override
    public float getFloat(int index, ByteOrder byteOrder) {
        return Float.intBitsToFloat(Ints.get(segment, index, byteOrder));
    }

    @Override
    public void putFloat(int index, float value) {
        Ints.put(segment, index, Float.floatToRawIntBits(value));
    }

    @Override
    public void putFloat(int index, float value, ByteOrder byteOrder) {
        Ints.put(segment, index, Float.floatToRawIntBits(value), byteOrder);
    }

    @Override
    public short getShort(int index) {
        return Shorts.get(segment, index);
    }

    @Override
    public short getShort(int index, ByteOrder byteOrder) {
        return Shorts.get(segment, index, byteOrder);
    }

    @Override
    public void putShort(int index, short value) {
        Shorts.put(segment, index, value);
    }

    @Override
    public void putShort(int index, short value, ByteOrder byteOrder) {
        Shorts.put(segment, index, value, byteOrder);
    }

    @Override
    public char getChar(int index) {
        return (char) Shorts.get(segment, index);
    }

    @Override
    public char getChar(int index, ByteOrder byteOrder) {
        return (char) Shorts.get(segment, index, byteOrder);
    }

    @Override
    public void putChar(int index, char value) {
        Shorts.put(segment, index, (short) value);
    }

    @Override
    public void putChar(int index, char value, ByteOrder byteOrder) {
        Shorts.put(segment, index, (short) value, byteOrder);
    }

    @Override
    public byte getByte(int index) {
        return Bytes.get(segment, index);
    }

    @Override
    public void putByte(int index, byte value) {
        Bytes.put(segment, index, value);
    }

    // Atomic access

    @Override
    public long getLongVolatile(int index) {
        return Longs.getVolatile(segment, index);
    }

    @Override
    public long getLongAcquire(int index) {
        return Longs.getAcquire(segment, index);
    }

    @Override
    public long getLongOpaque(int index) {
        return Longs.getOpaque(segment, index);
    }

    @Override
    public void putLongVolatile(int index, long value) {
        Longs.putVolatile(segment, index, value);
    }

    @Override
    public void putLongRelease(int index, long value) {
        Longs.putRelease(segment, index, value);
    }

    @Override
    public void putLongOrdered(int index, long value) {
        Longs.putRelease(segment, index, value);
    }

    @Override
    public void putLongOpaque(int index, long value) {
        Longs.putOpaque(segment, index, value);
    }

    @Override
    public long addLongRelease(int index, long increment) {
        return Longs.getAndAddRelease(segment, index, increment);
    }

    @Override
    public long addLongOrdered(int index, long increment) {
        return Longs.getAndAddRelease(segment, index, increment);
    }

    @Override
    public long addLongOpaque(int index, long increment) {
        long previous = Longs.getOpaque(segment, index);
        Longs.putOpaque(segment, index, previous + increment);
        return previous;
    }

    @Override
    public long getAndAddLong(int index, long delta) {
        return Longs.getAndAdd(segment, index, delta);
    }

    @Override
    public long getAndSetLong(int index, long value) {
        return Longs.getAndSet(segment, index, value);
    }

    @Override
    public boolean compareAndSetLong(int index, long expectedValue, long updateValue) {
        return Longs.compareAndSet(segment, index, expectedValue, updateValue);
    }

    @Override
    public long compareAndExchangeLong(int index, long expectedValue, long updateValue) {
        return Longs.compareAndExchange(segment, index, expectedValue, updateValue);
    }

    @Override
    public int getIntVolatile(int index) {
        return Ints.getVolatile(segment, index);
    }

    @Override
    public int getIntAcquire(int index) {
        return Ints.getAcquire(segment, index);
    }

    @Override
    public int getIntOpaque(int index) {
        return Ints.getOpaque(segment, index);
    }

    @Override
    public void putIntVolatile(int index, int value) {
        Ints.putVolatile(segment, index, value);
    }

    @Override
    public void putIntRelease(int index, int value) {
        Ints.putRelease(segment, index, value);
    }

    @Override
    public void putIntOrdered(int index, int value) {
        Ints.putRelease(segment, index, value);
    }

    @Override
    public void putIntOpaque(int index, int value) {
        Ints.putOpaque(segment, index, value);
    }

    @Override
    public int addIntRelease(int index, int increment) {
        return Ints.getAndAddRelease(segment, index, increment);
    }

    @Override
    public int addIntOrdered(int index, int increment) {
        return Ints.getAndAddRelease(segment, index, increment);
    }

    @Override
    public int addIntOpaque(int index, int increment) {
        int previous = Ints.getOpaque(segment, index);
        Ints.putOpaque(segment, index, previous + increment);
        return previous;
    }

    @Override
    public int getAndAddInt(int index, int delta) {
        return Ints.getAndAdd(segment, index, delta);
    }

    @Override
    public int getAndSetInt(int index, int value) {
        return Ints.getAndSet(segment, index, value);
    }

    @Override
    public boolean compareAndSetInt(int index, int expectedValue, int updateValue) {
        return Ints.compareAndSet(segment, index, expectedValue, updateValue);
    }

    @Override
    public int compareAndExchangeInt(int index, int expectedValue, int updateValue) {
        return Ints.compareAndExchange(segment, index, expectedValue, updateValue);
    }

    @Override
    public short getShortVolatile(int index) {
        return Shorts.getVolatile(segment, index);
    }

    @Override
    public void putShortVolatile(int index, short value) {
        Shorts.putVolatile(segment, index, value);
    }

    @Override
    public char getCharVolatile(int index) {
        return (char) Shorts.getVolatile(segment, index);
    }

    @Override
    public void putCharVolatile(int index, char value) {
        Shorts.putVolatile(segment, index, (short) value);
    }

    @Override
    public byte getByteVolatile(int index) {
        return Bytes.getVolatile(segment, index);
    }

    @Override
    public void putByteVolatile(int index, byte value) {
        Bytes.putVolatile(segment, index, value);
    }

    // Runs of bytes

    @Override
    public void setMemory(int index, int length, byte value) {
        boundsCheck(index, length);
        Bytes.fill(segment, index, length, value);
    }

    @Override
    public void getBytes(int index, byte[] dst) {
        getBytes(index, dst, 0, dst.length);
    }

    @Override
    public void getBytes(int index, byte[] dst, int offset, int length) {
        boundsCheck(index, length);
        Copy.toArray(segment, index, dst, offset, length);
    }

    @Override
    public void getBytes(int index, MutableDirectBuffer dstBuffer, int dstIndex, int length) {
        boundsCheck(index, length);
        Copy.toDirectBuffer(this, index, dstBuffer, dstIndex, length);
    }

    @Override
    public void getBytes(int index, ByteBuffer dstBuffer, int length) {
        int position = dstBuffer.position();
        getBytes(index, dstBuffer, position, length);
        dstBuffer.position(position + length);
    }

    @Override
    public void getBytes(int index, ByteBuffer dstBuffer, int dstOffset, int length) {
        boundsCheck(index, length);
        Objects.checkFromIndexSize(dstOffset, length, dstBuffer.capacity());
        Copy.toByteBuffer(this, index, dstBuffer, dstOffset, length);
    }

    @Override
    public void putBytes(int index, byte[] src) {
        putBytes(index, src, 0, src.length);
    }

    @Override
    public void putBytes(int index, byte[] src, int offset, int length) {
        boundsCheck(index, length);
        Copy.fromArray(src, offset, segment, index, length);
    }

    @Override
    public void putBytes(int index, ByteBuffer srcBuffer, int length) {
        int position = srcBuffer.position();
        putBytes(index, srcBuffer, position, length);
        srcBuffer.position(position + length);
    }

    @Override
    public void putBytes(int index, ByteBuffer srcBuffer, int srcIndex, int length) {
        boundsCheck(index, length);
        Objects.checkFromIndexSize(srcIndex, length, srcBuffer.capacity());
        Copy.fromByteBuffer(srcBuffer, srcIndex, this, index, length);
    }

    @Override
    public void putBytes(int index, DirectBuffer srcBuffer, int srcIndex, int length) {
        boundsCheck(index, length);
        Copy.fromDirectBuffer(srcBuffer, srcIndex, this, index, length);
    }

    // Text: the length before it, where there is one, is an int

    @Override
    public String getStringAscii(int index) {
        return getStringWithoutLengthAscii(index + STR_HEADER_LEN, getInt(index));
    }

    @Override
    public String getStringAscii(int index, ByteOrder byteOrder) {
        return getStringWithoutLengthAscii(index + STR_HEADER_LEN, getInt(index, byteOrder));
    }

    @Override
    public String getStringAscii(int index, int length) {
        return getStringWithoutLengthAscii(index + STR_HEADER_LEN, length);
    }

    @Override
    public String getStringWithoutLengthAscii(int index, int length) {
        boundsCheck(index, length);
        return AsciiText.get(segment, index, length);
    }

    @Override
    public int getStringAscii(int index, Appendable appendable) {
        return appendAfterLength(index, getInt(index), appendable);
    }

    @Override
    public int getStringAscii(int index, Appendable appendable, ByteOrder byteOrder) {
        return appendAfterLength(index, getInt(index, byteOrder), appendable);
    }

    @Override
    public int getStringAscii(int index, int length, Appendable appendable) {
        boundsCheck(index, length + STR_HEADER_LEN);
        AsciiText.append(segment, index + STR_HEADER_LEN, length, appendable);
        return length;
    }

    @Override
    public int getStringWithoutLengthAscii(int index, int length, Appendable appendable) {
        boundsCheck(index, length);
        AsciiText.append(segment, index, length, appendable);
        return length;
    }

    @Override
    public int putStringAscii(int index, String value) {
        return putStringAscii(index, (CharSequence) value, ByteOrder.nativeOrder());
    }

    @Override
    public int putStringAscii(int index, String value, ByteOrder byteOrder) {
        return putStringAscii(index, (CharSequence) value, byteOrder);
    }

    @Override
    public int putStringWithoutLengthAscii(int index, String value) {
        return putStringWithoutLengthAscii(index, (CharSequence) value);
    }

    @Override
    public int putStringWithoutLengthAscii(int index, String value, int valueOffset, int length) {
        return putStringWithoutLengthAscii(index, (CharSequence) value, valueOffset, length);
    }

    @Override
    public int putStringAscii(int index, CharSequence value) {
        return putStringAscii(index, value, ByteOrder.nativeOrder());
    }

    @Override
    public int putStringAscii(int index, CharSequence value, ByteOrder byteOrder) {
        int length = value == null ? 0 : value.length();
        boundsCheck(index, STR_HEADER_LEN + length);
        putInt(index, length, byteOrder);
        AsciiText.put(segment, index + STR_HEADER_LEN, value, 0, length);
        return STR_HEADER_LEN + length;
    }

    @Override
    public int putStringWithoutLengthAscii(int index, CharSequence value) {
        return value == null ? 0 : putStringWithoutLengthAscii(index, value, 0, value.length());
    }

    @Override
    public int putStringWithoutLengthAscii(int index, CharSequence value, int valueOffset, int length) {
        if (value == null) {
            return 0;
        }
        int encoded = Math.min(value.length() - valueOffset, length);
        boundsCheck(index, encoded);
        AsciiText.put(segment, index, value, valueOffset, encoded);
        return encoded;
    }

    @Override
    public String getStringUtf8(int index) {
        return getStringWithoutLengthUtf8(index + STR_HEADER_LEN, getInt(index));
    }

    @Override
    public String getStringUtf8(int index, ByteOrder byteOrder) {
        return getStringWithoutLengthUtf8(index + STR_HEADER_LEN, getInt(index, byteOrder));
    }

    @Override
    public String getStringUtf8(int index, int length) {
        return getStringWithoutLengthUtf8(index + STR_HEADER_LEN, length);
    }

    @Override
    public String getStringWithoutLengthUtf8(int index, int length) {
        boundsCheck(index, length);
        return Utf8Text.get(segment, index, length);
    }

    @Override
    public int putStringUtf8(int index, String value) {
        return putStringUtf8(index, value, ByteOrder.nativeOrder(), Integer.MAX_VALUE);
    }

    @Override
    public int putStringUtf8(int index, String value, ByteOrder byteOrder) {
        return putStringUtf8(index, value, byteOrder, Integer.MAX_VALUE);
    }

    @Override
    public int putStringUtf8(int index, String value, int maxEncodedLength) {
        return putStringUtf8(index, value, ByteOrder.nativeOrder(), maxEncodedLength);
    }

    @Override
    public int putStringUtf8(int index, String value, ByteOrder byteOrder, int maxEncodedLength) {
        byte[] bytes = Utf8Text.encode(value, maxEncodedLength);
        boundsCheck(index, STR_HEADER_LEN + bytes.length);
        putInt(index, bytes.length, byteOrder);
        Copy.fromArray(bytes, 0, segment, index + STR_HEADER_LEN, bytes.length);
        return STR_HEADER_LEN + bytes.length;
    }

    @Override
    public int putStringWithoutLengthUtf8(int index, String value) {
        byte[] bytes = Utf8Text.encode(value, Integer.MAX_VALUE);
        putBytes(index, bytes);
        return bytes.length;
    }

    // Decimal numbers in ASCII

    @Override
    public int parseNaturalIntAscii(int index, int length) {
        boundsCheck(index, length);
        return AsciiNumberParser.parseNaturalInt(segment, index, length);
    }

    @Override
    public long parseNaturalLongAscii(int index, int length) {
        boundsCheck(index, length);
        return AsciiNumberParser.parseNaturalLong(segment, index, length);
    }

    @Override
    public int parseIntAscii(int index, int length) {
        boundsCheck(index, length);
        return AsciiNumberParser.parseInt(segment, index, length);
    }

    @Override
    public long parseLongAscii(int index, int length) {
        boundsCheck(index, length);
        return AsciiNumberParser.parseLong(segment, index, length);
    }

    @Override
    public int putIntAscii(int index, int value) {
        if (value >= 0) {
            return putNaturalIntAscii(index, value);
        }
        if (value == Integer.MIN_VALUE) {
            putBytes(index, AsciiEncoding.MIN_INTEGER_VALUE);
            return AsciiEncoding.MIN_INTEGER_VALUE.length;
        }
        int digits = AsciiEncoding.digitCount(-value);
        boundsCheck(index, 1 + digits);
        putByte(index, AsciiEncoding.MINUS_SIGN);
        AsciiNumberWriter.putPositiveInt(segment, index + 1, -value, digits);
        return 1 + digits;
    }

    @Override
    public int putNaturalIntAscii(int index, int value) {
        int digits = AsciiEncoding.digitCount(value);
        boundsCheck(index, digits);
        AsciiNumberWriter.putPositiveInt(segment, index, value, digits);
        return digits;
    }

    @Override
    public int putLongAscii(int index, long value) {
        if (value >= 0) {
            return putNaturalLongAscii(index, value);
        }
        if (value == Long.MIN_VALUE) {
            putBytes(index, AsciiEncoding.MIN_LONG_VALUE);
            return AsciiEncoding.MIN_LONG_VALUE.length;
        }
        int digits = AsciiEncoding.digitCount(-value);
        boundsCheck(index, 1 + digits);
        putByte(index, AsciiEncoding.MINUS_SIGN);
        AsciiNumberWriter.putPositiveLong(segment, index + 1, -value, digits);
        return 1 + digits;
    }

    @Override
    public int putNaturalLongAscii(int index, long value) {
        int digits = AsciiEncoding.digitCount(value);
        boundsCheck(index, digits);
        AsciiNumberWriter.putPositiveLong(segment, index, value, digits);
        return digits;
    }

    @Override
    public void putNaturalPaddedIntAscii(int index, int length, int value) {
        boundsCheck(index, length);
        AsciiNumberWriter.putPadded(segment, index, length, value);
    }

    @Override
    public int putNaturalIntAsciiFromEnd(int value, int endExclusive) {
        int digits = AsciiEncoding.digitCount(value);
        boundsCheck(endExclusive - digits, digits);
        return AsciiNumberWriter.putFromEnd(segment, value, endExclusive);
    }

    /// Appends the text of a string whose length has been read.
    private int appendAfterLength(int index, int length, Appendable appendable) {
        return length == 0 ? 0 : getStringWithoutLengthAscii(index + STR_HEADER_LEN, length, appendable);
    }

    // Comparison

    /// Compares the contents as Agrona does: eight bytes at a time as a signed `long` of native order, then byte by
    /// byte, then the capacities. An order to sort by, not the lexical one.
    @Override
    public int compareTo(DirectBuffer that) {
        int length = Math.min(capacity, that.capacity());
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            int compared = Long.compare(getLong(i), that.getLong(i));
            if (compared != 0) {
                return compared;
            }
        }
        for (; i < length; i++) {
            int compared = Byte.compare(getByte(i), that.getByte(i));
            if (compared != 0) {
                return compared;
            }
        }
        return Integer.compare(capacity, that.capacity());
    }

    /// Whether the other is a `SegmentBuffer` too, with the same bytes.
    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof SegmentBuffer that && segment.mismatch(that.segment) == -1;
    }

    /// A hash of the bytes, the same as that of Agrona's buffers.
    @Override
    public int hashCode() {
        int hash = 19;
        int i = 0;
        for (; i <= capacity - Long.BYTES; i += Long.BYTES) {
            hash = 31 * hash + Long.hashCode(getLong(i));
        }
        for (; i < capacity; i++) {
            hash = 31 * hash + getByte(i);
        }
        return hash;
    }

    @Override
    public String toString() {
        return "SegmentBuffer{capacity=" + capacity + ", segment=" + segment + '}';
    }
}
