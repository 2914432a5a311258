package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Server;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// An interrupt, before or during a blocking call, ends the call and leaves the channel usable.
interface Interrupts extends Line {
    /// Interrupts the call before it begins, then another one while it waits.
    private static void assertInterruptible(TestBed bed, Threads kind, Callable<?> call) throws Exception {
        Task<Boolean> before = bed.start(kind, () -> {
            Thread.currentThread().interrupt();
            return flagAfterInterruptOf(call);
        });
        assertFalse(before.get(), "the flag after an interrupt before the call");
        Task<Boolean> during = bed.start(kind, () -> flagAfterInterruptOf(call));
        during.settle();
        assertFalse(during.isDone(), "the call waits");
        during.interrupt();
        assertFalse(during.get(), "the flag after an interrupt during the call");
    }

    private static boolean flagAfterInterruptOf(Callable<?> call) throws Exception {
        Object returned;
        try {
            returned = call.call();
        } catch (InterruptedException e) {
            return Thread.currentThread().isInterrupted();
        }
        throw new AssertionError("the call was interrupted, but returned " + returned);
    }

    private static void works(TestBed bed, Pair pair) throws Exception {
        Task<Void> sender = bed.start(() -> {
            pair.client().send(new byte[] {4, 2});
            return null;
        });
        Traffic.same("the message after it", new byte[] {4, 2}, Receiving.RECEIVE.take(pair.server()));
        sender.get();
    }

    @ParameterizedTest
    @EnumSource
    default void aReceiveCanBeInterruptedAndTheChannelGoesOn(Threads kind, TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        try (Pair pair = bed.open()) {
            assertInterruptible(bed, kind, pair.server()::receive);
            works(bed, pair);
            assertInterruptible(bed, kind, () -> pair.server().receive(Deadline.GENEROUS));
            works(bed, pair);
        }
    }

    @ParameterizedTest
    @EnumSource
    default void aReceiveThatSleepsAtOnceCanBeInterrupted(Threads kind, TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        try (Pair pair = bed.open("wait=block")) {
            for (int i = 0; i < 20; i++) {
                assertInterruptible(bed, kind, pair.server()::receive);
            }
            works(bed, pair);
        }
    }

    @ParameterizedTest
    @EnumSource
    default void aReceiveThatSpinsCanBeInterrupted(Threads kind, TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        try (Pair pair = bed.open("wait=spin")) {
            assertInterruptible(bed, kind, pair.server()::receive);
            works(bed, pair);
        }
    }

    @ParameterizedTest
    @EnumSource
    default void aSendUnderBackPressureCanBeInterruptedAndLeavesNothing(Threads kind, TestBed bed) throws Exception {
        bed.assumePromised(Capability.RELIABLE, Capability.ORDERED);
        bed.assumeNotPromised(Capability.DURABLE); // nobody waits to send
        try (Pair pair = bed.open()) {
            Traffic traffic = new Traffic(bed.seed(), 500, 1_500);
            long accepted = TckPeer.fill(pair.client(), traffic, bed.maxInFlight() / 500);
            assertInterruptible(bed, kind, () -> {
                pair.client().send(new byte[1_500]);
                return null;
            });
            for (long i = 0; i < accepted; i++) {
                traffic.check(i, Receiving.RECEIVE.take(pair.server()));
            }
            works(bed, pair);
        }
    }

    @ParameterizedTest
    @EnumSource
    default void aLargeSendInterruptedHalfWayIsNeverSeenInPart(Threads kind, TestBed bed) throws Exception {
        bed.assumePromised(Capability.RELIABLE, Capability.ORDERED);
        bed.assumeNotPromised(Capability.DURABLE); // nobody waits to send
        try (Pair pair = bed.open()) {
            Traffic traffic = Traffic.fixed(bed.seed(), Math.min(5_000_000, pair.client().capabilities().maxMessage()));
            for (int round = 0; round < 3; round++) {
                long[] sent = new long[1];
                Task<Boolean> sender = bed.start(kind, () -> flagAfterInterruptOf(() -> {
                    while (true) {
                        pair.client().send(traffic.message(sent[0]));
                        sent[0]++;
                    }
                }));
                sender.settle();
                Thread.sleep(100);
                sender.interrupt();
                assertFalse(sender.get(), "the flag after the interrupt");
                for (long i = 0; i < sent[0]; i++) {
                    traffic.check(i, Receiving.RECEIVE.take(pair.server()));
                }
                works(bed, pair);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    default void anAcceptCanBeInterruptedAndTheEndpointGoesOn(Threads kind, TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            assertInterruptible(bed, kind, endpoint::accept);
            assertInterruptible(bed, kind, () -> endpoint.accept(Deadline.GENEROUS));
            works(bed, bed.connect(endpoint));
        }
    }

    @ParameterizedTest
    @EnumSource
    default void aConnectCanBeInterruptedAndAnotherOneSucceeds(Threads kind, TestBed bed) throws Exception {
        Address address = bed.address("connect-timeout=25s");
        assertInterruptible(bed, kind, () -> Ipc.connect(address));
        try (Endpoint endpoint = Ipc.bind(address);
                Channel client = Ipc.connect(endpoint.address())) {
            works(bed, new Pair(endpoint, client, bed.accept(endpoint)));
        }
    }

    @ParameterizedTest
    @EnumSource
    default void aReceiveThatWaitsBehindAnotherCanBeInterrupted(Threads kind, TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        try (Pair pair = bed.open()) {
            Task<byte[]> first = bed.start(kind, () -> Receiving.RECEIVE.take(pair.server()));
            first.settle();
            assertInterruptible(bed, kind, pair.server()::receive);
            pair.client().send(new byte[] {3});
            Traffic.same("the message of the first", new byte[] {3}, first.get());
            works(bed, pair);
        }
    }

    @ParameterizedTest
    @EnumSource
    default void aSendThatWaitsForAnothersClaimCanBeInterrupted(Threads kind, TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        assumeTrue(bed.capabilities().maxClaim() > 0, "it can claim");
        try (Pair pair = bed.open()) {
            Claim claim = pair.client().tryClaim(1);
            assertInterruptible(bed, kind, () -> {
                pair.client().send(new byte[1]);
                return null;
            });
            claim.buffer().putByte(claim.offset(), (byte) 5);
            claim.commit();
            Traffic.same("the claim", new byte[] {5}, Receiving.RECEIVE.take(pair.server()));
            works(bed, pair);
        }
    }

    /// Whatever a connect is doing when the interrupt comes, the outcome is one of two.
    @ParameterizedTest
    @EnumSource
    default void aConnectInterruptedAtAnyMomentIsAChannelOrAnInterrupt(Threads kind, TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        Random random = bed.random();
        Server server = bed.own(Ipc.serve(bed.address(), (channel, buffer, offset, length) -> true));
        long longest = 2_000_000;
        for (int i = 0; i < 200; i++) {
            Task<Boolean> connect = bed.start(kind, () -> {
                try (Channel channel = Ipc.connect(server.address())) {
                    return channel.isOpen();
                } catch (InterruptedException e) {
                    return !Thread.currentThread().isInterrupted();
                }
            });
            long moment = System.nanoTime() + random.nextLong(longest);
            while (System.nanoTime() - moment < 0 && !connect.isDone()) {
                Thread.onSpinWait();
            }
            connect.interrupt();
            assertTrue(connect.get(), "a channel that is open, or an interrupt whose flag is cleared");
        }
        Deadline.await("no channel is left", () -> server.channels() == 0);
        bed.own(Ipc.connect(server.address())).send(new byte[1]);
    }

    /// These are not blocking calls, so they do what they are told, and the interrupt is still there afterwards.
    @ParameterizedTest
    @EnumSource
    default void anInterruptedThreadMayBindServeOfferPollAndClose(Threads kind, TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        Address bound = bed.address();
        Address served = bed.address();
        try (Pair pair = bed.open()) {
            pair.server().send(new byte[] {1});
            bed.start(kind, () -> {
                Thread.currentThread().interrupt();
                Ipc.bind(bound).close();
                Ipc.serve(served, (channel, buffer, offset, length) -> true).close();
                assertTrue(pair.client().offer(new byte[] {2}), "offered");
                assertEquals(1, pair.client().poll((buffer, offset, length) -> {}, 1), "polled");
                pair.client().close();
                assertTrue(Thread.currentThread().isInterrupted(), "the interrupt flag");
                return null;
            }).get();
            Traffic.same("the offer", new byte[] {2}, Receiving.RECEIVE.take(pair.server()));
            assertNull(pair.server().receive(), "the end");
            Ipc.bind(bound).close();
            Ipc.bind(served).close();
        }
    }
}
