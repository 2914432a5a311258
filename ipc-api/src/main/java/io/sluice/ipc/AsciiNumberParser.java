package io.sluice.ipc;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.agrona.AsciiEncoding.INTEGER_ABSOLUTE_MIN_VALUE;
import static org.agrona.AsciiEncoding.INT_MAX_DIGITS;
import static org.agrona.AsciiEncoding.LONG_MAX_DIGITS;
import static org.agrona.AsciiEncoding.LONG_MAX_VALUE_DIGITS;
import static org.agrona.AsciiEncoding.LONG_MIN_VALUE_DIGITS;
import static org.agrona.AsciiEncoding.MINUS_SIGN;
import static org.agrona.AsciiEncoding.isDigit;
import static org.agrona.AsciiEncoding.isEightDigitAsciiEncodedNumber;
import static org.agrona.AsciiEncoding.isFourDigitsAsciiEncodedNumber;
import static org.agrona.AsciiEncoding.parseEightDigitsLittleEndian;
import static org.agrona.AsciiEncoding.parseFourDigitsLittleEndian;

import java.lang.foreign.MemorySegment;
import org.agrona.AsciiNumberFormatException;

/// Decimal numbers read from memory: the algorithm of Agrona's `AbstractMutableDirectBuffer`, eight and four digits at
/// a time, on a segment. The caller has checked that `length` bytes from `index` are within it.
final class AsciiNumberParser {
    private AsciiNumberParser() {}

    static int parseNaturalInt(MemorySegment memory, int index, int length) {
        refuseEmpty(index, length);
        int end = index + length;
        if (length < INT_MAX_DIGITS) {
            return shortInt(memory, index, length, index, end);
        }
        long value = longInt(memory, index, length, index, end);
        if (value >= INTEGER_ABSOLUTE_MIN_VALUE) {
            throw overflow("int", memory, index, length);
        }
        return (int) value;
    }

    static long parseNaturalLong(MemorySegment memory, int index, int length) {
        refuseEmpty(index, length);
        int end = index + length;
        return length < LONG_MAX_DIGITS
                ? shortLong(memory, index, length, index, end)
                : longLong(memory, index, length, LONG_MAX_VALUE_DIGITS, index, end);
    }

    static int parseInt(MemorySegment memory, int index, int length) {
        refuseEmpty(index, length);
        boolean negative = Bytes.get(memory, index) == MINUS_SIGN;
        if (negative && length == 1) {
            throw malformed("int", memory, index, length);
        }
        int start = negative ? index + 1 : index;
        int end = index + length;
        if (end - start < INT_MAX_DIGITS) {
            int value = shortInt(memory, index, length, start, end);
            return negative ? -value : value;
        }
        long value = longInt(memory, index, length, start, end);
        if (value > INTEGER_ABSOLUTE_MIN_VALUE || value == INTEGER_ABSOLUTE_MIN_VALUE && !negative) {
            throw overflow("int", memory, index, length);
        }
        return (int) (negative ? -value : value);
    }

    static long parseLong(MemorySegment memory, int index, int length) {
        refuseEmpty(index, length);
        boolean negative = Bytes.get(memory, index) == MINUS_SIGN;
        if (negative && length == 1) {
            throw malformed("long", memory, index, length);
        }
        int start = negative ? index + 1 : index;
        int end = index + length;
        if (end - start < LONG_MAX_DIGITS) {
            long value = shortLong(memory, index, length, start, end);
            return negative ? -value : value;
        }
        return negative
                ? -longLong(memory, index, length, LONG_MIN_VALUE_DIGITS, start, end)
                : longLong(memory, index, length, LONG_MAX_VALUE_DIGITS, start, end);
    }

    /// Up to nine digits, which cannot overflow.
    private static int shortInt(MemorySegment memory, int index, int length, int start, int end) {
        int i = start;
        int value = 0;
        int four;
        while (end - i >= 4 && isFourDigitsAsciiEncodedNumber(four = Ints.get(memory, i, LITTLE_ENDIAN))) {
            value = value * 10_000 + parseFourDigitsLittleEndian(four);
            i += 4;
        }
        byte digit;
        while (i < end && isDigit(digit = Bytes.get(memory, i))) {
            value = value * 10 + (digit - '0');
            i++;
        }
        if (i != end) {
            throw malformed("int", memory, index, length);
        }
        return value;
    }

    /// Ten digits, which fit a `long`.
    private static long longInt(MemorySegment memory, int index, int length, int start, int end) {
        if (end - start > INT_MAX_DIGITS) {
            throw overflow("int", memory, index, length);
        }
        int i = start;
        long value = 0;
        long eight = Longs.get(memory, i, LITTLE_ENDIAN);
        if (isEightDigitAsciiEncodedNumber(eight)) {
            value = parseEightDigitsLittleEndian(eight);
            i += 8;
            byte digit;
            while (i < end && isDigit(digit = Bytes.get(memory, i))) {
                value = value * 10L + (digit - '0');
                i++;
            }
        }
        if (i != end) {
            throw malformed("int", memory, index, length);
        }
        return value;
    }

    /// Up to eighteen digits, which cannot overflow.
    private static long shortLong(MemorySegment memory, int index, int length, int start, int end) {
        int i = start;
        long value = 0;
        long eight;
        while (end - i >= 8 && isEightDigitAsciiEncodedNumber(eight = Longs.get(memory, i, LITTLE_ENDIAN))) {
            value = value * 100_000_000L + parseEightDigitsLittleEndian(eight);
            i += 8;
        }
        int four;
        while (end - i >= 4 && isFourDigitsAsciiEncodedNumber(four = Ints.get(memory, i, LITTLE_ENDIAN))) {
            value = value * 10_000L + parseFourDigitsLittleEndian(four);
            i += 4;
        }
        byte digit;
        while (i < end && isDigit(digit = Bytes.get(memory, i))) {
            value = value * 10 + (digit - '0');
            i++;
        }
        if (i != end) {
            throw malformed("long", memory, index, length);
        }
        return value;
    }

    /// Nineteen digits, compared with those of the greatest value in groups of eight, eight and three.
    private static long longLong(MemorySegment memory, int index, int length, int[] greatest, int start, int end) {
        if (end - start > LONG_MAX_DIGITS) {
            throw overflow("long", memory, index, length);
        }
        int i = start;
        int group = 0;
        boolean equalSoFar = true;
        long value = 0;
        long eight;
        while (end - i >= 8 && isEightDigitAsciiEncodedNumber(eight = Longs.get(memory, i, LITTLE_ENDIAN))) {
            int digits = parseEightDigitsLittleEndian(eight);
            if (equalSoFar) {
                if (digits > greatest[group]) {
                    throw overflow("long", memory, index, length);
                }
                equalSoFar = digits == greatest[group];
                group++;
            }
            value = value * 100_000_000L + digits;
            i += 8;
        }
        int last = 0;
        byte digit;
        while (i < end && isDigit(digit = Bytes.get(memory, i))) {
            last = last * 10 + (digit - '0');
            i++;
        }
        if (i != end) {
            throw malformed("long", memory, index, length);
        }
        if (equalSoFar && last > greatest[group]) {
            throw overflow("long", memory, index, length);
        }
        return value * 1000L + last;
    }

    private static void refuseEmpty(int index, int length) {
        if (length <= 0) {
            throw new AsciiNumberFormatException("empty string: index=" + index + " length=" + length);
        }
    }

    private static AsciiNumberFormatException malformed(String type, MemorySegment memory, int index, int length) {
        return new AsciiNumberFormatException(
                "error parsing " + type + ": " + AsciiText.get(memory, index, length));
    }

    private static AsciiNumberFormatException overflow(String type, MemorySegment memory, int index, int length) {
        return new AsciiNumberFormatException(type + " overflow parsing: " + AsciiText.get(memory, index, length));
    }
}
