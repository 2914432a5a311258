package io.sluice.ipc.os;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// [Memcpy], against what was to be copied.
class MemcpyTest {
    private static final int LENGTH = 3 << 20;

    private final MemorySegment target = Arena.ofAuto().allocate(LENGTH);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, 65_536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 19})
    void copiesEveryByteAndNoOtherFromTheHeapAndFromBesideIt(int length) {
        byte[] bytes = new byte[length + 20];
        new Random(length).nextBytes(bytes);
        MemorySegment heap = MemorySegment.ofArray(bytes);
        MemorySegment offHeap = Arena.ofAuto().allocate(bytes.length).copyFrom(heap);
        for (MemorySegment source : new MemorySegment[] {heap, offHeap}) {
            for (int from : new int[] {0, 13}) {
                target.fill((byte) 7);
                Memcpy.copy(source, from, target, 5, length);
                assertArrayEquals(
                        heap.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE),
                        target.asSlice(5, length).toArray(ValueLayout.JAVA_BYTE));
                assertEquals(7, target.get(ValueLayout.JAVA_BYTE, 4));
                assertEquals(7, target.get(ValueLayout.JAVA_BYTE, 5 + length));
            }
        }
    }

    @Test
    void refusesWhatIsNotInside() {
        MemorySegment source = MemorySegment.ofArray(new byte[100]);
        assertTrue(Memcpy.isSupported());
        assertThrows(IndexOutOfBoundsException.class, () -> Memcpy.copy(source, 1, target, 0, 100));
        assertThrows(IndexOutOfBoundsException.class, () -> Memcpy.copy(source, -1, target, 0, 10));
        assertThrows(IndexOutOfBoundsException.class, () -> Memcpy.copy(source, 0, target, LENGTH - 9, 10));
        assertThrows(IllegalArgumentException.class, () -> Memcpy.copy(source, 0, source, 0, 10));
        assertThrows(IllegalArgumentException.class, () -> Memcpy.copy(source, 0, target.asReadOnly(), 0, 10));
    }

    @Test
    void refusesASourceThatIsClosed() {
        Arena arena = Arena.ofConfined();
        MemorySegment source = arena.allocate(100);
        arena.close();
        assertThrows(IllegalStateException.class, () -> Memcpy.copy(source, 0, target, 0, 10));
    }
}
