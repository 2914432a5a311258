package io.sluice.ipc.file;

import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.os.DiskFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// A segment in memory, shared by all appenders and tailers of one [Journal] that are in it; see [Mappings].
///
/// It ends where the file ended when it was mapped: a file that a crash or a copy has cut short is read that far.
final class Mapping {
    final long number;
    final long base;
    final SegmentBuffer buffer;

    private final int segmentLength;
    private final DiskFile file;
    private final Arena arena;
    private final MemorySegment memory;

    /// How many use it; guarded by the monitor of [Mappings].
    int users;

    Mapping(long number, int segmentLength, DiskFile file, Arena arena, MemorySegment memory) {
        this.number = number;
        this.base = number * segmentLength;
        this.segmentLength = segmentLength;
        this.file = file;
        this.arena = arena;
        this.memory = memory;
        this.buffer = SegmentBuffer.of(memory);
    }

    /// How long the segment is meant to be.
    int segmentLength() {
        return segmentLength;
    }

    /// Where the mapped bytes end.
    int end() {
        return buffer.capacity();
    }

    /// The bytes for one thread, which may change the position and the limit.
    ByteBuffer bytes() {
        return memory.asByteBuffer();
    }

    /// Whether the file is longer than what is mapped.
    boolean hasGrown() {
        return Math.min(file.length() & -RecordLayout.ALIGNMENT, segmentLength) > end();
    }

    void flush() {
        file.flush();
    }

    void unmap() {
        arena.close();
        file.close();
    }
}
