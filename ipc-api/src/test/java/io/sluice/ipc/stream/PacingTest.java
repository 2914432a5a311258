package io.sluice.ipc.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// When messages are written, by a clock that is the test's.
class PacingTest {
    private static final int FRAME = 36;

    private final MemoryStream stream = new MemoryStream();
    private final Pacing pacing = new Pacing(stream, 0);
    private long now;
    private int waiting;

    /// Offers messages, each so long after the one before, and writes when it is worth it.
    ///
    /// @return how many writes that were
    private int offer(int messages, long pause) {
        int writes = 0;
        for (int i = 0; i < messages; i++) {
            now += pause;
            boolean begins = waiting == 0;
            waiting += FRAME;
            if (pacing.isWorthAWrite(now, waiting, begins)) {
                writes++;
                waiting = 0;
                pacing.written(now);
            }
        }
        return writes;
    }

    @Test
    void messagesWithPausesAreWrittenOneByOneThoughThePeerIsBehind() {
        stream.unread = 1;
        assertEquals(1_000, offer(1_000, Pacing.BURST_NANOS));
    }

    @Test
    void messagesThatFollowOneAnotherWaitForEnoughWhileThePeerIsBehind() {
        stream.unread = 1;
        assertEquals(1, offer(1, Pacing.BURST_NANOS));
        assertEquals(10, offer(10 * (Pacing.ENOUGH / FRAME + 1), Pacing.PAUSE_NANOS));
    }

    @Test
    void messagesThatFollowOneAnotherGoOneByOneToAPeerThatKeepsUp() {
        assertEquals(1_000, offer(1_000, Pacing.PAUSE_NANOS));
    }

    @Test
    void aFloodIsGatheredThoughThePeerKeepsUp() {
        int alone = offer(Pacing.FLOOD, Pacing.PAUSE_NANOS / 2);
        assertTrue(alone >= Pacing.FLOOD - 1, () -> "the first go one by one, in " + alone + " writes");
        long began = now;
        int writes = offer(10_000, 100);
        assertEquals((now - began) / Pacing.FLOOD_NANOS, writes, 1,
                "each as long after the one before as a flood may last");
        offer(1, Pacing.BURST_NANOS);
        assertEquals(0, waiting, "a message after a pause takes those that wait along");
        assertEquals(1, offer(1, Pacing.PAUSE_NANOS), "and a pause ends the flood");
    }

    @Test
    void messagesThatFollowOneAnotherAreGatheredForAMomentIfNobodyCanTellWhetherThePeerKeepsUp() {
        stream.unread = ByteStream.UNKNOWN;
        assertEquals(1, offer(1, Pacing.BURST_NANOS), "one that comes alone goes at once");
        long began = now;
        int writes = offer(1_000, Pacing.BURST_NANOS / 2);
        assertEquals((now - began) / Pacing.FLOOD_NANOS, writes, 1,
                "each as long after the one before as a flood may last");
    }

    @Test
    void nothingIsTriedAgainBeforeThereIsMoreIfThereIsNoRoom() {
        stream.unread = 1;
        offer(1, Pacing.BURST_NANOS);
        pacing.full(100);
        assertFalse(pacing.isWorthAWrite(now + 1, Pacing.ENOUGH, false));
        assertTrue(pacing.isWorthAWrite(now + 2, 100 + Pacing.ENOUGH, false));
        pacing.empty();
        assertTrue(pacing.isWorthAWrite(now + 3, Pacing.ENOUGH, false));
    }
}
