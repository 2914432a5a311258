package io.sluice.ipc.ring;

import java.lang.foreign.MemorySegment;

/// How a large message gets into the shared memory.
///
/// A processor core that writes to memory which another one has read last asks for every cache line before it overwrites
/// it, unless it knows that the whole line will be overwritten. The C library's memcpy(3) tells it; the code of the JVM does
/// not, and is slower by a factor of up to four between two cores that are far apart.
@FunctionalInterface
public interface MemoryCopy {
    /// From how many bytes on another way than the JVM's may be worth its call.
    int WORTHWHILE = 4096;

    /// The JVM's own way. If the memory's file was truncated by another process, it throws [InternalError], where the C
    /// library would end this one.
    MemoryCopy OF_JVM = MemorySegment::copy;

    /// Copies bytes; source and target do not overlap.
    ///
    /// @param source where they are, on the heap or off it
    /// @param from their offset there
    /// @param target shared memory
    /// @param to their offset there
    /// @param length how many
    /// @throws IndexOutOfBoundsException if they are not all inside the source and the target
    void copy(MemorySegment source, long from, MemorySegment target, long to, long length);
}
