package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
    @Test
    void noNumberIsNewTwiceAndThoseOfTheWindowAreNewOnce() {
        long seed = TestPlace.seed("noNumberIsNewTwiceAndThoseOfTheWindowAreNewOnce");
        Random random = new Random(seed);
        Arrivals arrivals = new Arrivals(0);
        Set<Long> taken = new HashSet<>();
        long highest = 0;
        for (int i = 0; i < 200_000; i++) {
            long number = Math.max(1, highest + random.nextInt(random.nextInt(100) == 0 ? 5_000 : 40)
                    - random.nextInt(random.nextInt(20) == 0 ? 3_000 : 30));
            boolean expected = number > highest || highest - number < Arrivals.WIDTH && !taken.contains(number);
            assertEquals(expected, arrivals.isNew(number), "whether " + number + " is new behind " + highest);
            if (expected && random.nextInt(5) > 0) {
                arrivals.take(number);
                taken.add(number);
            } else if (expected) {
                arrivals.sent(number);
            }
            highest = expected ? Math.max(highest, number) : highest;
            assertEquals(highest - taken.size(), arrivals.lost());
        }
    }

    @Test
    void whatWasSentBeforeDoesNotCount() {
        Arrivals arrivals = new Arrivals(100);
        assertEquals(0, arrivals.lost());
        assertFalse(arrivals.isNew(100), "one of before");
        assertTrue(arrivals.isNew(101));
        arrivals.take(101);
        arrivals.sent(105);
        assertEquals(4, arrivals.lost());
    }

    @Test
    void numbersThatMakeNoSenseDoNoHarm() {
        Arrivals arrivals = new Arrivals(0);
        assertFalse(arrivals.isNew(0));
        assertFalse(arrivals.isNew(-5));
        assertFalse(arrivals.isNew(Long.MIN_VALUE));
        arrivals.sent(Long.MAX_VALUE);
        assertFalse(arrivals.isNew(1), "far behind");
        assertTrue(arrivals.isNew(Long.MAX_VALUE - 1));
        arrivals.sent(-1);
        assertEquals(Long.MAX_VALUE, arrivals.lost());
    }
}
