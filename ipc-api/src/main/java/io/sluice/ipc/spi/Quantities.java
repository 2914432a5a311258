package io.sluice.ipc.spi;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Human sizes and durations: `64k`, `10ms`, `forever`; parsed and printed the same way everywhere.
public final class Quantities {
    /// A span so long that no deadline is meant; 292 years in nanoseconds.
    public static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,18})([a-z]*)");

    private Quantities() {}

    /// Parses bytes: a number, or one with `k`, `m` or `g` for powers of 1,024.
    ///
    /// @param text the size
    /// @return bytes
    /// @throws IllegalArgumentException if it is malformed or beyond a `long`
    public static long parseSize(String text) {
        Matcher parts = match(text);
        long unit =
                switch (parts.group(2)) {
                    case "" -> 1L;
                    case "k" -> 1L << 10;
                    case "m" -> 1L << 20;
                    case "g" -> 1L << 30;
                    default -> throw new IllegalArgumentException("unknown unit of size: " + text);
                };
        return multiply(Long.parseLong(parts.group(1)), unit, text);
    }

    /// Parses a span of time: a number with `ns`, `us`, `ms`, `s`, `m` or `h`, or `forever`.
    ///
    /// @param text the span
    /// @return the span
    /// @throws IllegalArgumentException if it is malformed
    public static Duration parseDuration(String text) {
        if (text.equals("forever")) {
            return FOREVER;
        }
        Matcher parts = match(text);
        long nanos =
                switch (parts.group(2)) {
                    case "ns" -> 1L;
                    case "us" -> 1_000L;
                    case "ms" -> 1_000_000L;
                    case "s" -> 1_000_000_000L;
                    case "m" -> 60_000_000_000L;
                    case "h" -> 3_600_000_000_000L;
                    default -> throw new IllegalArgumentException("unknown unit of time: " + text);
                };
        return Duration.ofNanos(multiply(Long.parseLong(parts.group(1)), nanos, text));
    }

    private static long multiply(long number, long unit, String text) {
        try {
            return Math.multiplyExact(number, unit);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("too large: " + text, e);
        }
    }

    private static Matcher match(String text) {
        Matcher parts = NUMBER_AND_UNIT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not a number with a unit: " + text);
        }
        return parts;
    }

    /// Prints bytes in the largest unit that loses nothing.
    ///
    /// @param bytes the size
    /// @return for example `64k`
    public static String size(long bytes) {
        String units = "kmg";
        String text = Long.toString(bytes);
        for (int i = 0; i < units.length() && bytes != 0 && bytes % 1024 == 0; i++) {
            bytes /= 1024;
            text = Long.toString(bytes) + units.charAt(i);
        }
        return text;
    }

    /// Prints a span in the largest unit that loses nothing.
    ///
    /// @param span the span
    /// @return for example `5s`
    public static String duration(Duration span) {
        if (span.equals(FOREVER)) {
            return "forever";
        }
        long nanos = span.toNanos();
        if (nanos == 0) {
            return "0s";
        }
        long[] factors = {1_000, 1_000, 1_000, 60, 60};
        String[] units = {"ns", "us", "ms", "s", "m", "h"};
        int unit = 0;
        while (unit < factors.length && nanos % factors[unit] == 0) {
            nanos /= factors[unit++];
        }
        return nanos + units[unit];
    }
}
