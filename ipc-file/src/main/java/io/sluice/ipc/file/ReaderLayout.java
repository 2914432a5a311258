package io.sluice.ipc.file;

import java.util.zip.CRC32C;
import org.agrona.concurrent.AtomicBuffer;

/// The position of a named reader: a file `NAME.reader` of 64 bytes. Byte 0 is locked by whoever reads with the name.
///
/// ```
///   byte
///      0  +------------------------------------+
///         | number of the store          int64 |  1, 3, 5...
///      8  | position                     int64 |
///     16  | CRC32C of the 16 bytes above int32 |
///     32  +------------------------------------+
///         | the same, for stores 2, 4, 6...    |
///     64  +------------------------------------+
/// ```
///
/// A store overwrites the older half, so that one that a crash has torn leaves the one before. Of the halves whose
/// checksum holds, the one with the higher number counts; if neither holds, nothing was stored.
final class ReaderLayout {
    static final int LENGTH = 64;
    private static final int HALF = 32;
    private static final int POSITION_OFFSET = 8;
    private static final int CHECK_OFFSET = 16;

    private ReaderLayout() {}

    /// The position that was stored last; -1 if none was.
    static long position(AtomicBuffer buffer) {
        long number = number(buffer);
        return number == 0 ? -1 : buffer.getLong(half(number) + POSITION_OFFSET);
    }

    /// Stores a position.
    ///
    /// @return where the half begins that has changed
    static int store(AtomicBuffer buffer, long position) {
        long number = number(buffer) + 1;
        int half = half(number);
        buffer.putLong(half, number);
        buffer.putLong(half + POSITION_OFFSET, position);
        buffer.putIntRelease(half + CHECK_OFFSET, check(buffer, half));
        return half;
    }

    private static int half(long number) {
        return number % 2 == 1 ? 0 : HALF;
    }

    private static long number(AtomicBuffer buffer) {
        long first = number(buffer, 0);
        long second = number(buffer, HALF);
        return Math.max(first, second);
    }

    private static long number(AtomicBuffer buffer, int half) {
        long number = buffer.getLong(half);
        return number > 0 && half(number) == half && buffer.getIntAcquire(half + CHECK_OFFSET) == check(buffer, half)
                ? number
                : 0;
    }

    private static int check(AtomicBuffer buffer, int half) {
        byte[] bytes = new byte[CHECK_OFFSET];
        buffer.getBytes(half, bytes);
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
