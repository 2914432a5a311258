package io.sluice.ipc.socket;

import io.sluice.ipc.stream.ByteStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// What was accepted before a close and the system has no room for: a copy, to be written in the background. Used by one
/// thread after the other.
final class Rest {
    /// How much is taken over; who closes waits while there is more.
    static final int MOST = 256 << 10;

    private MemorySegment bytes = MemorySegment.NULL;
    private int head;
    private int tail;

    /// Makes room for so many bytes, if that is not too many.
    void reserve(int wanted) {
        if (bytes.byteSize() == 0 && wanted <= MOST) {
            bytes = Arena.ofAuto().allocate(wanted);
        }
    }

    /// Takes what it has room for.
    ///
    /// @return how many bytes, 0 if there is no room
    int take(MemorySegment from, long offset, int length) {
        int taken = (int) Math.min(length, bytes.byteSize() - tail);
        MemorySegment.copy(from, offset, bytes, tail, taken);
        tail += taken;
        return taken;
    }

    boolean isEmpty() {
        return head == tail;
    }

    /// Writes what there is room for; what nobody reads any more is written, too.
    ///
    /// @return whether nothing is left
    boolean writeTo(StreamSocket socket) {
        while (head < tail) {
            int written = socket.write(bytes, head, tail - head);
            if (written == ByteStream.WOULD_BLOCK) {
                return false;
            }
            head = written < 0 ? tail : head + written;
        }
        return socket.flush();
    }
}
