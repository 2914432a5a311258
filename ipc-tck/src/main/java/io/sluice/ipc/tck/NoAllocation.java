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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Line 11: warm `offer`, `poll` and claim allocate nothing.
interface NoAllocation extends Line {
    int BATCH = 2_000;
    /// How long the first batches may take, and at least how many they may be.
    long PATIENCE_NANOS = 5_000_000_000L;
    int FIRST_BATCHES = 15;

    /// Repeats a round until this thread allocates nothing in a whole batch of them. The first batches do not count: when the
    /// compiler comes to a method, and so keeps its temporary objects off the heap, depends on what else the machine does.
    ///
    /// @return how many rounds there were
    private static long repeatUntilNothingIsAllocated(Runnable round) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long begin = System.nanoTime();
        long rounds = 0;
        while (true) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < BATCH; i++) {
                round.run();
            }
            rounds += BATCH;
            double perRound = (double) (threads.getCurrentThreadAllocatedBytes() - before) / BATCH;
            if (perRound < 1) {
                return rounds;
            }
            if (System.nanoTime() - begin > PATIENCE_NANOS && rounds >= FIRST_BATCHES * BATCH) {
                throw new AssertionError("a round trip allocates " + perRound + " bytes, after " + rounds + " of them");
            }
        }
    }

    private static void pollOne(Channel channel, MessageHandler handler) {
        while (channel.poll(handler, 1) == 0) {
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 10_000})
    default void offersAndPollsAllocateNothing(int length, TestBed bed) throws Exception {
        bed.assumePromised(Capability.ALLOCATION_FREE, Capability.RELIABLE, Capability.BIDIRECTIONAL);
        assumeTrue(bed.capabilities().maxMessage() >= length, "it takes such messages");
        if (length > 100) {
            bed.assumeNotPromised(Capability.DURABLE); // a journal needs a new file every few thousand of them
        }
        try (Pair pair = bed.open()) {
            Channel client = pair.client();
            Channel server = pair.server();
            SegmentBuffer message = new SegmentBuffer(new byte[length]);
            MessageHandler echo = server::offer;
            long[] sum = new long[1];
            MessageHandler add = (buffer, offset, received) -> sum[0] += buffer.getLong(offset) + received;
            long rounds = repeatUntilNothingIsAllocated(() -> {
                client.offer(message, 0, length);
                pollOne(server, echo);
                pollOne(client, add);
            });
            assertTrue(sum[0] == length * rounds, "all messages came back");
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
            long rounds = repeatUntilNothingIsAllocated(() -> {
                client.tryClaim(16).abort();
                Claim claim = client.tryClaim(16);
                claim.buffer().putLong(claim.offset(), 3);
                claim.commit();
                pollOne(server, add);
            });
            assertTrue(sum[0] == 3 * rounds, "all messages arrived");
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
            repeatUntilNothingIsAllocated(() -> {
                client.offer(message, 0, 100);
                client.poll(none, 10);
            });
        }
    }
}
