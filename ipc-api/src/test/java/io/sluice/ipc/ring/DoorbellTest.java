package io.sluice.ipc.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The bits that clients set and the one thread that sleeps on them.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DoorbellTest {
    private final AtomicInteger freed = new AtomicInteger();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(Doorbell.LENGTH, Long.BYTES);
    private final Doorbell doorbell = new Doorbell(memory, MemoryWait.NONE, false, () -> {
        freed.incrementAndGet();
        arena.close();
    });

    private BitSet drained() {
        BitSet slots = new BitSet();
        boolean any = doorbell.drain(slots::set);
        assertEquals(any, !slots.isEmpty());
        return slots;
    }

    private void take(int count) {
        for (int i = 0; i < count; i++) {
            assertEquals(i, doorbell.take());
        }
    }

    @Test
    void everySlotIsTakenOnceAndTheLowestFreeOneComesNext() {
        take(Doorbell.SLOTS);
        assertEquals(-1, doorbell.take());
        doorbell.free(777);
        doorbell.free(12);
        assertEquals(12, doorbell.take());
        assertEquals(777, doorbell.take());
        assertEquals(-1, doorbell.take());
    }

    @Test
    void whatIsRungIsDrainedOnce() {
        take(200);
        for (int slot : new int[] {0, 63, 64, 127, 199}) {
            assertFalse(doorbell.isRung());
            doorbell.ring(slot);
            doorbell.ring(slot);
            assertTrue(doorbell.isRung());
            BitSet expected = new BitSet();
            expected.set(slot);
            assertEquals(expected, drained());
            assertTrue(drained().isEmpty());
        }
    }

    @Test
    void theLastSlotOfAllIsHeard() {
        take(Doorbell.SLOTS);
        doorbell.ring(Doorbell.SLOTS - 1);
        assertEquals(Doorbell.SLOTS - 1, drained().nextSetBit(0));
    }

    @Test
    void aLateRingOfAFreedSlotDoesNoHarm() {
        take(3);
        doorbell.free(2);
        doorbell.ring(2);
        assertEquals(2, drained().nextSetBit(0));
        assertEquals(2, doorbell.take());
        assertFalse(doorbell.isRung());
    }

    @Test
    void wakingAfterTheCloseDoesNothingAndTheMemoryIsFreedOnce() {
        doorbell.close();
        doorbell.close();
        assertEquals(1, freed.get());
        doorbell.wakeUp();
    }

    @Test
    void nonsenseInTheMemoryWakesTheServerForNothing() {
        take(64);
        memory.fill((byte) -1);
        assertEquals(64, drained().cardinality());
        doorbell.ring(1);
        assertTrue(doorbell.isRung());
    }

    /// Each round the server sleeps until the one ring of that round, with nothing else to wake it: a ring that is lost
    /// is a hang.
    @Test
    void noRingIsLostHoweverItMeetsTheServerGoingToSleep() throws Exception {
        take(128);
        int rounds = 100_000;
        AtomicLong heard = new AtomicLong();
        FutureTask<?> server = Eventually.start(() -> {
            while (heard.get() < rounds) {
                if (!doorbell.drain(_ -> heard.incrementAndGet())) {
                    doorbell.await(TimeUnit.HOURS.toNanos(1), () -> false);
                }
            }
            return null;
        });
        for (int i = 0; i < rounds; i++) {
            doorbell.ring(i % 128);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (heard.get() <= i) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("ring " + i + " was lost");
                }
                Thread.onSpinWait();
                if ((i & 7) == 0) {
                    Thread.yield();
                }
            }
        }
        Eventually.get(server);
    }

    @Test
    void aRingWhileAnotherOfTheSameWordIsDrainedIsHeard() throws Exception {
        take(2);
        AtomicIntegerArray heard = new AtomicIntegerArray(2);
        AtomicBoolean stop = new AtomicBoolean();
        FutureTask<?> server = Eventually.start(() -> {
            while (!stop.get()) {
                doorbell.drain(heard::incrementAndGet);
            }
            return null;
        });
        // Both threads spin: where a third has the other core, a round takes as long as the scheduler gives it.
        long enough = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        for (int i = 1; i <= 100_000 && System.nanoTime() < enough; i++) {
            doorbell.ring(0);
            doorbell.ring(1);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            for (int spins = 1; heard.get(0) < i || heard.get(1) < i; spins++) {
                Thread.onSpinWait();
                if (spins % 1_000 == 0) {
                    assertTrue(System.nanoTime() < deadline, "a ring of round " + i + " was lost");
                    Thread.yield();
                }
            }
        }
        stop.set(true);
        Eventually.get(server);
    }

    @Test
    void aWakeUpIsNotLostEither() throws Exception {
        AtomicInteger changes = new AtomicInteger();
        AtomicInteger seen = new AtomicInteger();
        AtomicBoolean stop = new AtomicBoolean();
        FutureTask<?> server = Eventually.start(() -> {
            while (!stop.get()) {
                seen.set(changes.get());
                doorbell.await(
                        TimeUnit.HOURS.toNanos(1), () -> stop.get() || changes.get() != seen.get());
            }
            return null;
        });
        for (int i = 1; i <= 20_000; i++) {
            changes.set(i);
            doorbell.wakeUp();
            int expected = i;
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (seen.get() < expected) {
                assertTrue(System.nanoTime() < deadline, "wake-up " + i + " was lost");
                Thread.yield();
            }
        }
        stop.set(true);
        doorbell.wakeUp();
        Eventually.get(server);
    }
}
