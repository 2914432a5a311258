package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Line 4: `close` delivers what was accepted; the peer drains it, then reads the end; `close` twice is nothing.
interface OrderlyClose extends Line {
    private static void assume(TestBed bed) throws InterruptedException {
        bed.assumeLoneMessagesArrive();
        bed.assumePromised(Capability.BIDIRECTIONAL);
    }

    /// For those that send several messages at once.
    private static void assumeReliable(TestBed bed) throws InterruptedException {
        bed.assumePromised(Capability.ORDERED, Capability.RELIABLE, Capability.BIDIRECTIONAL);
    }

    @ParameterizedTest
    @EnumSource
    default void whatWasAcceptedBeforeTheCloseIsReceivedThenTheEndAgainAndAgain(Side side, TestBed bed)
            throws Exception {
        assumeReliable(bed);
        try (Pair pair = bed.open()) {
            Traffic traffic = new Traffic(bed.seed(), 0, 1_000);
            long accepted = TckPeer.fill(side.of(pair), traffic, 10_000);
            side.of(pair).close();
            Channel peer = side.peerOf(pair);
            for (long i = 0; i < accepted; i++) {
                traffic.check(i, Receiving.values()[(int) (i % 3)].take(peer));
            }
            for (int i = 0; i < 2; i++) {
                assertNull(peer.receive(), "the end");
                assertNull(peer.receive(Duration.ZERO), "the end, with a timeout");
                assertEquals(Channel.END, peer.poll((buffer, offset, length) -> {}, 10), "the end, by polling");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    default void sendingToAPeerThatHasClosedThrowsClosed(Side side, TestBed bed) throws Exception {
        assume(bed);
        try (Pair pair = bed.open()) {
            side.of(pair).close();
            Channel peer = side.peerOf(pair);
            assertNull(peer.receive(), "the end");
            assertThrows(ClosedException.class, () -> {
                for (long start = System.nanoTime(); Deadline.since(start).compareTo(Deadline.GENEROUS) < 0;) {
                    peer.send(new byte[10]);
                    Thread.sleep(1);
                }
            });
            assertThrows(ClosedException.class, () -> peer.offer(new byte[10]));
            if (peer.capabilities().maxClaim() >= 10) {
                assertThrows(ClosedException.class, () -> peer.tryClaim(10));
            }
            assertEquals(true, peer.isOpen(), "this side is open until it closes");
        }
    }

    @Test
    default void everyUseAfterOnesOwnCloseThrowsClosed(TestBed bed) throws Exception {
        try (Pair pair = bed.open()) {
            Channel closed = pair.client();
            pair.server().send(new byte[] {1});
            closed.close();
            closed.close();
            Executable[] uses = {
                () -> closed.send(new byte[1]),
                () -> closed.offer(new byte[1]),
                () -> closed.tryClaim(1),
                closed::receive,
                () -> closed.receive(Duration.ZERO),
                () -> closed.receive(Duration.ofSeconds(1)),
                () -> closed.poll((buffer, offset, length) -> {}, 1),
            };
            for (Executable use : uses) {
                assertThrows(ClosedException.class, use);
            }
            assertFalse(closed.isOpen());
            assertNotNull(closed.stats());
            assertNotNull(closed.capabilities());
            assertNotNull(closed.peer());
            assertEquals(pair.server().address().withoutOptions(), closed.address().withoutOptions());
        }
    }

    @ParameterizedTest
    @EnumSource
    default void aCloseWakesWhoReceivesOrSendsOnThisSide(Threads kind, TestBed bed) throws Exception {
        try (Pair receiving = bed.open();
                Pair waiting = bed.open();
                Pair sending = bed.open()) {
            Task<?> receiver = bed.start(kind, receiving.client()::receive);
            Task<?> waiter = bed.start(kind, () -> waiting.client().receive(Deadline.GENEROUS));
            Task<Void> sender = bed.start(kind, () -> {
                while (true) {
                    sending.client().send(new byte[1_000]);
                }
            });
            receiver.settle();
            waiter.settle();
            sender.settle();
            receiving.client().close();
            waiting.client().close();
            sending.client().close();
            receiver.getThrown(ClosedException.class);
            waiter.getThrown(ClosedException.class);
            sender.getThrown(ClosedException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    default void aCloseWakesWhoReceivesOrSendsOnTheOtherSide(Threads kind, TestBed bed) throws Exception {
        assume(bed);
        bed.assumeNotPromised(Capability.DURABLE); // nobody waits to send
        try (Pair receiving = bed.open();
                Pair sending = bed.open()) {
            Task<?> receiver = bed.start(kind, receiving.client()::receive);
            Task<Void> sender = bed.start(kind, () -> {
                while (true) {
                    sending.client().send(new byte[1_000]);
                }
            });
            receiver.settle();
            sender.settle();
            receiving.server().close();
            sending.server().close();
            assertNull(receiver.get(), "the end");
            sender.getThrown(ClosedException.class);
        }
    }

    @Test
    default void aLargeMessageThatWasOfferedArrivesThoughTheSenderClosesAtOnce(TestBed bed) throws Exception {
        assume(bed);
        try (Pair pair = bed.open()) {
            byte[] large = Traffic.bytes(bed.seed(), 0, Math.min(4 << 20, pair.client().capabilities().maxMessage()));
            assertEquals(true, pair.client().offer(large), "the offer on an empty channel");
            Task<Void> closing = bed.start(() -> {
                pair.client().close();
                return null;
            });
            closing.settle();
            Traffic.same("the large message", large, Receiving.RECEIVE.take(pair.server()));
            assertNull(pair.server().receive(), "the end");
            closing.get();
        }
    }

    @Test
    default void aClaimIsNotSentIfTheChannelIsClosedBeforeItsCommit(TestBed bed) throws Exception {
        assume(bed);
        assumeTrue(bed.capabilities().maxClaim() >= 8, "it can claim");
        try (Pair pair = bed.open()) {
            Claim claim = pair.client().tryClaim(8);
            pair.client().close();
            assertThrows(ClosedException.class, claim::commit);
            assertNull(pair.server().receive(), "the end, and no message");
        }
    }

    /// The channel's memory may go while another thread reads it; that must be an exception, not the end of the JVM.
    @ParameterizedTest
    @EnumSource
    default void aCloseInTheMiddleOfOtherThreadsUseIsAnExceptionThere(Side side, TestBed bed) throws Exception {
        assume(bed);
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            for (int round = 0; round < 50; round++) {
                Pair pair = bed.connect(endpoint);
                Task<Void> poller = bed.start(() -> {
                    int[] sum = new int[1];
                    while (pair.client().poll((buffer, at, length) -> sum[0] += buffer.getInt(at),
                            100) != Channel.END) {
                        Sending.pause();
                    }
                    return null;
                });
                Task<Void> offerer = bed.start(() -> {
                    byte[] message = new byte[100];
                    while (true) {
                        pair.client().offer(message);
                        Claim claim = pair.client().capabilities().maxClaim() < 8 ? null : pair.client().tryClaim(8);
                        if (claim != null) {
                            claim.buffer().putLong(claim.offset(), 1);
                            claim.commit();
                        }
                    }
                });
                Task<Void> echo = bed.start(() -> {
                    while (pair.server().poll(pair.server()::offer, 100) != Channel.END) {
                        Sending.pause();
                    }
                    return null;
                });
                Thread.sleep(1 + round % 5);
                side.of(pair).close();
                if (side == Side.CLIENT) {
                    poller.getThrown(ClosedException.class);
                    offerer.getThrown(ClosedException.class);
                    endOrClosed(echo);
                } else {
                    endOrClosed(poller);
                    offerer.getThrown(ClosedException.class);
                    echo.getThrown(ClosedException.class);
                }
                pair.client().close();
                pair.server().close();
            }
        }
    }

    /// An echo may read the end, or fail to answer before it does.
    private static void endOrClosed(Task<Void> task) throws Exception {
        try {
            task.get();
        } catch (ClosedException e) {
            assertNotNull(e.getMessage());
        }
    }

    @Test
    default void aHandlerMayCloseTheChannelItPolls(TestBed bed) throws Exception {
        assume(bed);
        try (Pair pair = bed.open()) {
            pair.client().send(new byte[] {1});
            pair.client().send(new byte[] {2});
            Channel server = pair.server();
            int[] seen = new int[1];
            assertThrows(ClosedException.class, () -> {
                while (true) {
                    server.poll((buffer, offset, length) -> {
                        seen[0]++;
                        server.close();
                    }, 1);
                }
            });
            assertEquals(1, seen[0], "messages before the close");
            assertNull(pair.client().receive(), "the end at the other side");
        }
    }

    @ParameterizedTest
    @EnumSource
    default void closingAnEndpointWakesWhoAccepts(Threads kind, TestBed bed) throws Exception {
        Endpoint endpoint = bed.own(Ipc.bind(bed.address()));
        Task<?> accepting = bed.start(kind, () -> endpoint.accept());
        Task<?> waiting = bed.start(kind, () -> endpoint.accept(Deadline.GENEROUS));
        accepting.settle();
        waiting.settle();
        endpoint.close();
        endpoint.close();
        accepting.getThrown(ClosedException.class);
        waiting.getThrown(ClosedException.class);
        assertFalse(endpoint.isOpen());
        assertThrows(ClosedException.class, endpoint::accept);
        assertThrows(ClosedException.class, () -> endpoint.accept(Duration.ZERO));
    }

    @Test
    default void closingAnEndpointClosesWhatNobodyAcceptedAndLeavesTheRest(TestBed bed) throws Exception {
        assume(bed);
        try (Pair accepted = bed.open();
                Channel waiting = Ipc.connect(accepted.endpoint().address())) {
            accepted.endpoint().close();
            assertNull(waiting.receive(), "the end of the channel that nobody accepted");
            accepted.client().send(new byte[] {1});
            accepted.server().send(new byte[] {2});
            Traffic.same("to the server", new byte[] {1}, Receiving.RECEIVE.take(accepted.server()));
            Traffic.same("to the client", new byte[] {2}, Receiving.RECEIVE.take(accepted.client()));
        }
    }

    @Test
    default void aSecondJvmReadsWhatWasSentThenTheEnd(TestBed bed) throws Exception {
        assumeReliable(bed);
        bed.assumePromised(Capability.CROSS_PROCESS);
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            PeerProcess peer = bed.peer();
            peer.ask("connect", endpoint.address());
            Channel channel = bed.accept(endpoint);
            Traffic traffic = new Traffic(bed.seed(), 0, 1_000);
            int count = Math.min(100, bed.leastInFlight());
            peer.ask("send " + count + " " + traffic.words());
            peer.ask("close");
            for (int i = 0; i < count; i++) {
                traffic.check(i, Receiving.RECEIVE.take(channel));
            }
            assertNull(channel.receive(), "the end");
            peer.ask("connect", endpoint.address());
            Channel second = bed.accept(endpoint);
            long accepted = TckPeer.fill(second, traffic, 1_000);
            second.close();
            assertEquals(accepted + " end", peer.ask("drain " + traffic.words()));
        }
    }
}
