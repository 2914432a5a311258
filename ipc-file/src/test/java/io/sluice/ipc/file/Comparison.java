package io.sluice.ipc.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.agrona.DirectBuffer;

/// Compares every record with what its writer must have written, and its number with the one before.
final class Comparison implements RecordHandler {
    private final int maxLength;
    private final Map<Long, Long> next = new ConcurrentHashMap<>();
    private long lastTime;
    private long lastPosition = -1;
    private long count;

    Comparison(int maxLength) {
        this.maxLength = maxLength;
    }

    @Override
    public void onRecord(long position, long time, DirectBuffer buffer, int offset, int length) {
        long writer = buffer.getLong(offset);
        long number = buffer.getLong(offset + Long.BYTES);
        assertEquals(next.getOrDefault(writer, 0L), number, "number of a record of writer " + writer);
        assertArrayEquals(Records.body((int) writer, number, maxLength), Records.bytes(buffer, offset, length));
        assertTrue(time >= lastTime, "times decrease");
        assertTrue(position > lastPosition, "positions decrease");
        lastTime = time;
        lastPosition = position;
        next.put(writer, number + 1);
        count++;
    }

    long count() {
        return count;
    }

    /// How many records of a writer there were.
    long count(int writer) {
        return next.getOrDefault((long) writer, 0L);
    }
}
