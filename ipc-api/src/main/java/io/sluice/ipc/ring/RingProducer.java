package io.sluice.ipc.ring;

import static io.sluice.ipc.ring.RingLayout.CONSUMER_POSITION_OFFSET;
import static io.sluice.ipc.ring.RingLayout.HEADER_LENGTH;
import static io.sluice.ipc.ring.RingLayout.PRODUCER_CLOSED_OFFSET;
import static io.sluice.ipc.ring.RingLayout.TYPE_PADDING;

import io.sluice.ipc.SegmentBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The writing end of a ring. For one thread at a time.
///
/// A record is reserved, written, and published by one release store of its header: a producer that dies before it has
/// left nothing, and one that dies after it has left a whole record. Where it writes next is this object's own; the
/// consumer finds out from the headers alone, so a message moves one cache line, not two. How far the consumer has read is
/// looked up only when the room known of is used up.
///
/// The header behind a published record must be zero. For small records this clears the memory ahead, a kilobyte at a time:
/// stores drain in order, and each new cache line holds up all that follow until the consumer's core has given it away, so
/// it is faster to ask for many lines at once. It also leaves one comparison to be made for most records, because cleared
/// memory is free and does not wrap around the end.
final class RingProducer {
    private static final int CACHE_LINE = 64;
    private static final int CLEARED_AT_ONCE = 1024;
    /// Larger records have no memory cleared ahead of them: it would cost more than it saves.
    private static final int MAX_SMALL_RECORD = 256;

    private static final SegmentBuffer ZEROS =
            new SegmentBuffer(Arena.global().allocate(CLEARED_AT_ONCE, CACHE_LINE));

    private final SegmentBuffer ring;
    private final SegmentBuffer records;
    private final int capacity;
    private final int mask;

    private long position;
    private long consumed;
    /// What lies behind the position and before this is free, in this lap, and zero.
    private long cleared;

    RingProducer(MemorySegment ring, int capacity) {
        this.ring = RingLayout.words(ring);
        this.records = RingLayout.records(ring, capacity);
        this.capacity = capacity;
        this.mask = capacity - 1;
    }

    /// Finds room for a record; the consumer sees nothing of it before [#publish], at most padding. If it is not to be
    /// published after all, [#abandon] must follow.
    ///
    /// @return the index of its payload in [#buffer()], or -1 if there is no room
    int reserve(int payloadLength) {
        int record = RingLayout.recordLength(payloadLength);
        if (position + record + HEADER_LENGTH <= cleared) {
            return reservedIndex();
        }
        return reserveBeyondCleared(record);
    }

    private int reserveBeyondCleared(int record) {
        int untilEnd = capacity - ((int) position & mask);
        // In both places: the zeroed header behind the record must not meet the first unread one.
        if (record > untilEnd) {
            if (!hasRoom(untilEnd + HEADER_LENGTH)) {
                return -1;
            }
            // At once, though there may be no room for the record yet: so nobody ever waits while half the ring is free,
            // on which the consumer relies when it gives room back without a signal.
            records.putLong(0, 0);
            publish(TYPE_PADDING, untilEnd - HEADER_LENGTH);
        }
        if (!hasRoom(record + HEADER_LENGTH)) {
            return -1;
        }
        if (record <= MAX_SMALL_RECORD) {
            clearFrom(position + record);
        } else {
            records.putLong((int) (position + record) & mask, 0);
        }
        return reservedIndex();
    }

    private void clearFrom(long next) {
        long endOfLap = (next & -capacity) + capacity;
        long end = Math.min(next + CLEARED_AT_ONCE, Math.min(endOfLap, consumed + capacity));
        long from = next;
        for (; from < end && (from & CACHE_LINE - 1) != 0; from += Long.BYTES) {
            records.putLong((int) from & mask, 0);
        }
        if (from < end) {
            records.putBytes((int) from & mask, ZEROS, 0, (int) (end - from));
        }
        cleared = end;
    }

    /// Where the payload of the record last reserved starts in [#buffer()].
    int reservedIndex() {
        return ((int) position & mask) + HEADER_LENGTH;
    }

    /// Takes back the record last reserved; whatever was written to it does no harm.
    void abandon() {
        cleared = position;
    }

    private boolean hasRoom(int length) {
        return position + length <= consumed + capacity || roomAfterLookingUp() >= length;
    }

    /// How many bytes are free now; looks up how far the consumer has read.
    int roomAfterLookingUp() {
        // Acquire: pairs with the consumer's release, so that its reads of a record come before our writes over it.
        long seen = ring.getLongAcquire(CONSUMER_POSITION_OFFSET);
        if (seen < consumed || seen > position) {
            throw new BrokenRingException("the peer's read position " + seen + " is not between " + consumed + " and "
                    + position + ": it broke the protocol or its memory was overwritten");
        }
        consumed = seen;
        return (int) (consumed + capacity - position);
    }

    /// Makes the record last reserved visible.
    void publish(int type, int payloadLength) {
        // Release: the payload and the zero behind it come first; the consumer's acquire of this header pairs with it.
        records.putLongRelease((int) position & mask, RingLayout.header(type, payloadLength));
        position += RingLayout.recordLength(payloadLength);
    }

    /// Where payloads are written to.
    SegmentBuffer buffer() {
        return records;
    }

    /// Whether [#reserve] would get on: find room for the record, or for the padding before it.
    boolean isReady(int payloadLength) {
        int untilEnd = capacity - ((int) position & mask);
        return hasRoom(Math.min(RingLayout.recordLength(payloadLength), untilEnd) + HEADER_LENGTH);
    }

    /// Says that the record published last was the last.
    ///
    /// @param how one of the CLOSED_ words of [RingLayout]
    void close(int how) {
        // Release: a consumer that sees the mark also sees every record before it.
        ring.putIntRelease(PRODUCER_CLOSED_OFFSET, how);
    }
}
