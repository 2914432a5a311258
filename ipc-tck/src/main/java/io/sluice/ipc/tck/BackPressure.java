package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.TimedOutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Line 3: memory is bounded; `offer` says false, `send` blocks up to `send-timeout`; nothing is lost or torn.
interface BackPressure extends Line {
    /// A message that no [Traffic] of these tests contains.
    byte[] AFTER = "after the back pressure".getBytes(StandardCharsets.US_ASCII);

    private static void assume(TestBed bed) throws InterruptedException {
        bed.assumePromised(Capability.ORDERED, Capability.RELIABLE, Capability.BOUNDED_MESSAGES);
        bed.assumeNotPromised(Capability.DURABLE); // what is kept for good is bounded by the disk
    }

    /// Offers until there is back pressure; fails if there is none within the transport's bound.
    private static long fill(TestBed bed, Channel channel, Traffic traffic) throws Exception {
        long limit = bed.maxInFlight() / Math.max(1, traffic.minSize()) + 1;
        Task<Long> filling = bed.start(() -> TckPeer.fill(channel, traffic, limit));
        long accepted = filling.get();
        assertTrue(accepted < limit, () -> accepted + " messages of at least " + traffic.minSize()
                + " bytes were accepted though nobody reads; the transport's bound is " + bed.maxInFlight());
        return accepted;
    }

    /// Receives what was accepted and checks that the very next message is [#AFTER].
    private static void drain(TestBed bed, Pair pair, Traffic traffic, long accepted) throws Exception {
        for (long i = 0; i < accepted; i++) {
            traffic.check(i, Receiving.RECEIVE.take(pair.server()));
        }
        Task<Void> after = bed.start(() -> {
            pair.client().send(AFTER);
            return null;
        });
        Traffic.same("the message after all accepted ones", AFTER, Receiving.RECEIVE.take(pair.server()));
        after.get();
        assertEquals(0, pair.server().poll((buffer, offset, length) -> {}, 1), "messages that were refused");
    }

    /// As [#drain], and then nothing but the end follows.
    private static void drainToTheEnd(TestBed bed, Pair pair, Traffic traffic, long accepted) throws Exception {
        drain(bed, pair, traffic, accepted);
        pair.client().close();
        assertNull(pair.server().receive(), "the end");
    }

    @ParameterizedTest
    @EnumSource
    default void anOfferIsRefusedWhenThePeerDoesNotReadAndAllAcceptedOnesArrive(Side side, TestBed bed)
            throws Exception {
        assume(bed);
        bed.assumePromised(Capability.BIDIRECTIONAL);
        try (Pair opened = bed.open()) {
            Pair pair = new Pair(opened.endpoint(), side.of(opened), side.peerOf(opened));
            Traffic traffic = new Traffic(bed.seed(), 500, 1_500);
            long accepted = fill(bed, pair.client(), traffic);
            assertTrue(accepted > 0, "at least one message is accepted");
            assertTrue(pair.client().stats().backPressure() > 0, "the back pressure is counted");
            assertEquals(accepted, pair.client().stats().messagesSent(), "refused offers are not counted as sent");
            drainToTheEnd(bed, pair, traffic, accepted);
        }
    }

    @Test
    default void refusedOffersOccupyNoMemory(TestBed bed) throws Exception {
        assume(bed);
        try (Pair pair = bed.open()) {
            int large = Math.min(1 << 20, pair.client().capabilities().maxMessage());
            Traffic traffic = Traffic.fixed(bed.seed(), large);
            long accepted = fill(bed, pair.client(), traffic);
            byte[] next = traffic.message(accepted);
            int refused = 0;
            long before = usedHeap();
            for (int i = 0; i < 1_000; i++) {
                if (pair.client().offer(next)) {
                    accepted++; // the system has found some more room meanwhile
                    next = traffic.message(accepted);
                } else {
                    refused++;
                }
            }
            long grown = usedHeap() - before;
            assertTrue(refused > 900, "of 1000 offers after back pressure as few were refused as " + refused);
            assertTrue(grown < 100L * large, () -> "1000 refused messages of " + large
                    + " bytes left " + grown + " bytes on the heap");
            drainToTheEnd(bed, pair, traffic, accepted);
        }
    }

    private static long usedHeap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Test
    default void aClaimIsRefusedWhenThePeerDoesNotReadAndGrantedWhenItDoes(TestBed bed) throws Exception {
        assume(bed);
        assumeTrue(bed.capabilities().maxClaim() > 0, "it can claim");
        try (Pair pair = bed.open()) {
            int size = Math.min(64, pair.client().capabilities().maxClaim());
            Traffic traffic = Traffic.fixed(bed.seed(), size);
            long accepted = 0;
            for (Claim claim; (claim = pair.client().tryClaim(size)) != null; accepted++) {
                claim.buffer().putBytes(claim.offset(), traffic.message(accepted));
                claim.commit();
                assertTrue(accepted < bed.maxInFlight() / size, "claims end when nobody reads");
            }
            for (long i = 0; i < accepted; i++) {
                traffic.check(i, Receiving.POLL.take(pair.server()));
            }
            Sending.CLAIM.pass(pair.client(), new byte[] {1});
            Traffic.same("the next", new byte[] {1}, Receiving.POLL.take(pair.server()));
        }
    }

    @Test
    default void aSendTimesOutWhenThePeerDoesNotReadAndLeavesNothing(TestBed bed) throws Exception {
        assume(bed);
        try (Pair pair = bed.open("send-timeout=2s")) {
            Traffic traffic = new Traffic(bed.seed(), 500, 1_500);
            long accepted = fill(bed, pair.client(), traffic);
            byte[] refused = new byte[1_500];
            long start = System.nanoTime();
            assertThrows(TimedOutException.class, () -> pair.client().send(refused));
            Duration waited = Deadline.since(start);
            assertTrue(waited.toMillis() >= 1_900, () -> "it waited no longer than " + waited);
            while (pair.client().offer(traffic.message(accepted))) {
                accepted++; // the system has found some more room meanwhile
            }
            drainToTheEnd(bed, pair, traffic, accepted);
        }
    }

    @Test
    default void aLargeMessageThatTimesOutHalfWayIsNeverSeenInPart(TestBed bed) throws Exception {
        assume(bed);
        try (Pair pair = bed.open("send-timeout=500ms")) {
            int size = Math.min(5_000_000, pair.client().capabilities().maxMessage());
            Traffic traffic = Traffic.fixed(bed.seed(), size);
            for (int round = 0; round < 2; round++) {
                long accepted = sendUntilTimeout(bed, pair.client(), traffic);
                drain(bed, pair, traffic, accepted);
            }
        }
    }

    private static long sendUntilTimeout(TestBed bed, Channel channel, Traffic traffic) throws InterruptedException {
        long accepted = 0;
        try {
            for (; accepted <= bed.maxInFlight() / traffic.minSize() + 1; accepted++) {
                channel.send(traffic.message(accepted));
            }
        } catch (TimedOutException e) {
            return accepted;
        }
        throw new AssertionError(accepted + " messages of " + traffic.minSize() + " bytes were accepted unread");
    }

    @ParameterizedTest
    @EnumSource
    default void aBlockedSendGoesOnWhenThePeerReads(Threads kind, TestBed bed) throws Exception {
        assume(bed);
        try (Pair pair = bed.open()) {
            Traffic traffic = new Traffic(bed.seed(), 500, 1_500);
            long accepted = fill(bed, pair.client(), traffic);
            Task<Void> sender = bed.start(kind, () -> {
                for (long i = accepted; i < accepted + 5_000; i++) {
                    pair.client().send(traffic.message(i));
                }
                return null;
            });
            sender.settle();
            assertFalse(sender.isDone(), "the sender waits");
            for (long i = 0; i < accepted + 5_000; i++) {
                traffic.check(i, Receiving.RECEIVE.take(pair.server()));
            }
            sender.get();
        }
    }

    @Test
    default void backPressureInOneDirectionLeavesTheOtherFree(TestBed bed) throws Exception {
        assume(bed);
        bed.assumePromised(Capability.BIDIRECTIONAL);
        try (Pair pair = bed.open()) {
            Traffic traffic = new Traffic(bed.seed(), 500, 1_500);
            long accepted = fill(bed, pair.client(), traffic);
            for (int i = 0; i < 5_000; i++) {
                pair.server().send(traffic.message(i));
                traffic.check(i, Receiving.RECEIVE.take(pair.client()));
            }
            drainToTheEnd(bed, pair, traffic, accepted);
        }
    }

    @Test
    default void aSecondJvmThatStallsCausesBackPressureAndLosesNothing(TestBed bed) throws Exception {
        assume(bed);
        bed.assumePromised(Capability.CROSS_PROCESS);
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            PeerProcess peer = bed.peer();
            peer.ask("connect", endpoint.address());
            Channel channel = bed.accept(endpoint);
            Traffic traffic = new Traffic(bed.seed(), 1_000, 20_000);
            long accepted = fill(bed, channel, traffic);
            channel.close();
            String drained = peer.ask("drain " + traffic.words());
            assertEquals(accepted + " end", drained, "what the second JVM received");
        }
    }
}
