package io.sluice.ipc.os;

import io.sluice.ipc.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Descriptors that one thread waits for together, by ppoll(2).
///
/// Each has an index, from 0, which changes when another is removed: the last one moves to the place of the removed one.
/// A descriptor that is in the set keeps its number until it is removed, even if it is closed meanwhile; so whoever
/// closes one has it removed. Used by one thread, except [#wakeUp()]; nothing is allocated by waiting.
///
/// ```
///   struct pollfd   byte 0        4             6              8
///                        +--------+-------------+--------------+
///                        | fd i32 | events  i16 | revents  i16 |
///                        +--------+-------------+--------------+
/// ```
///
/// Source: poll(2).
public final class PollSet implements AutoCloseable {
    /// There is something to read.
    public static final int IN = 0x001;
    /// There is room to write.
    public static final int OUT = 0x004;
    /// The other end is gone; reported whether asked for or not, as are errors.
    public static final int GONE = 0x008 | 0x010 | 0x020; // POLLERR, POLLHUP, POLLNVAL

    private static final int ENTRY = 8;
    private static final int EVENTS = 4;
    private static final int RESULT = 6;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final Wake wake = new Wake();
    private final MemorySegment errno = Arena.ofAuto().allocate(Linker.Option.captureStateLayout());
    private final MemorySegment timespec = Arena.ofAuto().allocate(2 * Long.BYTES, Long.BYTES);
    private MemorySegment entries = Arena.ofAuto().allocate(16 * ENTRY, Long.BYTES);
    private Descriptor[] descriptors = new Descriptor[16];
    private int size;

    /// Makes an empty set.
    ///
    /// @throws io.sluice.ipc.UnsupportedException if there is no poll(2) here
    /// @throws SystemCallException if this process has too many descriptors
    public PollSet() {
        wake.descriptor.enter();
        put(wake.descriptor, IN);
    }

    /// Adds a descriptor.
    ///
    /// @param descriptor the descriptor
    /// @param events [#IN], [#OUT], both, or 0 for nothing but [#GONE]
    /// @return its index, or -1 if it is closed
    public int add(Descriptor descriptor, int events) {
        return descriptor.enter() ? put(descriptor, events) : -1;
    }

    private int put(Descriptor descriptor, int events) {
        if (size == descriptors.length) {
            descriptors = Arrays.copyOf(descriptors, 2 * size);
            entries = Arena.ofAuto().allocate(2L * size * ENTRY, Long.BYTES).copyFrom(entries);
        }
        descriptors[size] = descriptor;
        entries.set(ValueLayout.JAVA_INT, (long) size * ENTRY, descriptor.number());
        entries.set(ValueLayout.JAVA_SHORT, (long) size * ENTRY + EVENTS, (short) events);
        entries.set(ValueLayout.JAVA_SHORT, (long) size * ENTRY + RESULT, (short) 0);
        return size++ - 1;
    }

    /// Changes what is waited for.
    ///
    /// @param index of a descriptor
    /// @param events as in [#add]
    public void change(int index, int events) {
        entries.set(ValueLayout.JAVA_SHORT, (index + 1L) * ENTRY + EVENTS, (short) events);
    }

    /// Removes a descriptor; the last one takes its index.
    ///
    /// @param index of a descriptor
    public void remove(int index) {
        int last = --size;
        Descriptor removed = descriptors[index + 1];
        descriptors[index + 1] = descriptors[last];
        descriptors[last] = null;
        MemorySegment.copy(entries, (long) last * ENTRY, entries, (index + 1L) * ENTRY, ENTRY);
        removed.leave();
    }

    /// How many descriptors there are.
    ///
    /// @return the number
    public int size() {
        return size - 1;
    }

    /// Waits until a descriptor is ready, [#wakeUp()] is called, or the time is over. Blocks the platform thread that
    /// calls it, whether interrupted or not.
    ///
    /// @param nanos how long at most, in nanoseconds; 0 looks once, [Long#MAX_VALUE] for ever
    public void await(long nanos) {
        int result = ppoll(nanos);
        if (result < 0 && result != -Libc.EINTR) {
            throw new SystemCallException("poll(2) of " + size + " descriptors failed: " + Libc.words(result));
        }
        if (result <= 0) {
            for (int i = 0; i < size; i++) {
                entries.set(ValueLayout.JAVA_SHORT, (long) i * ENTRY + RESULT, (short) 0);
            }
        } else if (entries.get(ValueLayout.JAVA_SHORT, RESULT) != 0) {
            wake.drain();
        }
    }

    private int ppoll(long nanos) {
        MemorySegment timeout = MemorySegment.NULL;
        if (nanos != Long.MAX_VALUE) {
            timespec.set(ValueLayout.JAVA_LONG, 0, nanos / NANOS_PER_SECOND);
            timespec.set(ValueLayout.JAVA_LONG, Long.BYTES, nanos % NANOS_PER_SECOND);
            timeout = timespec;
        }
        return Libc.poll(errno, entries.address(), size, timeout);
    }

    /// What the last wait found.
    ///
    /// @param index of a descriptor
    /// @return [#IN], [#OUT], bits of [#GONE], or 0
    public int ready(int index) {
        return entries.get(ValueLayout.JAVA_SHORT, (index + 1L) * ENTRY + RESULT);
    }

    /// Ends the wait that is under way, or the next one; from any thread.
    public void wakeUp() {
        wake.signal();
    }

    /// Lets go of all descriptors.
    @Override
    public void close() {
        while (size > 0) {
            descriptors[--size].leave();
        }
        wake.close();
    }
}
