package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 ns",
        "999, 999 ns",
        "1000, 1.00 us",
        "1238, 1.24 us",
        "12380, 12.4 us",
        "123800, 124 us",
        "999600, 1.00 ms",
        "2500000000, 2.50 s",
        "3600000000000, '3,600 s'"
    })
    void timesHaveThreeDigitsAndAUnit(long nanos, String text) {
        assertEquals(text, Figures.time(nanos, false));
    }
}
