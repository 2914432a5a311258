package io.sluice.ipc.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "64k, 65536", "1m, 1048576", "3g, 3221225472", "1023, 1023", "08k, 8192"})
    void sizesAreNumbersWithAPowerOf1024(String text, long bytes) {
        assertEquals(bytes, Quantities.parseSize(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "-1", "1.5m", "1 k", "64K", "64kb", "1t", "9999999999999999999", "9999999999999g",
        "0x10"})
    void otherSizesAreRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Quantities.parseSize(text));
    }

    @ParameterizedTest
    @CsvSource({"0s, 0", "5ns, 5", "10us, 10000", "10ms, 10000000", "2s, 2000000000", "1m, 60000000000",
        "1h, 3600000000000"})
    void durationsAreNumbersWithAUnit(String text, long nanos) {
        assertEquals(Duration.ofNanos(nanos), Quantities.parseDuration(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "-1s", "1.5s", "5 s", "1d", "5S", "Forever", "999999999999999999h"})
    void otherDurationsAreRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Quantities.parseDuration(text));
    }

    @Test
    void foreverIsPrintedAndParsed() {
        assertEquals(Quantities.FOREVER, Quantities.parseDuration("forever"));
        assertEquals("forever", Quantities.duration(Quantities.FOREVER));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "1024, 1k", "1536, 1536", "65536, 64k", "1048576, 1m", "1099511627776, 1024g"})
    void sizesPrintInTheLargestUnitThatLosesNothing(long bytes, String text) {
        assertEquals(text, Quantities.size(bytes));
    }

    @ParameterizedTest
    @CsvSource({"PT0S, 0s", "PT5S, 5s", "PT90S, 90s", "PT120S, 2m", "PT24H, 24h", "PT0.01S, 10ms",
        "PT0.000001001S, 1001ns"})
    void durationsPrintInTheLargestUnitThatLosesNothing(Duration span, String text) {
        assertEquals(text, Quantities.duration(span));
    }

    @Test
    void whatIsPrintedParsesToTheSame() {
        long seed = Long.getLong("ipc.seed", ThreadLocalRandom.current().nextLong());
        System.out.println("QuantitiesTest: repeat with -Dipc.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            long number = random.nextLong() >>> 5 + random.nextInt(58);
            long bytes = number << Math.min(10 * random.nextInt(4), Long.numberOfLeadingZeros(number | 1) - 1);
            bytes = Math.min(bytes, 999_999_999_999_999_999L);
            assertEquals(bytes, Quantities.parseSize(Quantities.size(bytes)));
            Duration span = Duration.ofNanos(number % 999_999_999_999_999_999L);
            assertEquals(span, Quantities.parseDuration(Quantities.duration(span)));
        }
    }
}
