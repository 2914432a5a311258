package io.sluice.ipc.socket;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// A segment as the JDK's sockets and engines want it; made anew only when the segment is another.
final class SegmentView {
    private MemorySegment segment;
    private ByteBuffer buffer;

    ByteBuffer of(MemorySegment wanted, long offset, int length) {
        if (!wanted.equals(segment)) {
            segment = wanted;
            buffer = wanted.asByteBuffer();
        }
        return buffer.clear().position((int) offset).limit((int) offset + length);
    }
}
