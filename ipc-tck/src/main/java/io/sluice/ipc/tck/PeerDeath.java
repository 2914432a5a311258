package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.TimedOutException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Line 5: a killed peer. What it published before is delivered, then [PeerLostException]; nothing half-written is
/// seen; who waits wakes; the endpoint goes on. A paused process is not a dead one.
interface PeerDeath extends Line {
    /// The contract says 100 ms; a loaded machine needs more to reap the process alone.
    Duration WAKE = Duration.ofSeconds(2);

    private static void assume(TestBed bed) throws InterruptedException {
        bed.assumePromised(
                Capability.CROSS_PROCESS,
                Capability.PROVES_DEATH,
                Capability.ORDERED,
                Capability.RELIABLE,
                Capability.BIDIRECTIONAL);
    }

    private static Channel connected(TestBed bed, Endpoint endpoint, PeerProcess peer) throws InterruptedException {
        peer.ask("connect", endpoint.address());
        return bed.accept(endpoint);
    }

    /// Receives until the loss; fails if anything but the stream's beginning, without gap, tear or double, arrives.
    private static long drainUntilLost(Channel channel, Traffic traffic, long from) throws InterruptedException {
        long count = from;
        try {
            while (true) {
                traffic.check(count, Receiving.values()[(int) (count % 3)].take(channel));
                count++;
            }
        } catch (PeerLostException e) {
            return count;
        }
    }

    private static void assertLost(Channel channel) {
        assertThrows(PeerLostException.class, channel::receive);
        assertThrows(PeerLostException.class, () -> channel.receive(Duration.ofSeconds(1)));
        assertThrows(PeerLostException.class, () -> channel.poll((buffer, offset, length) -> {}, 1));
        assertThrows(PeerLostException.class, () -> channel.send(new byte[1]));
        assertThrows(PeerLostException.class, () -> channel.offer(new byte[1]));
    }

    /// A second JVM streams, is killed at a random moment, and its channel is read to the end.
    private static void killWhileItStreams(PeerProcess peer, Channel channel, Random random) throws Exception {
        int largest = Math.min(random.nextBoolean() ? 64 : 200_000, channel.capabilities().maxMessage());
        Traffic traffic = new Traffic(random.nextLong(), 0, largest);
        peer.ask("stream " + traffic.words());
        int readBefore = random.nextInt(5) * 100;
        for (int i = 0; i < readBefore; i++) {
            traffic.check(i, Receiving.RECEIVE.take(channel));
        }
        TimeUnit.MICROSECONDS.sleep(random.nextInt(5_000));
        peer.kill();
        drainUntilLost(channel, traffic, readBefore);
        assertLost(channel);
        channel.close();
    }

    private static void killClients(TestBed bed, int rounds) throws Exception {
        assume(bed);
        Random random = bed.random();
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            for (int round = 0; round < rounds; round++) {
                try (PeerProcess peer = PeerProcess.take()) {
                    killWhileItStreams(peer, connected(bed, endpoint, peer), random);
                }
            }
            goesOn(bed, endpoint);
        }
    }

    private static void killOwners(TestBed bed, int rounds) throws Exception {
        assume(bed);
        Random random = bed.random();
        Address address = bed.address();
        for (int round = 0; round < rounds; round++) {
            try (PeerProcess owner = PeerProcess.take()) {
                owner.ask("bind", address);
                Channel channel = bed.own(Ipc.connect(TckPeer.patient(address)));
                owner.ask("accept");
                killWhileItStreams(owner, channel, random);
            }
        }
        try (Endpoint endpoint = Ipc.bind(address)) {
            goesOn(bed, endpoint);
        }
    }

    @Test
    default void aPeerKilledWhileItStreamsLeavesAPrefixOfItsStream(TestBed bed) throws Exception {
        killClients(bed, 4);
    }

    @Test
    default void anOwnerKilledWhileItStreamsLeavesAPrefixOfItsStreamAndAFreeAddress(TestBed bed) throws Exception {
        killOwners(bed, 2);
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @EnabledIfSystemProperty(named = "ipc.soak", matches = "true")
    default void fiveHundredPeersKilledWhileTheyStreamLeavePrefixesOfTheirStreams(TestBed bed) throws Exception {
        killClients(bed, 500);
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    @EnabledIfSystemProperty(named = "ipc.soak", matches = "true")
    default void fiveHundredOwnersKilledWhileTheyStreamLeavePrefixesAndAFreeAddress(TestBed bed) throws Exception {
        killOwners(bed, 500);
    }

    /// The endpoint takes a new client, whose messages come back.
    private static void goesOn(TestBed bed, Endpoint endpoint) throws InterruptedException {
        Pair pair = bed.connect(endpoint);
        pair.client().send(new byte[] {1, 2, 3});
        Traffic.same("the new client's", new byte[] {1, 2, 3}, Receiving.RECEIVE.take(pair.server()));
    }

    @ParameterizedTest
    @EnumSource
    default void aKillWakesWhoReceives(Threads kind, TestBed bed) throws Exception {
        assume(bed);
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            PeerProcess peer = bed.peer();
            Channel channel = connected(bed, endpoint, peer);
            Task<?> receiver = bed.start(kind, channel::receive);
            receiver.settle();
            long start = System.nanoTime();
            peer.kill();
            receiver.getThrown(PeerLostException.class);
            assertWoken(Deadline.since(start), "receiver on a " + kind + " thread");
            assertLost(channel);
        }
    }

    @ParameterizedTest
    @EnumSource
    default void aKillWakesWhoSends(Threads kind, TestBed bed) throws Exception {
        assume(bed);
        bed.assumeNotPromised(Capability.DURABLE); // nobody waits to send
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            PeerProcess peer = bed.peer();
            Channel channel = connected(bed, endpoint, peer);
            TckPeer.fill(channel, Traffic.fixed(1, 1_000), Long.MAX_VALUE);
            Task<Void> sender = bed.start(kind, () -> {
                while (true) {
                    channel.send(new byte[1_000]);
                }
            });
            sender.settle();
            long start = System.nanoTime();
            peer.kill();
            sender.getThrown(PeerLostException.class);
            assertWoken(Deadline.since(start), "sender on a " + kind + " thread");
            assertLost(channel);
        }
    }

    private static void assertWoken(Duration waited, String who) {
        System.out.println(who + " woke " + waited.toMillis() + " ms after the kill was begun");
        assertTrue(waited.compareTo(WAKE) < 0, () -> "the " + who + " woke only after " + waited);
    }

    @Test
    default void aKilledServerIsLostToItsClients(TestBed bed) throws Exception {
        assume(bed);
        PeerProcess peer = bed.peer();
        var address = bed.address();
        peer.ask("serve", address);
        Channel first = bed.own(Ipc.connect(address));
        Channel second = bed.own(Ipc.connect(address));
        first.send(new byte[] {1});
        Traffic.same("the echo", new byte[] {1}, Receiving.RECEIVE.take(first));
        Task<?> receiver = bed.start(second::receive);
        receiver.settle();
        peer.kill();
        receiver.getThrown(PeerLostException.class);
        assertLost(first);
        assertLost(second);
    }

    @Test
    default void aPeerThatEndsWithoutClosingIsLost(TestBed bed) throws Exception {
        assume(bed);
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            PeerProcess peer = bed.peer();
            Channel channel = connected(bed, endpoint, peer);
            Traffic traffic = new Traffic(bed.seed(), 0, 500);
            int count = Math.min(50, bed.leastInFlight());
            peer.ask("send " + count + " " + traffic.words());
            peer.tell("halt");
            peer.awaitExit();
            assertEquals(count, drainUntilLost(channel, traffic, 0), "messages before the end of the process");
            assertLost(channel);
        }
    }

    @Test
    default void whatAKilledPeerClaimedAndDidNotCommitIsNeverSeen(TestBed bed) throws Exception {
        assume(bed);
        assumeTrue(bed.capabilities().maxClaim() >= 100, "it can claim");
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            PeerProcess peer = bed.peer();
            Channel channel = connected(bed, endpoint, peer);
            Traffic traffic = new Traffic(bed.seed(), 0, 100);
            peer.ask("send 3 " + traffic.words());
            peer.ask("claim 100");
            peer.kill();
            assertEquals(3, drainUntilLost(channel, traffic, 0), "messages");
        }
    }

    @Test
    default void aLargeMessageCutOffByAKillIsNeverSeen(TestBed bed) throws Exception {
        assume(bed);
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            PeerProcess peer = bed.peer();
            Channel channel = connected(bed, endpoint, peer);
            Traffic traffic = Traffic.fixed(bed.seed(), channel.capabilities().maxMessage());
            peer.ask("stream " + traffic.words());
            Traffic.same("the first one", traffic.message(0), Receiving.RECEIVE.take(channel));
            peer.kill();
            drainUntilLost(channel, traffic, 1);
            assertLost(channel);
        }
    }

    @Test
    default void aClientKilledBeforeItIsAcceptedDisturbsNoOther(TestBed bed) throws Exception {
        assume(bed);
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            PeerProcess peer = bed.peer();
            peer.ask("connect", endpoint.address());
            peer.kill();
            Channel client = bed.own(Ipc.connect(endpoint.address()));
            client.send(new byte[] {7});
            for (int i = 0; i < 2; i++) {
                Channel channel = bed.accept(endpoint);
                try {
                    Traffic.same("the living client's", new byte[] {7}, Receiving.RECEIVE.take(channel));
                    return;
                } catch (PeerLostException e) {
                    assertEquals(0, i, "only one client is dead");
                }
            }
        }
    }

    @Test
    default void aStoppedPeerIsNotADeadOne(TestBed bed) throws Exception {
        assume(bed);
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            PeerProcess peer = bed.peer();
            Channel channel = connected(bed, endpoint, peer);
            peer.ask("echo");
            channel.send(new byte[] {1});
            Traffic.same("the echo before", new byte[] {1}, Receiving.RECEIVE.take(channel));
            peer.signal("STOP");
            try {
                channel.send(new byte[] {2});
                assertThrows(TimedOutException.class, () -> channel.receive(Duration.ofMillis(2_500)));
            } finally {
                peer.signal("CONT");
            }
            Traffic.same("the echo after", new byte[] {2}, Receiving.RECEIVE.take(channel));
        }
    }
}
