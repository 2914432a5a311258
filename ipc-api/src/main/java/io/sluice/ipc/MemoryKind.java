package io.sluice.ipc;

import java.lang.foreign.MemorySegment;

/// The classes that the JDK hides behind [MemorySegment], so that the compiler can be told which one it has before it.
///
/// A segment's `get` calls four virtual methods of the segment (its base, twice its offset, its alignment). HotSpot
/// inlines them by the classes it has seen there, at most two, and what it has seen is recorded with the JDK's own
/// code, which all of the process shares. Once three of native memory, mapped memory, `byte[]` and `long[]` have
/// passed, the calls are real ones, and every access through every segment costs about five times as much: 2 ns became
/// 11 in a loop over one mapped segment, after the others had been used.
///
/// So each access asks `OFF_HEAP.isInstance(segment)` first and goes on with `OFF_HEAP.cast(segment)`. Both are
/// intrinsics: a load and a comparison with a constant, after which the compiler knows the class, whatever was
/// recorded. A JDK with other classes would take the last, general branch: slower, never wrong.
final class MemoryKind {
    /// Native and mapped memory: the second's class extends the first's, and overrides none of the four methods.
    static final Class<? extends MemorySegment> OFF_HEAP = MemorySegment.NULL.getClass();

    /// Memory of a `byte[]`, which has no alignment that the JVM promises.
    static final Class<? extends MemorySegment> BYTES =
            MemorySegment.ofArray(new byte[0]).getClass();

    /// Memory of a `long[]`, always aligned.
    static final Class<? extends MemorySegment> LONGS =
            MemorySegment.ofArray(new long[0]).getClass();

    private MemoryKind() {}
}
