package io.sluice.ipc.ring;

import static io.sluice.ipc.ring.RingLayout.CONSUMER_POSITION_OFFSET;
import static io.sluice.ipc.ring.RingLayout.HEADER_LENGTH;
import static io.sluice.ipc.ring.RingLayout.PRODUCER_CLOSED_OFFSET;
import static io.sluice.ipc.ring.RingLayout.TYPE_PADDING;

import io.sluice.ipc.SegmentBuffer;
import java.lang.foreign.MemorySegment;

/// The writing end of a ring. For one thread at a time.
///
/// A record is reserved, written, and published by one release store of its header: a producer that dies before it has
/// left nothing, and one that dies after it has left a whole record. Where it writes next is this object's own; the
/// consumer finds out from the headers alone, so a message moves one cache line, not two. How far the consumer has read is
/// looked up only when the room known of is used up.
final class RingProducer {
    private final SegmentBuffer ring;
    private final SegmentBuffer records;
    private final int capacity;
    private final int mask;

    private long position;
    private long consumed;

    RingProducer(MemorySegment ring, int capacity) {
        this.ring = RingLayout.words(ring);
        this.records = RingLayout.records(ring, capacity);
        this.capacity = capacity;
        this.mask = capacity - 1;
    }

    /// Finds room for a record; the consumer sees nothing of it before [#publish], at most padding.
    ///
    /// @return the index of its payload in [#buffer()], or -1 if there is no room
    int reserve(int payloadLength) {
        int record = RingLayout.recordLength(payloadLength);
        int index = (int) position & mask;
        int untilEnd = capacity - index;
        // In both places: the zeroed header behind the record must not meet the first unread one.
        if (record > untilEnd) {
            if (!hasRoom(untilEnd + HEADER_LENGTH)) {
                return -1;
            }
            // At once, though there may be no room for the record yet: so nobody ever waits while half the ring is free,
            // on which the consumer relies when it gives room back without a signal.
            publish(index, TYPE_PADDING, untilEnd - HEADER_LENGTH);
            index = 0;
        }
        return hasRoom(record + HEADER_LENGTH) ? index + HEADER_LENGTH : -1;
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
        publish((int) position & mask, type, payloadLength);
    }

    private void publish(int index, int type, int payloadLength) {
        int record = RingLayout.recordLength(payloadLength);
        records.putLong(index + record & mask, 0);
        // Release: the payload and the zero behind it come first; the consumer's acquire of this header pairs with it.
        records.putLongRelease(index, RingLayout.header(type, payloadLength));
        position += record;
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
