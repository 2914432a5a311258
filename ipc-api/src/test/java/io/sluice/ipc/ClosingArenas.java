package io.sluice.ipc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// A program that closes arenas while another thread reads or writes their memory, many times. It ends well if each
/// time the other thread got an [IllegalStateException], and the JVM lived.
final class ClosingArenas {
    private static final int ROUNDS = 50;
    private static final int SIZE = 2048;

    private ClosingArenas() {}

    public static void main(String[] arguments) throws InterruptedException {
        byte[] array = new byte[SIZE];
        ByteBuffer direct = ByteBuffer.allocateDirect(SIZE);
        SegmentBuffer heap = SegmentBuffer.allocate(SIZE);
        List<Consumer<SegmentBuffer>> accesses = List.of(
                buffer -> buffer.getLong(8),
                buffer -> buffer.putInt(9, 1),
                buffer -> buffer.getLongAcquire(8),
                buffer -> buffer.putIntRelease(8, 1),
                buffer -> buffer.getAndAddInt(8, 1),
                buffer -> buffer.putBytes(0, array),
                buffer -> buffer.getBytes(0, direct, 0, SIZE),
                buffer -> buffer.putBytes(0, direct, 0, SIZE),
                buffer -> buffer.putBytes(0, heap, 0, 40),
                buffer -> buffer.getBytes(0, heap, 0, SIZE),
                buffer -> buffer.setMemory(0, SIZE, (byte) 1),
                buffer -> buffer.getStringWithoutLengthUtf8(0, SIZE),
                SegmentBuffer::hashCode);
        for (int round = 0; round < ROUNDS; round++) {
            for (Consumer<SegmentBuffer> access : accesses) {
                closeDuring(access, TestMemory.NATIVE);
                closeDuring(access, TestMemory.MAPPED);
            }
        }
        System.out.println("every access ended");
    }

    private static void closeDuring(Consumer<SegmentBuffer> access, TestMemory kind) throws InterruptedException {
        Arena arena = Arena.ofShared();
        MemorySegment memory = kind.allocate(arena, SIZE);
        CountDownLatch running = new CountDownLatch(1);
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread accessing = Thread.ofPlatform().start(() -> {
            SegmentBuffer buffer = new SegmentBuffer(memory);
            try {
                while (true) {
                    access.accept(buffer);
                    running.countDown();
                }
            } catch (RuntimeException | Error e) {
                end.set(e);
            }
        });
        running.await();
        arena.close();
        accessing.join();
        if (!(end.get() instanceof IllegalStateException)) {
            throw new AssertionError("ended otherwise", end.get());
        }
    }
}
