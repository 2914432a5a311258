package io.sluice.ipc.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.concurrent.AtomicBuffer;

/// A segment: a file `NNNNNNNNNNNN.segment` of the journal's segment length, its number in decimal.
///
/// ```
///   byte
///      0  +--------------------------------+
///         | magic                    int64 |  "SLUICSEG"
///      8  | version                  int32 |
///     12  | length of the segment    int32 |
///     16  | number                   int64 |
///     24  | time                     int64 |  no record before this segment is later, and none in it is earlier
///     32  | CRC32C of bytes 0 to 31  int32 |
///     40  | reserved                 int32 |  where the pages end that the file has; what is behind it is not
///         |                                |  touched as long as this is the newest segment; never falls
///     64  +--------------------------------+
///         | index, an int32 for each block |  of 16 KiB: where the first record begins that begins in the block or
///         |                                |  behind it; 0 if it is not known, as for the first, where it is clear
///         +--------------------------------+
///         | records                        |  from the next multiple of 64 to the end, without a gap
///         +--------------------------------+
/// ```
///
/// The position of a record is `number * length of the segment + where it begins`, for ever.
final class SegmentLayout {
    static final int VERSION = 1;
    static final int BLOCK_LENGTH = 1 << 14;
    static final int MIN_LENGTH = 1 << 16;
    static final int MAX_LENGTH = 1 << 30;

    private static final long MAGIC = 0x4745_5343_4955_4C53L;
    private static final int MAGIC_OFFSET = 0;
    private static final int VERSION_OFFSET = 8;
    private static final int LENGTH_OFFSET = 12;
    private static final int NUMBER_OFFSET = 16;
    private static final int TIME_OFFSET = 24;
    private static final int CHECK_OFFSET = 32;
    private static final int RESERVED_OFFSET = 40;
    private static final int INDEX_OFFSET = 64;

    private SegmentLayout() {}

    static int records(int segmentLength) {
        return (INDEX_OFFSET + Integer.BYTES * (segmentLength / BLOCK_LENGTH) + 63) & -64;
    }

    static int block(int offset) {
        return offset / BLOCK_LENGTH;
    }

    static void initialise(AtomicBuffer buffer, int segmentLength, long number, long time) {
        buffer.putLong(MAGIC_OFFSET, MAGIC);
        buffer.putInt(VERSION_OFFSET, VERSION);
        buffer.putInt(LENGTH_OFFSET, segmentLength);
        buffer.putLong(NUMBER_OFFSET, number);
        buffer.putLong(TIME_OFFSET, time);
        buffer.putInt(CHECK_OFFSET, check(buffer, CHECK_OFFSET));
    }

    /// The CRC32C of the first bytes of a buffer.
    static int check(AtomicBuffer buffer, int length) {
        ByteBuffer head = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.getBytes(0, head.array(), 0, length);
        CRC32C crc = new CRC32C();
        crc.update(head);
        return (int) crc.getValue();
    }

    /// What is wrong with a segment's head; null if nothing is.
    static String fault(AtomicBuffer buffer, int segmentLength, long number) {
        if (buffer.getLong(MAGIC_OFFSET) != MAGIC) {
            return "it is no segment of a journal";
        }
        if (buffer.getInt(VERSION_OFFSET) != VERSION) {
            return "it has version " + buffer.getInt(VERSION_OFFSET) + ", and this Sluice reads " + VERSION;
        }
        if (buffer.getInt(CHECK_OFFSET) != check(buffer, CHECK_OFFSET)) {
            return "the checksum of its head does not hold";
        }
        return buffer.getInt(LENGTH_OFFSET) != segmentLength || buffer.getLong(NUMBER_OFFSET) != number
                ? "it is a segment of another journal, or has another one's name"
                : null;
    }

    /// Where the pages end that the file was given. Acquire: pairs with [#raiseReserved].
    static int reserved(AtomicBuffer buffer) {
        return buffer.getIntAcquire(RESERVED_OFFSET);
    }

    /// Says that the file has pages up to there.
    static void raiseReserved(AtomicBuffer buffer, int end) {
        int seen = buffer.getIntVolatile(RESERVED_OFFSET);
        while (seen < end && !buffer.compareAndSetInt(RESERVED_OFFSET, seen, end)) {
            seen = buffer.getIntVolatile(RESERVED_OFFSET);
        }
    }

    static long time(AtomicBuffer buffer) {
        return buffer.getLong(TIME_OFFSET);
    }

    static int indexOffset(int block) {
        return INDEX_OFFSET + Integer.BYTES * block;
    }

    /// Where the first record of a block begins or, if the block has none, the first behind it. Acquire, so that it pairs
    /// with [#index(AtomicBuffer, int, int)]: the record before that place is a claim at least.
    ///
    /// @return 0 if it is not known
    static int index(AtomicBuffer buffer, int block) {
        return buffer.getIntAcquire(indexOffset(block));
    }

    /// Enters a record that ends in another block than it begins in: the next one begins where it ends.
    static void index(AtomicBuffer buffer, int begin, int end) {
        for (int block = block(begin) + 1; block <= block(end) && end < buffer.capacity(); block++) {
            buffer.putIntRelease(indexOffset(block), end);
        }
    }

    static void forget(AtomicBuffer buffer, int block) {
        buffer.putIntRelease(indexOffset(block), 0);
    }
}
