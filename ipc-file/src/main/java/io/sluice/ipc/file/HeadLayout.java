package io.sluice.ipc.file;

import org.agrona.concurrent.AtomicBuffer;

/// The head of a journal, the file `journal.head` of 4,096 bytes: what never changes, and the words that all processes
/// share.
///
/// ```
///   byte
///      0  +--------------------------------+
///         | magic                    int64 |  "SLUICJNL"
///      8  | version                  int32 |
///     12  | length of a segment      int32 |  a power of two from 64 KiB to 1 GiB
///     16  | created                  int64 |  milliseconds since 1970
///     24  | CRC32C of bytes 0 to 23  int32 |
///    128  +--------------------------------+
///         | appenders                int64 |  the number that was last given to an appending process
///    136  | boot                     int64 |  of which start of the machine the newest segment was last looked through
///    144  | streamed                 int64 |  1 if the segments are read and written by calls, 0 if they are mapped
///    152  | flushed                  int64 |  1 if records were ever flushed while others were appended
///    256  +--------------------------------+
///         | newest                   int64 |  1 + the number of the newest segment; never falls
///    384  +--------------------------------+
///         | sleepers                 int32 |  1 if a tailer sleeps on this word, else 0
///    512  +--------------------------------+
///         | last time                int64 |  no record is later; never falls
///    640  +--------------------------------+
///         | flushes begun            int64 |
///    648  | flushes done             int64 |  the highest number of a flush that has ended
///   4096  +--------------------------------+
/// ```
final class HeadLayout {
    static final int VERSION = 1;
    static final int LENGTH = 4096;
    static final int FIXED_LENGTH = 32;

    static final int APPENDERS_OFFSET = 128;
    static final int BOOT_OFFSET = 136;
    static final int STREAMED_OFFSET = 144;
    static final int FLUSHED_OFFSET = 152;
    static final int NEWEST_OFFSET = 256;
    static final int SLEEPERS_OFFSET = 384;
    static final int LAST_TIME_OFFSET = 512;
    static final int FLUSHES_BEGUN_OFFSET = 640;
    static final int FLUSHES_DONE_OFFSET = 648;

    private static final long MAGIC = 0x4C4E_4A43_4955_4C53L;
    private static final int MAGIC_OFFSET = 0;
    private static final int VERSION_OFFSET = 8;
    private static final int SEGMENT_OFFSET = 12;
    private static final int CREATED_OFFSET = 16;
    private static final int CHECK_OFFSET = 24;

    private HeadLayout() {}

    static void initialise(AtomicBuffer buffer, int segmentLength, long created) {
        buffer.putLong(MAGIC_OFFSET, MAGIC);
        buffer.putInt(VERSION_OFFSET, VERSION);
        buffer.putInt(SEGMENT_OFFSET, segmentLength);
        buffer.putLong(CREATED_OFFSET, created);
        buffer.putInt(CHECK_OFFSET, SegmentLayout.check(buffer, CHECK_OFFSET));
        buffer.putLong(BOOT_OFFSET, Boot.id()); // there is nothing to look through
    }

    /// What is wrong with the head; null if nothing is.
    static String fault(AtomicBuffer buffer) {
        if (buffer.getLong(MAGIC_OFFSET) != MAGIC) {
            return "it is no head of a journal";
        }
        if (buffer.getInt(VERSION_OFFSET) != VERSION) {
            return "the journal has version " + buffer.getInt(VERSION_OFFSET) + ", and this Sluice knows " + VERSION
                    + "; use the Sluice that wrote it";
        }
        int length = buffer.getInt(SEGMENT_OFFSET);
        boolean sound = buffer.getInt(CHECK_OFFSET) == SegmentLayout.check(buffer, CHECK_OFFSET)
                && Integer.bitCount(length) == 1
                && length >= SegmentLayout.MIN_LENGTH
                && length <= SegmentLayout.MAX_LENGTH;
        return sound ? null : "its checksum does not hold";
    }

    static int segmentLength(AtomicBuffer buffer) {
        return buffer.getInt(SEGMENT_OFFSET);
    }

    static long created(AtomicBuffer buffer) {
        return buffer.getLong(CREATED_OFFSET);
    }
}
