package io.sluice.ipc.file;

import java.lang.foreign.MemorySegment;

/// A small file of numbers that several processes share: of 64 bits each, at multiples of 8. For any thread.
sealed interface Words extends AutoCloseable permits MappedWords, StreamedWords {
    /// Reads a number. Volatile: what its writer did before is seen.
    long get(int offset);

    /// Writes a number. Volatile, as above.
    void put(int offset, long value);

    /// Replaces a number by another one, if it is the expected one.
    ///
    /// @return what was there
    long compareAndExchange(int offset, long expected, long value);

    /// Copies bytes that do not change any more.
    byte[] bytes(int offset, int length);

    /// Writes bytes, before others look for them.
    void bytes(int offset, byte[] source);

    /// Memory that all processes see, to sleep on; where there is none, memory of this process alone.
    MemorySegment memory();

    /// Whether [#memory()] is what others see.
    boolean isMapped();

    /// Raises a number that never falls.
    ///
    /// @return what it is then
    default long raise(int offset, long value) {
        long seen = get(offset);
        while (seen < value) {
            long found = compareAndExchange(offset, seen, value);
            if (found == seen) {
                return value;
            }
            seen = found;
        }
        return seen;
    }

    /// Adds 1 to a number.
    ///
    /// @return what it was before
    default long getAndIncrement(int offset) {
        long seen = get(offset);
        for (long found; (found = compareAndExchange(offset, seen, seen + 1)) != seen;) {
            seen = found;
        }
        return seen;
    }

    /// Nobody may be inside any more.
    @Override
    void close();
}
