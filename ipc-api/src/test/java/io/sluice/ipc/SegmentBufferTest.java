package io.sluice.ipc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What is a [SegmentBuffer]'s own: arenas, read-only memory, alignment, no flags. That it otherwise does what Agrona's
/// buffer does is [SegmentBufferOracleTest]'s business.
class SegmentBufferTest {
    @Test
    void everyMethodWorksWithoutFlagsAndWithoutAgronasUnsafeClasses() throws Exception {
        List<String> lines = runInOwnJvm("-Xlog:class+load", BufferCalls.class);
        String loaded = "[class,load] ";
        assertEquals(
                List.of("called " + BufferCalls.methods().size() + " methods"),
                lines.stream().filter(line -> !line.contains(loaded)).toList());
        assertTrue(lines.stream().anyMatch(line -> line.contains(loaded + SegmentBuffer.class.getName() + " ")));
        for (String unsafe : List.of("org.agrona.UnsafeApi", "org.agrona.BufferUtil",
                "org.agrona.concurrent.UnsafeBuffer")) {
            assertFalse(lines.stream().anyMatch(line -> line.contains(loaded + unsafe + " ")), unsafe);
        }
    }

    /// Runs a program to its end, with one option of the JVM.
    ///
    /// @return what it printed
    private static List<String> runInOwnJvm(String option, Class<?> program) throws Exception {
        Process process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                option,
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()).redirectErrorStream(true).start();
        List<String> lines;
        try (var output = process.inputReader(StandardCharsets.UTF_8)) {
            lines = output.lines().toList();
        }
        assertEquals(0, process.waitFor(), () -> String.join("\n", lines));
        return lines;
    }

    @ParameterizedTest
    @EnumSource(names = {"NATIVE", "MAPPED"})
    void accessAfterTheArenaWasClosedThrows(TestMemory kind) {
        Arena arena = Arena.ofShared();
        MemorySegment memory = kind.allocate(arena, 64);
        arena.close();
        for (Method method : BufferCalls.methods()) {
            Throwable thrown = BufferCalls.call(new SegmentBuffer(memory), method);
            if (BufferCalls.touches(method) || method.getName().equals("addressOffset")) {
                assertInstanceOf(IllegalStateException.class, thrown, method::toString);
            }
        }
    }

    @Test
    void aConfinedArenaIsItsThreadsOwn() throws InterruptedException {
        try (Arena arena = Arena.ofConfined()) {
            SegmentBuffer buffer = new SegmentBuffer(arena.allocate(8));
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread.ofPlatform()
                    .start(() -> thrown.set(assertThrows(WrongThreadException.class, () -> buffer.getByte(0))))
                    .join();
            assertInstanceOf(WrongThreadException.class, thrown.get());
        }
    }

    @ParameterizedTest
    @EnumSource
    void readOnlyMemoryIsReadAndRefusesEveryWrite(TestMemory kind) {
        MemorySegment memory = kind.allocate(Arena.ofAuto(), 64);
        for (long i = 0; i < 64; i++) {
            memory.set(ValueLayout.JAVA_BYTE, i, (byte) '7');
        }
        for (Method method : BufferCalls.methods()) {
            Throwable thrown = BufferCalls.call(new SegmentBuffer(memory.asReadOnly()), method);
            if (BufferCalls.writes(method)) {
                assertInstanceOf(IllegalArgumentException.class, thrown, method::toString);
            }
        }
        SegmentBuffer buffer = new SegmentBuffer(memory.asReadOnly());
        assertEquals(0x3737_3737_3737_3737L, buffer.getLongVolatile(8));
        assertEquals(77_777_777, buffer.parseIntAscii(0, 8));
        assertNull(buffer.byteArray());
        for (int i = 0; i < 64; i++) {
            assertEquals('7', memory.get(ValueLayout.JAVA_BYTE, i));
        }
    }

    @Test
    void readOnlyByteBuffersAreReadAndRefuseWrites() {
        for (ByteBuffer source : List.of(ByteBuffer.allocate(32), ByteBuffer.allocateDirect(32))) {
            source.put(12, (byte) 9);
            SegmentBuffer buffer = new SegmentBuffer(source.slice(4, 24).asReadOnlyBuffer(), 4, 16);
            assertEquals(9, buffer.getByte(4));
            assertEquals(16, buffer.capacity());
            assertThrows(IllegalArgumentException.class, () -> buffer.putByte(4, (byte) 1));

            // A copy of it finds the right bytes: by index in the ByteBuffer, since the array is hidden.
            SegmentBuffer copy = SegmentBuffer.allocate(16);
            copy.putBytes(0, buffer, 0, 16);
            assertEquals(buffer, copy);
            assertEquals(buffer, new SegmentBuffer((DirectBuffer) buffer, 0, 16));
            assertThrows(
                    ReadOnlyBufferException.class,
                    () -> copy.getBytes(0, source.asReadOnlyBuffer(), 0, 8));
        }
    }

    @ParameterizedTest
    @EnumSource
    void countersLoseNoIncrement(TestMemory kind) throws InterruptedException {
        MemorySegment memory = kind.allocate(Arena.ofAuto(), 64);
        int increments = 50_000;
        Runnable counting = () -> {
            // Two views of the memory that begin at different bytes of it.
            SegmentBuffer first = new SegmentBuffer(memory);
            SegmentBuffer second = new SegmentBuffer(memory.asSlice(16));
            for (int i = 0; i < increments; i++) {
                first.getAndAddLong(16, 1);
                second.getAndAddLong(0, 1);
                first.getAndAddInt(28, 1);
                second.addIntRelease(12, 1);
                long seen;
                do {
                    seen = first.getLongAcquire(32);
                } while (!second.compareAndSetLong(16, seen, seen + 1));
                int seenInt;
                do {
                    seenInt = second.getIntVolatile(24);
                } while (first.compareAndExchangeInt(40, seenInt, seenInt + 1) != seenInt);
            }
        };
        Thread other = Thread.ofPlatform().start(counting);
        counting.run();
        other.join();
        SegmentBuffer buffer = new SegmentBuffer(memory);
        assertEquals(4L * increments, buffer.getLong(16));
        assertEquals(4 * increments, buffer.getInt(28));
        assertEquals(2L * increments, buffer.getLong(32));
        assertEquals(2 * increments, buffer.getInt(40));
    }

    @ParameterizedTest
    @EnumSource
    void atomicAccessMustBeAlignedAndPlainAccessNeedNot(TestMemory kind) {
        SegmentBuffer buffer = new SegmentBuffer(kind.allocate(Arena.ofAuto(), 64));
        for (int i = 0; i < 8; i++) {
            int index = i;
            buffer.putLong(index, 0x0102030405060708L);
            assertEquals(0x0102030405060708L, buffer.getLong(index));
            if (index % 8 != 0) {
                assertThrows(IllegalArgumentException.class, () -> buffer.getLongVolatile(index));
                assertThrows(IllegalArgumentException.class, () -> buffer.compareAndSetLong(index, 0, 1));
            }
            if (index % 4 != 0) {
                assertThrows(IllegalArgumentException.class, () -> buffer.putIntRelease(index, 1));
            }
            if (index % 2 != 0) {
                assertThrows(IllegalArgumentException.class, () -> buffer.getShortVolatile(index));
            }
            buffer.putByteVolatile(index, (byte) 1);
            assertEquals(1, buffer.getByteVolatile(index));
        }
    }

    @Test
    void otherArraysAreAtomicUpToTheirElements() {
        SegmentBuffer ints = new SegmentBuffer(MemorySegment.ofArray(new int[8]));
        ints.putLong(3, -1L);
        assertEquals(-1L, ints.getLong(3));
        ints.setMemory(0, 32, (byte) 0);
        assertEquals(0, ints.getAndAddInt(4, 5));
        assertEquals(5, ints.getIntVolatile(4));
        assertThrows(IllegalArgumentException.class, () -> ints.getLongVolatile(8));
        assertThrows(IllegalStateException.class, ints::verifyAlignment);

        SegmentBuffer doubles = new SegmentBuffer(MemorySegment.ofArray(new double[4]));
        assertTrue(doubles.compareAndSetLong(8, 0, 7));
        assertEquals(7, doubles.getAndSetLong(8, 9));
        assertEquals(9, doubles.getLongAcquire(8));
        doubles.verifyAlignment();
        ByteBuffer direct = ByteBuffer.allocateDirect(32);
        doubles.getBytes(0, direct, 32);
        doubles.putBytes(8, direct, 0, 24);
        assertEquals(9, doubles.getLong(16));
    }

    @Test
    void allocatedMemoryIsZeroAlignedAndOfTheCapacityAskedFor() {
        for (int capacity : new int[] {0, 1, 7, 8, 9, 4096}) {
            SegmentBuffer buffer = SegmentBuffer.allocate(capacity);
            assertEquals(capacity, buffer.capacity());
            assertEquals(capacity, buffer.segment().byteSize());
            buffer.verifyAlignment();
            for (int i = 0; i < capacity; i++) {
                assertEquals(0, buffer.getByte(i));
            }
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.getByte(capacity));
        }
        assertThrows(IllegalArgumentException.class, () -> SegmentBuffer.allocate(-1));
    }

    @Test
    void aSegmentOfMoreThanTwoGibibytesIsRefused(@TempDir Path directory) throws IOException {
        try (Arena arena = Arena.ofConfined();
                FileChannel file = FileChannel.open(
                        directory.resolve("sparse"),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            MemorySegment large = file.map(MapMode.READ_WRITE, 0, 1L << 31, arena);
            assertThrows(IllegalArgumentException.class, () -> new SegmentBuffer(large));
            SegmentBuffer largest = new SegmentBuffer(large.asSlice(0, Integer.MAX_VALUE));
            largest.putLong(Integer.MAX_VALUE - 8, 42);
            assertEquals(42, largest.getLong(Integer.MAX_VALUE - 8));
            assertThrows(IndexOutOfBoundsException.class, () -> largest.getLong(Integer.MAX_VALUE - 7));
        }
    }

    @Test
    void aRefusedWrapLeavesTheBufferAsItWas() {
        SegmentBuffer buffer = SegmentBuffer.allocate(16);
        MemorySegment before = buffer.segment();
        assertThrows(UnsupportedOperationException.class, () -> buffer.wrap(4096L, 16));
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.wrap(new byte[8], 4, 8));
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.wrap(ByteBuffer.allocate(8), -1, 8));
        assertSame(before, buffer.segment());
    }

    @Test
    void copiesFollowTheMemoryThatWasWrappedLast() {
        ByteBuffer source = ByteBuffer.allocateDirect(8).putLong(0, -1L);
        byte[] first = new byte[8];
        byte[] second = new byte[8];
        SegmentBuffer buffer = new SegmentBuffer(first);
        buffer.putBytes(0, source, 0, 4);
        buffer.wrap(second);
        buffer.putBytes(4, source, 0, 4);
        assertArrayEquals(new byte[] {-1, -1, -1, -1, 0, 0, 0, 0}, first);
        assertArrayEquals(new byte[] {0, 0, 0, 0, -1, -1, -1, -1}, second);
    }

    @Test
    void buffersWithTheSameBytesAreEqualWhateverTheirMemory() {
        for (TestMemory one : TestMemory.values()) {
            for (TestMemory two : TestMemory.values()) {
                SegmentBuffer left = new SegmentBuffer(one.allocate(Arena.ofAuto(), 21));
                SegmentBuffer right = new SegmentBuffer(two.allocate(Arena.ofAuto(), 21));
                left.putStringAscii(0, "same");
                right.putStringAscii(0, "same");
                assertEquals(left, right);
                assertEquals(left.hashCode(), right.hashCode());
                assertEquals(0, left.compareTo(right));
                right.putByte(20, (byte) 1);
                assertNotEquals(left, right);
                assertTrue(left.compareTo(right) < 0);
                assertTrue(right.compareTo(left) > 0);
            }
        }
        assertFalse(SegmentBuffer.allocate(8).equals(SegmentBuffer.allocate(9)));
        assertTrue(SegmentBuffer.allocate(8).toString().contains("capacity=8"));
    }

    @ParameterizedTest
    @EnumSource
    void agronasRingBuffersRunOnIt(TestMemory kind) throws InterruptedException {
        int size = 4096 + RingBufferDescriptor.TRAILER_LENGTH;
        SegmentBuffer memory = new SegmentBuffer(kind.allocate(Arena.ofAuto(), size));
        if (kind == TestMemory.BYTES && AtomicBuffer.STRICT_ALIGNMENT_CHECKS) {
            assertThrows(IllegalStateException.class, () -> new OneToOneRingBuffer(memory));
            return;
        }
        carryMessages(new OneToOneRingBuffer(memory));
        memory.setMemory(0, size, (byte) 0);
        carryMessages(new ManyToOneRingBuffer(memory));
    }

    private static void carryMessages(RingBuffer ring) throws InterruptedException {
        int messages = 5_000;
        Thread producer = Thread.ofPlatform().start(() -> {
            SegmentBuffer message = SegmentBuffer.allocate(40);
            for (int i = 0; i < messages; i++) {
                message.putInt(0, i);
                while (!ring.write(1, message, 0, 4 + i % 36)) {
                    Thread.yield();
                }
            }
        });
        int[] next = {0};
        while (next[0] < messages) {
            int read = ring.read((_, buffer, index, length) -> {
                assertEquals(next[0], buffer.getInt(index));
                assertEquals(4 + next[0] % 36, length);
                next[0]++;
            });
            if (read == 0) {
                Thread.yield();
            }
        }
        producer.join();
    }

    @ParameterizedTest
    @EnumSource
    void accessAllocatesNothing(TestMemory kind) {
        SegmentBuffer buffer = new SegmentBuffer(kind.allocate(Arena.ofAuto(), 4096));
        SegmentBuffer[] others = {
            SegmentBuffer.allocate(4096),
            new SegmentBuffer(new byte[4096]),
            new SegmentBuffer(Arena.ofAuto().allocate(4096))
        };
        byte[] array = new byte[4096];
        ByteBuffer direct = ByteBuffer.allocateDirect(4096);
        ByteBuffer readOnly = ByteBuffer.allocate(4096).asReadOnlyBuffer();
        StringBuilder text = new StringBuilder(64);
        IntConsumer work = i -> {
            int index = 8 * (i & 63);
            buffer.putLong(index, buffer.getLong(index) + buffer.getInt(index) + buffer.getByte(index));
            buffer.putDouble(index, buffer.getFloat(index) + buffer.getShort(index));
            buffer.putLongRelease(index, buffer.getLongAcquire(index) + buffer.getAndAddInt(index, 1));
            buffer.compareAndSetLong(index, i, i + 1);
            int length = 8 + (i & 1023);
            buffer.setMemory(index, length, (byte) i);
            buffer.putBytes(index, array, 0, length);
            buffer.getBytes(index, array, 0, length);
            buffer.putBytes(index, direct, 0, length);
            buffer.getBytes(index, direct, 0, length);
            buffer.putBytes(index, readOnly, 0, length);
            for (SegmentBuffer other : others) {
                buffer.putBytes(index, other, 0, length);
                buffer.getBytes(index, other, 0, length);
            }
            buffer.putLongAscii(index, i);
            buffer.parseLongAscii(index, 1);
            buffer.putStringAscii(index, "text");
            text.setLength(0);
            buffer.getStringAscii(index, text);
        };
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().threadId();
        long allocated = -1;
        // Until the compiler is through with it: before that, the slices of setMemory are objects.
        for (int batch = 0; batch < 500 && allocated != 0; batch++) {
            long before = threads.getThreadAllocatedBytes(self);
            for (int i = 0; i < 5_000; i++) {
                work.accept(i);
            }
            allocated = threads.getThreadAllocatedBytes(self) - before;
        }
        assertEquals(0, allocated, "bytes allocated by 5000 rounds");
    }
}
