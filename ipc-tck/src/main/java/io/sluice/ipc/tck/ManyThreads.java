package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A channel may be used by many threads: senders take turns among themselves, and so do receivers.
interface ManyThreads extends Line {
    int THREADS = 4;
    int EACH = 20_000;

    private static void assume(TestBed bed) throws InterruptedException {
        bed.assumePromised(Capability.ORDERED, Capability.RELIABLE, Capability.BOUNDED_MESSAGES);
    }

    /// A message that says which thread sent it and how many that thread had sent before, followed by more bytes.
    private static byte[] numbered(int thread, int index, int rest) {
        return ByteBuffer.allocate(2 * Integer.BYTES + rest)
                .putInt(thread)
                .putInt(index)
                .put(Traffic.bytes(thread, index, rest))
                .array();
    }

    @ParameterizedTest
    @EnumSource
    default void theMessagesOfEachSendingThreadKeepTheirOrder(Threads kind, TestBed bed) throws Exception {
        assume(bed);
        try (Pair pair = bed.open()) {
            List<Task<Void>> senders = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int thread = t;
                senders.add(bed.start(kind, () -> {
                    for (int i = 0; i < EACH; i++) {
                        Sending sending = (i + thread) % 3 == 0 ? Sending.OFFER : Sending.SEND;
                        sending.pass(pair.client(), numbered(thread, i, i % 17));
                    }
                    return null;
                }));
            }
            int[] next = new int[THREADS];
            for (int i = 0; i < THREADS * EACH; i++) {
                byte[] message = Receiving.RECEIVE.take(pair.server());
                int thread = ByteBuffer.wrap(message).getInt();
                Traffic.same("message " + next[thread] + " of thread " + thread,
                        numbered(thread, next[thread], next[thread] % 17), message);
                next[thread]++;
            }
            for (Task<Void> sender : senders) {
                sender.get();
            }
        }
    }

    @Test
    default void largeMessagesOfSeveralThreadsAreNotMixed(TestBed bed) throws Exception {
        assume(bed);
        try (Pair pair = bed.open()) {
            int large = Math.min(200_000, pair.client().capabilities().maxMessage()) - 8;
            List<Task<Void>> senders = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int thread = t;
                senders.add(bed.start(() -> {
                    for (int i = 0; i < 50; i++) {
                        Sending.values()[i % 2].pass(pair.client(), numbered(thread, i, large / (i % 3 * 100 + 1)));
                    }
                    return null;
                }));
            }
            int[] next = new int[THREADS];
            for (int i = 0; i < THREADS * 50; i++) {
                byte[] message = Receiving.POLL.take(pair.server());
                int thread = ByteBuffer.wrap(message).getInt();
                int index = next[thread]++;
                Traffic.same("message " + index + " of thread " + thread,
                        numbered(thread, index, large / (index % 3 * 100 + 1)), message);
            }
            for (Task<Void> sender : senders) {
                sender.get();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    default void eachMessageGoesToOneOfTheReceivingThreads(Threads kind, TestBed bed) throws Exception {
        assume(bed);
        try (Pair pair = bed.open()) {
            List<Task<BitSet>> receivers = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                Receiving receiving = Receiving.values()[t % 3];
                receivers.add(bed.start(kind, () -> {
                    BitSet seen = new BitSet();
                    int last = -1;
                    for (byte[] message; (message = receiving.take(pair.server())) != null;) {
                        int index = ByteBuffer.wrap(message).getInt(Integer.BYTES);
                        Traffic.same("message " + index, numbered(0, index, 9), message);
                        assertEquals(true, index > last, "each thread sees messages in their order");
                        last = index;
                        seen.set(index);
                    }
                    return seen;
                }));
            }
            for (int i = 0; i < THREADS * EACH; i++) {
                pair.client().send(numbered(0, i, 9));
            }
            pair.client().close();
            BitSet all = new BitSet();
            int sum = 0;
            for (Task<BitSet> receiver : receivers) {
                BitSet seen = receiver.get();
                sum += seen.cardinality();
                all.or(seen);
            }
            assertEquals(THREADS * EACH, all.cardinality(), "messages that arrived");
            assertEquals(THREADS * EACH, sum, "messages that arrived, each counted as often as it did");
        }
    }

    @Test
    default void anOpenClaimMakesOtherSendersWaitAndOffersFail(TestBed bed) throws Exception {
        assume(bed);
        assumeTrue(bed.capabilities().maxClaim() >= 1, "it can claim");
        try (Pair pair = bed.open()) {
            Claim claim = pair.client().tryClaim(1);
            claim.buffer().putByte(claim.offset(), (byte) 1);
            Task<Boolean> offering = bed.start(() -> pair.client().offer(new byte[] {7}));
            assertEquals(false, offering.get(), "an offer while another thread claims");
            assertEquals(true, bed.start(() -> pair.client().tryClaim(1) == null).get(), "no second claim");
            Task<Void> sending = bed.start(() -> {
                pair.client().send(new byte[] {2});
                return null;
            });
            sending.settle();
            assertEquals(0, pair.server().poll((buffer, offset, length) -> {}, 10), "messages before the commit");
            claim.commit();
            sending.get();
            Traffic.same("the claimed one", new byte[] {1}, Receiving.RECEIVE.take(pair.server()));
            Traffic.same("the one that waited", new byte[] {2}, Receiving.RECEIVE.take(pair.server()));
        }
    }

    @Test
    default void aThreadMayNotCallBackIntoTheSameDirection(TestBed bed) throws Exception {
        assume(bed);
        try (Pair pair = bed.open()) {
            if (pair.client().capabilities().maxClaim() >= 1) {
                Channel client = pair.client();
                Claim claim = client.tryClaim(1);
                assertThrows(IllegalStateException.class, () -> client.send(new byte[1]), "send in a claim");
                assertThrows(IllegalStateException.class, () -> client.offer(new byte[1]), "offer in a claim");
                assertThrows(IllegalStateException.class, () -> client.tryClaim(1), "claim in a claim");
                claim.abort();
            }
            pair.client().send(new byte[] {1});
            pair.client().send(new byte[] {2});
            List<Class<?>> thrown = new ArrayList<>();
            Channel server = pair.server();
            Deadline.await("the first message", () -> server.poll((buffer, offset, length) -> {
                thrown.add(assertThrows(IllegalStateException.class, server::receive).getClass());
                thrown.add(assertThrows(IllegalStateException.class, () -> server.poll((b, o, l) -> {}, 1)).getClass());
            }, 1) == 1);
            assertEquals(2, thrown.size());
            Traffic.same("the second message", new byte[] {2}, Receiving.RECEIVE.take(server));
        }
    }

    @Test
    default void aHandlerMayAnswerOnTheChannelItPolls(TestBed bed) throws Exception {
        assume(bed);
        bed.assumePromised(Capability.BIDIRECTIONAL);
        try (Pair pair = bed.open()) {
            Channel server = pair.server();
            pair.client().send(new byte[] {5});
            Deadline.await("the request", () -> server.poll(server::offer, 1) == 1);
            Traffic.same("the answer", new byte[] {5}, Receiving.RECEIVE.take(pair.client()));
        }
    }

    @Test
    default void whatAHandlerThrowsPassesThroughPollAndItsMessageCountsAsReceived(TestBed bed) throws Exception {
        assume(bed);
        try (Pair pair = bed.open()) {
            pair.client().send(new byte[] {1});
            pair.client().send(new byte[] {2});
            ArithmeticException own = new ArithmeticException("the handler's own");
            ArithmeticException thrown = assertThrows(ArithmeticException.class, () -> {
                while (pair.server().poll((buffer, offset, length) -> {
                    throw own;
                }, 10) == 0) {
                    Sending.pause();
                }
            });
            assertEquals(own, thrown);
            Traffic.same("the next message", new byte[] {2}, Receiving.RECEIVE.take(pair.server()));
        }
    }

    @Test
    default void aSingleThreadedChannelCarriesMessagesBothWays(TestBed bed) throws Exception {
        assume(bed);
        bed.assumePromised(Capability.BIDIRECTIONAL);
        try (Pair pair = bed.open("threads=single")) {
            Traffic traffic = new Traffic(bed.seed(), 0, Math.min(50_000, pair.client().capabilities().maxMessage()));
            Task<Void> echo = bed.start(() -> {
                for (byte[] message; (message = Receiving.RECEIVE.take(pair.server())) != null;) {
                    pair.server().send(message);
                }
                return null;
            });
            for (int i = 0; i < 1_000; i++) {
                Sending.values()[i % 2].pass(pair.client(), traffic.message(i));
                traffic.check(i, Receiving.values()[i % 3].take(pair.client()));
            }
            pair.client().close();
            echo.get();
        }
    }
}
