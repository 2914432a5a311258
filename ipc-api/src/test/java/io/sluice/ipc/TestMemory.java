package io.sluice.ipc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The kinds of memory that a [SegmentBuffer] may be on, for tests.
enum TestMemory {
    BYTES {
        @Override
        MemorySegment allocate(Arena arena, int size) {
            return MemorySegment.ofArray(new byte[size]);
        }
    },
    LONGS {
        @Override
        MemorySegment allocate(Arena arena, int size) {
            return MemorySegment.ofArray(new long[(size + 7) / 8]).asSlice(0, size);
        }
    },
    NATIVE {
        @Override
        MemorySegment allocate(Arena arena, int size) {
            return arena.allocate(size, 8);
        }
    },
    MAPPED {
        @Override
        MemorySegment allocate(Arena arena, int size) {
            try {
                Path file = Files.createTempFile("segment-buffer", null);
                try (FileChannel channel =
                        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    return channel.map(MapMode.READ_WRITE, 0, size, arena);
                } finally {
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    /// Allocates zeroed memory that begins at a multiple of 8.
    ///
    /// @param arena bounds its life, if it is off the heap
    /// @param size in bytes
    abstract MemorySegment allocate(Arena arena, int size);
}
