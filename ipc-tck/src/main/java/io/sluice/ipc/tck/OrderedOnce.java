package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertNull;

import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Line 2: in order, once, none lost, while both sides live.
interface OrderedOnce extends Line {
    /// Enough to go around any buffer many times.
    int MANY = 200_000;

    private static void assume(TestBed bed) throws InterruptedException {
        bed.assumePromised(Capability.ORDERED, Capability.RELIABLE, Capability.BOUNDED_MESSAGES);
    }

    private static Task<Void> sender(TestBed bed, Channel channel, Traffic traffic, Sending sending) {
        return bed.start(() -> {
            for (int i = 0; i < MANY; i++) {
                sending.pass(channel, traffic.message(i));
            }
            return null;
        });
    }

    private static Task<Void> receiver(TestBed bed, Channel channel, Traffic traffic, Receiving receiving) {
        return bed.start(() -> {
            for (int i = 0; i < MANY; i++) {
                traffic.check(i, receiving.take(channel));
            }
            return null;
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"SEND", "OFFER"})
    default void manySmallMessagesArriveInOrderAndOnce(Sending sending, TestBed bed) throws Exception {
        assume(bed);
        try (Pair pair = bed.open()) {
            Traffic traffic = new Traffic(bed.seed(), 0, 64);
            Task<Void> sender = sender(bed, pair.client(), traffic, sending);
            receiver(bed, pair.server(), traffic, Receiving.POLL).get();
            sender.get();
            pair.client().close();
            assertNull(pair.server().receive(), "after the last message");
        }
    }

    @Test
    default void manySmallMessagesArriveInOrderAndOnceBothWaysAtOnce(TestBed bed) throws Exception {
        assume(bed);
        bed.assumePromised(Capability.BIDIRECTIONAL);
        try (Pair pair = bed.open()) {
            List<Task<Void>> tasks = new ArrayList<>();
            for (Side side : Side.values()) {
                Traffic traffic = new Traffic(bed.seed() + side.ordinal(), 0, 64);
                tasks.add(sender(bed, side.of(pair), traffic, Sending.SEND));
                tasks.add(receiver(bed, side.peerOf(pair), traffic, Receiving.RECEIVE));
            }
            for (Task<Void> task : tasks) {
                task.get();
            }
        }
    }

    @Test
    default void manySmallMessagesArriveInOrderAndOnceFromASecondJvm(TestBed bed) throws Exception {
        assume(bed);
        bed.assumePromised(Capability.CROSS_PROCESS, Capability.BIDIRECTIONAL);
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            PeerProcess peer = bed.peer();
            Traffic there = new Traffic(bed.seed(), 0, 64);
            Traffic back = new Traffic(~bed.seed(), 0, 64);
            peer.ask("connect", endpoint.address());
            Channel channel = bed.accept(endpoint);
            peer.tell("receive " + MANY + " " + there.words());
            sender(bed, channel, there, Sending.SEND).get();
            peer.answer();
            peer.tell("send " + MANY + " " + back.words());
            receiver(bed, channel, back, Receiving.RECEIVE).get();
            peer.answer();
        }
    }

    @Test
    default void aMixOfLargeAndSmallMessagesKeepsItsOrder(TestBed bed) throws Exception {
        assume(bed);
        try (Pair pair = bed.open()) {
            int large = Math.min(1 << 20, pair.client().capabilities().maxMessage());
            Task<Void> sender = bed.start(() -> {
                for (int i = 0; i < 200; i++) {
                    Sending sending = i % 2 == 0 ? Sending.OFFER : Sending.SEND;
                    sending.pass(pair.client(), Traffic.bytes(4, i, i % 3 == 0 ? large - i : i % 7));
                }
                return null;
            });
            for (int i = 0; i < 200; i++) {
                byte[] expected = Traffic.bytes(4, i, i % 3 == 0 ? large - i : i % 7);
                Traffic.same("message " + i, expected, Receiving.RECEIVE.take(pair.server()));
            }
            sender.get();
        }
    }
}
