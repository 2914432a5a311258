package io.sluice.ipc.ring;

import io.sluice.ipc.SegmentBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// The layout of a ring: one producer, one consumer, records of any length up to a fraction of its capacity.
///
/// ```
///   byte
///      0  +--------------------------------+
///         | consumer position        int64 |  bytes read so far; written by the consumer
///    128  +--------------------------------+
///         | consumer waiting         int32 |  a WAIT_ word; set by the consumer, cleared by whoever wakes it
///    256  +--------------------------------+
///         | producer waiting         int32 |  a WAIT_ word; set by the producer, cleared by whoever wakes it
///    384  +--------------------------------+
///         | producer closed          int32 |  a CLOSED_ word, once the producer has published its last record
///    512  +--------------------------------+
///         | records, capacity bytes        |
///         +--------------------------------+
///
///   record, at an index that is a multiple of 8
///      0  +----------------+---------------+
///         | length   int32 | type    int32 |  one aligned int64 store; 0 until the record is published
///      8  +----------------+---------------+
///         | payload, length bytes, and padding up to a multiple of 8
///         +--------------------------------+
/// ```
///
/// All numbers are little-endian. Positions count bytes since the ring was made and never wrap; the index of a record is
/// its position modulo the capacity, a power of two. A record does not wrap around the end: a [#TYPE_PADDING] record
/// fills what is left there. Before a record is published, the header behind it is zeroed, so the consumer never takes
/// bytes of an earlier lap for a header, and need not clear what it has read. Each of the four words has two cache lines of
/// its own, because processors fetch lines in pairs.
public final class RingLayout {
    /// Where the records start, in bytes from the ring's first byte.
    public static final int RECORDS_OFFSET = 512;

    /// The least capacity in bytes.
    public static final int MIN_CAPACITY = 4 << 10;

    /// The most capacity in bytes.
    public static final int MAX_CAPACITY = 1 << 30;

    /// What a ring's first byte is aligned to.
    public static final int ALIGNMENT = 128;

    static final int CONSUMER_POSITION_OFFSET = 0;
    static final int CONSUMER_WAITING_OFFSET = 128;
    static final int PRODUCER_WAITING_OFFSET = 256;
    static final int PRODUCER_CLOSED_OFFSET = 384;

    static final int HEADER_LENGTH = 8;
    static final int RECORD_ALIGNMENT = 8;

    /// A whole message.
    static final int TYPE_WHOLE = 1;
    /// The first fragment of a message: its payload starts with the message's length as an int64. It voids an unfinished
    /// message before it.
    static final int TYPE_FIRST = 2;
    /// A fragment that is neither the first nor the last.
    static final int TYPE_MIDDLE = 3;
    /// The last fragment of a message.
    static final int TYPE_LAST = 4;
    /// Nothing: fills the end of the ring.
    static final int TYPE_PADDING = 5;

    /// What stands before the first fragment's bytes: the length of the whole message.
    static final int FRAGMENTED_LENGTH = 8;

    /// In a WAIT_ word: nobody sleeps.
    public static final int WAIT_NONE = 0;
    /// In a WAIT_ word: a thread sleeps in futex(2) on this very word.
    public static final int WAIT_FUTEX = 1;
    /// In a WAIT_ word: a thread sleeps; the process is told through the channel's link.
    public static final int WAIT_LINK = 2;
    /// In a consumer's WAIT_ word: the channel is served; its bit in the endpoint's doorbell is set.
    public static final int WAIT_DOORBELL = 3;

    /// In the producer's closed word: it has closed the channel.
    static final int CLOSED_IN_ORDER = 1;
    /// In the producer's closed word: it has cut the channel off, because the consumer's process broke the protocol.
    static final int CLOSED_FOR_CAUSE = 2;

    static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private RingLayout() {}

    /// The memory that one ring takes.
    ///
    /// @param capacity bytes for records, a power of two
    /// @return bytes in all
    public static long ringLength(int capacity) {
        return (long) RECORDS_OFFSET + capacity;
    }

    /// The largest payload of one record; half the ring, so that a record fits into an empty ring wherever it starts.
    static int maxPayload(int capacity) {
        return capacity / 2 - 2 * HEADER_LENGTH;
    }

    static int recordLength(int payload) {
        return HEADER_LENGTH + payload + (RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT;
    }

    static long header(int type, int length) {
        return (long) type << 32 | length;
    }

    static int headerType(long header) {
        return (int) (header >>> 32);
    }

    static int headerLength(long header) {
        return (int) header;
    }

    /// What stands before a ring's records. A buffer and not the bare segment, because it is faster on mixed memory; see
    /// [SegmentBuffer].
    static SegmentBuffer words(MemorySegment ring) {
        return new SegmentBuffer(ring.asSlice(0, RECORDS_OFFSET));
    }

    static SegmentBuffer records(MemorySegment ring, int capacity) {
        return new SegmentBuffer(ring.asSlice(RECORDS_OFFSET, capacity));
    }
}
