package io.sluice.ipc.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PatienceTest {
    private final Patience patience = new Patience();

    @Test
    void longWaitsMakeItSleepSoonerAndSooner() {
        for (int i = 0; i < 100; i++) {
            patience.waited(1_000_000);
        }
        assertEquals(Patience.MIN_NANOS, patience.nanos());
    }

    @Test
    void aWaitThatWasShortThoughItSleptMakesItLookLongerAgain() {
        longWaitsMakeItSleepSoonerAndSooner();
        for (int i = 0; i < 100; i++) {
            patience.waited(Patience.MAX_NANOS / 2);
        }
        assertEquals(Patience.MAX_NANOS, patience.nanos());
    }
}
