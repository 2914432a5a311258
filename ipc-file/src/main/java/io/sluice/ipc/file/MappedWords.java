package io.sluice.ipc.file;

import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.os.DiskFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// [Words] in mapped memory.
final class MappedWords implements Words {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final SegmentBuffer buffer;

    /// @param file has that length at least; it may be closed afterwards
    MappedWords(DiskFile file, int length) {
        boolean mapped = false;
        try {
            memory = file.map(length, arena);
            buffer = SegmentBuffer.of(memory);
            mapped = true;
        } finally {
            if (!mapped) {
                arena.close();
            }
        }
    }

    @Override
    public long get(int offset) {
        return buffer.getLongVolatile(offset);
    }

    @Override
    public void put(int offset, long value) {
        buffer.putLongVolatile(offset, value);
    }

    @Override
    public long compareAndExchange(int offset, long expected, long value) {
        return buffer.compareAndExchangeLong(offset, expected, value);
    }

    @Override
    public byte[] bytes(int offset, int length) {
        byte[] copy = new byte[length];
        buffer.getBytes(offset, copy);
        return copy;
    }

    @Override
    public void bytes(int offset, byte[] source) {
        buffer.putBytes(offset, source);
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public boolean isMapped() {
        return true;
    }

    @Override
    public void close() {
        arena.close();
    }
}
