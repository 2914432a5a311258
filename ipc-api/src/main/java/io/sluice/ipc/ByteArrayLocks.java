package io.sluice.ipc;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/// Locks that stand in for atomic instructions on a `byte[]`.
///
/// Java has no atomic access to an `int` or a `long` in a `byte[]`: its start may be misaligned, and since JDK 22
/// `MethodHandles.byteArrayViewVarHandle` supports plain reads and writes only. Heap memory belongs to one JVM, so a
/// lock gives the same guarantees, as long as everybody who touches the word atomically holds it: [Longs], [Ints] and
/// [Shorts] do, for reads too, and in whichever ordering was asked, since a lock gives the strongest.
///
/// Every view of an array must come to the same lock without knowing the array, which a read-only segment hides. So the
/// lock is chosen by the offset in the array: the same word has the same offset in every view. Two arrays may share a
/// lock; that costs time, nothing else. Eight bytes that a `long` may cover share one, so that its halves do.
final class ByteArrayLocks {
    private static final int COUNT = 64;
    private static final Object[] LOCKS = new Object[COUNT];

    static {
        Arrays.setAll(LOCKS, _ -> new Object());
    }

    private ByteArrayLocks() {}

    /// The lock of a word.
    ///
    /// @param segment memory of a `byte[]`
    /// @param offset of the word in it
    /// @param width of the word in bytes: 2, 4 or 8
    /// @throws IndexOutOfBoundsException if the word is not within the segment
    /// @throws IllegalArgumentException if the word is misaligned in the array, as aligned segments throw
    static Object of(MemorySegment segment, long offset, int width) {
        Objects.checkFromIndexSize(offset, width, segment.byteSize());
        long position = segment.address() + offset;
        if ((position & (width - 1)) != 0) {
            throw new IllegalArgumentException("Misaligned atomic access: byte " + position
                    + " of the array is not a multiple of " + width);
        }
        return LOCKS[(int) (position >>> 3) & (COUNT - 1)];
    }
}
