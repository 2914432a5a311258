package io.sluice.ipc.socket;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/// Memory in which TLS records are on their way between an engine and a socket: an array, because engines are faster on arrays,
/// and native memory, which sockets want. It is borrowed for that way only, so a connection that rests has none.
final class RecordBuffer {
    /// The header of a record: type, version, of which the first byte is always 3, and length, big-endian; RFC 8446, 5.1.
    static final int HEADER = 5;
    static final int FIRST_TYPE = 20;
    static final int LAST_TYPE = 23;
    static final int MAJOR_VERSION = 3;
    /// The largest record after its header, RFC 8446, 5.2.
    static final int MAX_PAYLOAD = (1 << 14) + 256;
    /// The room that an engine wants before it writes a record: that of the largest one of all versions of TLS.
    static final int RECORD = 16_709;
    /// What it holds, in bytes: two of the largest records.
    static final int LENGTH = 2 * RECORD;

    private static final int MOST_FREE = 8;
    private static final ArrayDeque<RecordBuffer> FREE = new ArrayDeque<>(MOST_FREE);

    private final ByteBuffer array = ByteBuffer.allocate(LENGTH);
    private final MemorySegment segment = Arena.ofAuto().allocate(LENGTH);

    private RecordBuffer() {}

    /// Borrows one; [#giveBack()] must follow.
    static RecordBuffer borrow() {
        synchronized (FREE) {
            RecordBuffer free = FREE.pollLast();
            if (free != null) {
                return free;
            }
        }
        return new RecordBuffer();
    }

    void giveBack() {
        array.clear();
        synchronized (FREE) {
            if (FREE.size() < MOST_FREE) {
                FREE.addLast(this);
            }
        }
    }

    /// The engine's side.
    ByteBuffer array() {
        return array;
    }

    /// The socket's side.
    MemorySegment segment() {
        return segment;
    }

    /// Copies what the engine has written to the socket's side.
    ///
    /// @return how many bytes
    int toSegment() {
        int length = array.position();
        MemorySegment.copy(array.array(), 0, segment, ValueLayout.JAVA_BYTE, 0, length);
        return length;
    }
}
