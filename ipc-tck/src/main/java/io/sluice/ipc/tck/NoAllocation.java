package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.SegmentBuffer;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/// Line 11: warm `offer`, `poll` and claim allocate nothing.
interface NoAllocation extends Line {
    int WARM_UP = 50_000;
    int ROUNDS = 100_000;

    /// Bytes that this thread allocates for one round, of which the first ones do not count.
    private static double bytesPerRound(Runnable round) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < WARM_UP; i++) {
            round.run();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < ROUNDS; i++) {
            round.run();
        }
        return (double) (threads.getCurrentThreadAllocatedBytes() - before) / ROUNDS;
    }

    private static void assertNone(double bytesPerRound) {
        assertTrue(bytesPerRound < 1, () -> "a round trip allocates " + bytesPerRound + " bytes");
    }

    private static void pollOne(Channel channel, MessageHandler handler) {
        while (channel.poll(handler, 1) == 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    default void offersAndPollsAllocateNothing(TestBed bed) throws Exception {
        bed.assumePromised(Capability.ALLOCATION_FREE, Capability.RELIABLE, Capability.BIDIRECTIONAL);
        try (Pair pair = bed.open()) {
            Channel client = pair.client();
            Channel server = pair.server();
            SegmentBuffer message = new SegmentBuffer(new byte[100]);
            MessageHandler echo = server::offer;
            long[] sum = new long[1];
            MessageHandler add = (buffer, offset, length) -> sum[0] += buffer.getLong(offset) + length;
            assertNone(bytesPerRound(() -> {
                client.offer(message, 0, 100);
                pollOne(server, echo);
                pollOne(client, add);
            }));
            assertTrue(sum[0] == 100L * (WARM_UP + ROUNDS), "all messages came back");
        }
    }

    @Test
    default void claimsAllocateNothing(TestBed bed) throws Exception {
        bed.assumePromised(Capability.ALLOCATION_FREE, Capability.RELIABLE);
        assumeTrue(bed.capabilities().maxClaim() >= 16, "it can claim");
        try (Pair pair = bed.open()) {
            Channel client = pair.client();
            Channel server = pair.server();
            long[] sum = new long[1];
            MessageHandler add = (buffer, offset, length) -> sum[0] += buffer.getLong(offset);
            assertNone(bytesPerRound(() -> {
                client.tryClaim(16).abort();
                Claim claim = client.tryClaim(16);
                claim.buffer().putLong(claim.offset(), 3);
                claim.commit();
                pollOne(server, add);
            }));
            assertTrue(sum[0] == 3L * (WARM_UP + ROUNDS), "all messages arrived");
        }
    }

    @Test
    default void offersUnderBackPressureAndPollsOfNothingAllocateNothing(TestBed bed) throws Exception {
        bed.assumePromised(Capability.ALLOCATION_FREE, Capability.RELIABLE);
        bed.assumeNotPromised(Capability.DURABLE);
        try (Pair pair = bed.open()) {
            Channel client = pair.client();
            SegmentBuffer message = new SegmentBuffer(new byte[100]);
            MessageHandler none = (buffer, offset, length) -> {};
            TckPeer.fill(client, Traffic.fixed(1, 100), Long.MAX_VALUE);
            assertNone(bytesPerRound(() -> {
                client.offer(message, 0, 100);
                client.poll(none, 10);
            }));
        }
    }
}
