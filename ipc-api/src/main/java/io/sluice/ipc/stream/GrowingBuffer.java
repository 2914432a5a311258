package io.sluice.ipc.stream;

import io.sluice.ipc.SegmentBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Native memory with a beginning and an end that move forward: bytes come in at the tail and leave at the head.
///
/// It starts small, grows as bytes really come, and shrinks once an exceptionally large message has left it. The memory is the
/// garbage collector's to free, so that a handler, or a system call in another thread, never finds it gone.
final class GrowingBuffer {
    private static final int LINE = 64;
    /// Where the bytes begin, so that what a message holds, behind its header, begins on a cache line.
    private static final int FRONT = LINE - Frames.HEADER_LENGTH;
    private static final int SMALL = 8 << 10;
    private static final int KEPT = 256 << 10;

    private MemorySegment segment = allocate(SMALL);
    private final SegmentBuffer buffer = new SegmentBuffer(segment);
    private int head = FRONT;
    private int tail = FRONT;

    private static MemorySegment allocate(int bytes) {
        return Arena.ofAuto().allocate(bytes, LINE);
    }

    MemorySegment segment() {
        return segment;
    }

    SegmentBuffer buffer() {
        return buffer;
    }

    int head() {
        return head;
    }

    int tail() {
        return tail;
    }

    int size() {
        return tail - head;
    }

    int capacity() {
        return (int) segment.byteSize() - FRONT;
    }

    /// The room behind the tail.
    int room() {
        return (int) segment.byteSize() - tail;
    }

    /// Makes room behind the tail, by moving what there is to the front, or to larger memory.
    void reserve(int bytes) {
        if (room() >= bytes) {
            return;
        }
        int size = size();
        long needed = (long) FRONT + size + bytes;
        MemorySegment from = segment;
        if (needed > segment.byteSize()) {
            long doubled = Math.max(needed, 2 * segment.byteSize());
            segment = allocate((int) Math.min(doubled, Integer.MAX_VALUE - Long.BYTES));
            buffer.wrap(segment);
        }
        MemorySegment.copy(from, head, segment, FRONT, size);
        head = FRONT;
        tail = FRONT + size;
    }

    void filled(int bytes) {
        tail += bytes;
    }

    /// Takes the last bytes back.
    void withdraw(int bytes) {
        tail -= bytes;
    }

    void taken(int bytes) {
        head += bytes;
    }

    void restore(int bytes) {
        head -= bytes;
    }

    /// Begins anew once it is empty; not while somebody has claimed what is behind the tail.
    void rewind() {
        if (head == tail) {
            head = FRONT;
            tail = FRONT;
            if (segment.byteSize() > KEPT) {
                segment = allocate(SMALL);
                buffer.wrap(segment);
            }
        }
    }

    /// Forgets what there is.
    void clear() {
        head = tail;
    }
}
