package io.sluice.ipc.benchmarks;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.agrona.concurrent.ringbuffer.RingBufferDescriptor.TRAILER_LENGTH;

import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.SegmentBuffer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntFunction;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/// Agrona's `OneToOneRingBuffer`, one each way, bare: two files of shared memory that both processes map.
final class AgronaWire implements Wire {
    private static final int CAPACITY = 1 << 20;
    private static final int MESSAGE_TYPE = 1;
    private static final String TO_PARTNER = "to-partner";
    private static final String FROM_PARTNER = "from-partner";

    private final IntFunction<MutableDirectBuffer> allocator;
    private final OneToOneRingBuffer out;
    private final OneToOneRingBuffer in;
    private org.agrona.concurrent.MessageHandler listener;

    private AgronaWire(Mapping mapping, IntFunction<MutableDirectBuffer> allocator, Path directory, Side side)
            throws IOException {
        this.allocator = allocator;
        AtomicBuffer toPartner = mapping.map(directory.resolve(TO_PARTNER));
        AtomicBuffer fromPartner = mapping.map(directory.resolve(FROM_PARTNER));
        out = new OneToOneRingBuffer(side == Side.MEASURING ? toPartner : fromPartner);
        in = new OneToOneRingBuffer(side == Side.MEASURING ? fromPartner : toPartner);
    }

    /// Writes both files, every page of them, and returns what deletes them.
    static AutoCloseable create(Path directory) throws IOException {
        for (String name : new String[] {TO_PARTNER, FROM_PARTNER}) {
            try (FileChannel file = FileChannel.open(directory.resolve(name), CREATE_NEW, WRITE)) {
                file.write(ByteBuffer.allocate(CAPACITY + TRAILER_LENGTH));
            }
        }
        return () -> {
            Files.delete(directory.resolve(TO_PARTNER));
            Files.delete(directory.resolve(FROM_PARTNER));
        };
    }

    static Wire onUnsafeBuffer(Path directory, Side side) throws IOException {
        return new AgronaWire(
                file -> new UnsafeBuffer(file.map(MapMode.READ_WRITE, 0, file.size())),
                length -> new UnsafeBuffer(new byte[length]),
                directory,
                side);
    }

    static Wire onSegmentBuffer(Path directory, Side side) throws IOException {
        return new AgronaWire(
                file -> new SegmentBuffer(file.map(MapMode.READ_WRITE, 0, file.size(), Arena.global())),
                length -> new SegmentBuffer(new byte[length]),
                directory,
                side);
    }

    @Override
    public MutableDirectBuffer allocate(int length) {
        return allocator.apply(length);
    }

    @Override
    public void listen(MessageHandler handler) {
        listener = (type, buffer, index, length) -> handler.onMessage(buffer, index, length);
    }

    @Override
    public int poll(int limit) {
        return in.read(listener, limit);
    }

    @Override
    public boolean offer(DirectBuffer buffer, int offset, int length) {
        return out.write(MESSAGE_TYPE, buffer, offset, length);
    }

    @Override
    public boolean claim(long sequence, int length) {
        int index = out.tryClaim(MESSAGE_TYPE, length);
        if (index <= 0) {
            return false;
        }
        out.buffer().putLong(index, sequence);
        out.commit(index);
        return true;
    }

    @Override
    public void close() {
        // The mappings end with the process.
    }

    private interface Mapping {
        AtomicBuffer map(FileChannel file) throws IOException;

        default AtomicBuffer map(Path path) throws IOException {
            try (FileChannel file = FileChannel.open(path, READ, WRITE)) {
                return map(file);
            }
        }
    }
}
