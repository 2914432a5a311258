package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
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
        bed.assumePromised(Capability.RELIABLE);
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
        bed.assumePromised(Capability.RELIABLE);
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
        bed.assumePromised(Capability.RELIABLE);
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
        bed.assumePromised(Capability.RELIABLE);
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
}
