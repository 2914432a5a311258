package io.sluice.ipc;

import static org.agrona.AsciiEncoding.ASCII_DIGITS;
import static org.agrona.AsciiEncoding.ZERO;

import java.lang.foreign.MemorySegment;

/// Decimal numbers written into memory: the algorithm of Agrona's `AbstractMutableDirectBuffer`, four and eight digits
/// at a time, on a segment. The caller has checked that the digits fit.
final class AsciiNumberWriter {
    private AsciiNumberWriter() {}

    static void putPositiveInt(MemorySegment memory, int index, int value, int digitCount) {
        int i = index + digitCount;
        int quotient = value;
        while (quotient >= 10_000) {
            i -= 4;
            putFour(memory, i, quotient % 10_000);
            quotient /= 10_000;
        }
        if (quotient >= 100) {
            i -= 2;
            putTwo(memory, i, quotient % 100);
            quotient /= 100;
        }
        if (quotient >= 10) {
            putTwo(memory, index, quotient);
        } else {
            Bytes.put(memory, index, (byte) (ZERO + quotient));
        }
    }

    static void putPositiveLong(MemorySegment memory, int index, long value, int digitCount) {
        long quotient = value;
        int remaining = digitCount;
        while (quotient >= 100_000_000) {
            int eight = (int) (quotient % 100_000_000);
            quotient /= 100_000_000;
            remaining -= 8;
            putFour(memory, index + remaining, eight / 10_000);
            putFour(memory, index + remaining + 4, eight % 10_000);
        }
        putPositiveInt(memory, index, (int) quotient, remaining);
    }

    /// Writes a number padded with zeros to `length` digits.
    static void putPadded(MemorySegment memory, int index, int length, int value) {
        int remainder = value;
        for (int i = index + length - 1; i >= index; i--) {
            Bytes.put(memory, i, (byte) (ZERO + remainder % 10));
            remainder /= 10;
        }
        if (remainder != 0) {
            throw new NumberFormatException("Cannot write " + value + " in " + length + " bytes");
        }
    }

    /// Writes a number so that it ends before `endExclusive`; zero is no digit at all, as in Agrona.
    ///
    /// @return where the number begins
    static int putFromEnd(MemorySegment memory, int value, int endExclusive) {
        int remainder = value;
        int i = endExclusive;
        while (remainder > 0) {
            i--;
            Bytes.put(memory, i, (byte) (ZERO + remainder % 10));
            remainder /= 10;
        }
        return i;
    }

    private static void putFour(MemorySegment memory, int index, int value) {
        putTwo(memory, index, value / 100);
        putTwo(memory, index + 2, value % 100);
    }

    private static void putTwo(MemorySegment memory, int index, int value) {
        Bytes.put(memory, index, ASCII_DIGITS[value << 1]);
        Bytes.put(memory, index + 1, ASCII_DIGITS[(value << 1) + 1]);
    }
}
