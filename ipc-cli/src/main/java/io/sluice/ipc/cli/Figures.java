package io.sluice.ipc.cli;

import java.util.Locale;

/// Numbers as people read them: three significant digits of time, thousands apart.
final class Figures {
    private Figures() {}

    /// A span of time.
    ///
    /// @param nanos the span in nanoseconds
    /// @param unicode whether a micro sign can be shown
    /// @return for example `1.24 µs`
    static String time(long nanos, boolean unicode) {
        String[] units = {"ns", unicode ? "µs" : "us", "ms", "s"};
        double value = nanos;
        int unit = 0;
        while (value >= 999.5 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return decimal(value, unit == 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0) + " " + units[unit];
    }

    /// A count.
    ///
    /// @return for example `1,234,567`
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /// A number with some decimals.
    static String decimal(double number, int decimals) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", number);
    }
}
