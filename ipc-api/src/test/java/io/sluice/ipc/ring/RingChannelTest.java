package io.sluice.ipc.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.ProtocolException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.TimedOutException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The life of one channel: what its threads see when it closes, is cut off, or loses its peer, at any moment.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RingChannelTest {
    private static final String SMALL = "capacity=4k&wait=block";

    // ---- cutting off

    @Test
    void aReceiverThatSleepsWakesWhenASenderFindsTheRingBroken() throws Exception {
        LoneChannel lone = new LoneChannel(SMALL);
        FutureTask<?> receiver = Eventually.startSleeper(lone.channel::receive);
        lone.scribbleOverReadPosition();
        assertThrows(ProtocolException.class, () -> lone.fill(1000));
        assertThrows(ProtocolException.class, () -> Eventually.get(receiver));
        lone.channel.close();
        assertEquals(1, lone.released.get());
    }

    @Test
    void aSenderThatSleepsWakesWhenAReceiverFindsTheRingBroken() throws Exception {
        LoneChannel lone = new LoneChannel(SMALL + "&send-timeout=forever");
        lone.fill(1000);
        FutureTask<?> sender = Eventually.startSleeper(() -> {
            lone.channel.send(new byte[1000]);
            return null;
        });
        lone.scribbleOverFirstHeader();
        assertThrows(ProtocolException.class, () -> lone.channel.poll((_, _, _) -> {}, 1));
        assertThrows(ProtocolException.class, () -> Eventually.get(sender));
        lone.channel.close();
        assertEquals(1, lone.released.get());
    }

    @Test
    void aCutOffSaysTheSameHoweverOftenItIsToldAndTellsThePeerThoughThisSideClosesAtOnce() {
        LoneChannel lone = new LoneChannel(SMALL);
        lone.scribbleOverFirstHeader();
        String first = assertThrows(ProtocolException.class, () -> lone.channel.poll((_, _, _) -> {}, 1))
                .getMessage();
        for (int i = 0; i < 3; i++) {
            assertEquals(
                    first,
                    assertThrows(ProtocolException.class, () -> lone.channel.poll((_, _, _) -> {}, 1))
                            .getMessage());
            assertEquals(
                    first,
                    assertThrows(ProtocolException.class, () -> lone.channel.offer(new byte[1]))
                            .getMessage());
        }
        assertEquals(RingLayout.CLOSED_FOR_CAUSE, lone.producerClosed());
        lone.keepsMemory = true;
        lone.channel.close();
        assertEquals(RingLayout.CLOSED_FOR_CAUSE, lone.producerClosed(), "after the close");
    }

    @Test
    void whatAPeerSentBeforeItCutUsOffIsReceivedThoughASendHasFailed() throws Exception {
        LoneChannel lone = new LoneChannel(SMALL);
        RingProducer peer = lone.peerWrites();
        LoneChannel.put(peer, RingLayout.TYPE_WHOLE, new byte[] {7});
        peer.close(RingLayout.CLOSED_FOR_CAUSE);
        lone.channel.onPeerGone();
        String said = assertThrows(ProtocolException.class, () -> lone.channel.offer(new byte[1]))
                .getMessage();
        assertArrayEquals(new byte[] {7}, lone.channel.receive().bytes());
        assertEquals(
                said,
                assertThrows(ProtocolException.class, lone.channel::receive).getMessage());
        assertEquals(RingLayout.WAIT_NONE, lone.producerClosed(), "we have not cut the peer off");
    }

    @Test
    void aProtocolExceptionOfAHandlersOwnPassesThroughPollAndCutsNothingOff() {
        LoneChannel lone = new LoneChannel(SMALL);
        RingProducer peer = lone.peerWrites();
        LoneChannel.put(peer, RingLayout.TYPE_WHOLE, new byte[1]);
        LoneChannel.put(peer, RingLayout.TYPE_WHOLE, new byte[2]);
        ProtocolException another = new ProtocolException("about another channel");
        Throwable thrown = assertThrows(
                ProtocolException.class,
                () -> lone.channel.poll(
                        (_, _, _) -> {
                            throw another;
                        },
                        5));
        assertEquals(another, thrown);
        assertEquals(1, lone.channel.poll((_, _, length) -> assertEquals(2, length), 5));
    }

    @Test
    void closingDoesNotWaitForALargeMessageThatABrokenRingWillNeverTake() throws Exception {
        LoneChannel lone = new LoneChannel(SMALL + "&send-timeout=forever");
        assertTrue(lone.channel.offer(new byte[100_000]));
        lone.scribbleOverReadPosition();
        lone.channel.onNotified();
        assertThrows(ProtocolException.class, () -> lone.channel.offer(new byte[1]));
        Eventually.get(Eventually.start(() -> {
            lone.channel.close();
            return null;
        }));
        assertEquals(1, lone.released.get());
    }

    @Test
    void closingDoesNotWaitForALargeMessageOnceTheReceiverHasCutThePeerOff() throws Exception {
        LoneChannel lone = new LoneChannel(SMALL + "&send-timeout=forever");
        assertTrue(lone.channel.offer(new byte[100_000]));
        lone.scribbleOverFirstHeader();
        assertThrows(ProtocolException.class, lone.channel::receive);
        Eventually.get(Eventually.start(() -> {
            lone.channel.close();
            return null;
        }));
        assertEquals(1, lone.released.get());
    }

    // ---- truncated memory

    @Test
    @EnabledOnOs(OS.LINUX)
    void memoryThatThePeerTruncatesCostsTheChannelAndNothingLeaks(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("memory");
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            long length = 2 * LoneChannel.length(SMALL);
            access.setLength(length);
            Arena arena = Arena.ofShared();
            MemorySegment memory = access.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, length, arena);
            LoneChannel lone = new LoneChannel(SMALL, arena, memory);
            Claim claim = lone.channel.tryClaim(8);
            FutureTask<?> receiver = Eventually.startSleeper(lone.channel::receive);
            access.setLength(0);
            assertThrows(ProtocolException.class, claim::commit);
            assertThrows(ProtocolException.class, () -> Eventually.get(receiver));
            assertThrows(ProtocolException.class, () -> lone.channel.offer(new byte[1]));
            lone.channel.close();
            assertTrue(lone.disconnected.get() > 0);
            assertEquals(1, lone.released.get());
            assertFalse(arena.scope().isAlive());
        }
    }

    // ---- closing

    @Test
    void aSenderBehindALargeMessageIsWokenByTheCloseAndTheCloseByTheEndOfThePeer() throws Exception {
        LoneChannel lone = new LoneChannel(SMALL + "&send-timeout=forever");
        assertTrue(lone.channel.offer(new byte[100_000]));
        FutureTask<?> sender = Eventually.startSleeper(() -> {
            lone.channel.send(new byte[1]);
            return null;
        });
        FutureTask<?> closer = Eventually.start(() -> {
            lone.channel.close();
            return null;
        });
        assertThrows(ClosedException.class, () -> Eventually.get(sender));
        assertFalse(closer.isDone(), "the accepted message is still to be passed on");
        lone.channel.onPeerGone();
        Eventually.get(closer);
        assertEquals(1, lone.released.get());
    }

    @Test
    void aChannelClosedFromInsideAHandlerKeepsItsMemoryUntilThatHandlerReturns() throws Exception {
        LoneChannel lone = new LoneChannel(SMALL);
        LoneChannel.put(lone.peerWrites(), RingLayout.TYPE_WHOLE, new byte[] {1, 2, 3});
        AtomicBoolean called = new AtomicBoolean();
        int taken = lone.channel.poll(
                (buffer, offset, _) -> {
                    called.set(true);
                    lone.channel.close();
                    FutureTask<?> other = Eventually.start(() -> lone.channel.offer(new byte[1]));
                    assertThrows(ClosedException.class, () -> Eventually.get(other));
                    assertEquals(0, lone.released.get(), "released under the handler by another thread");
                    assertEquals(3, buffer.getByte(offset + 2));
                },
                10);
        assertEquals(1, taken);
        assertTrue(called.get());
        assertEquals(1, lone.released.get());
        assertThrows(ClosedException.class, () -> lone.channel.poll((_, _, _) -> {}, 1));
    }

    @Test
    void aChannelClosedFromInsideAClaimInsideAHandlerKeepsItsMemoryUntilBothAreLeft() {
        LoneChannel lone = new LoneChannel(SMALL);
        LoneChannel.put(lone.peerWrites(), RingLayout.TYPE_WHOLE, new byte[1]);
        Claim[] claim = new Claim[1];
        lone.channel.poll(
                (_, _, _) -> {
                    claim[0] = lone.channel.tryClaim(8);
                    lone.channel.close();
                },
                10);
        assertEquals(0, lone.released.get());
        claim[0].buffer().putLong(claim[0].offset(), 1);
        assertThrows(ClosedException.class, claim[0]::commit);
        assertEquals(1, lone.released.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"threads=many", "threads=single"})
    void aHandlerOnAnotherThreadKeepsTheMemoryUntilItReturns(String threads) throws Exception {
        LoneChannel lone = new LoneChannel(SMALL + "&" + threads);
        LoneChannel.put(lone.peerWrites(), RingLayout.TYPE_WHOLE, new byte[] {1, 2, 3});
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        byte[] last = new byte[1];
        FutureTask<?> receiver = Eventually.start(() -> lone.channel.poll(
                (buffer, offset, _) -> {
                    inside.countDown();
                    assertDoesNotThrow(() -> closed.await());
                    last[0] = buffer.getByte(offset + 2);
                },
                1));
        inside.await();
        lone.channel.close();
        assertEquals(0, lone.released.get(), "unmapped under a handler");
        closed.countDown();
        assertEquals(1, Eventually.get(receiver));
        assertEquals(3, last[0]);
        assertEquals(1, lone.released.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"threads=many", "threads=single"})
    void aClaimThatIsNeverCommittedDoesNotKeepTheMemoryForEver(String threads) throws Exception {
        LoneChannel lone = new LoneChannel(SMALL + "&" + threads);
        FutureTask<Claim> claimer = Eventually.start(() -> lone.channel.tryClaim(8));
        Claim claim = Eventually.get(claimer);
        lone.channel.close();
        assertEquals(1, lone.released.get());
        assertThrows(IllegalStateException.class, claim::commit, "it is another thread's");
    }

    @ParameterizedTest
    @ValueSource(strings = {"threads=many", "threads=single"})
    void closingWhileOtherThreadsUseTheChannelIsClosedExceptionThereAndReleasesOnce(String threads) throws Exception {
        for (int round = 0; round < 200; round++) {
            LoneChannel lone = new LoneChannel("capacity=4k&wait=adaptive&" + threads);
            RingConsumer peerReads = lone.peerReads();
            AtomicBoolean over = new AtomicBoolean();
            FutureTask<?> peer = Eventually.start(() -> {
                while (!over.get()) {
                    peerReads.poll((_, _, _) -> true, 10);
                }
                return null;
            });
            lone.beforeUnmapping = () -> {
                over.set(true);
                assertDoesNotThrow(() -> Eventually.get(peer));
            };
            CountDownLatch started = new CountDownLatch(2);
            FutureTask<?> sender = Eventually.start(() -> {
                for (int i = 0;; i++) {
                    lone.channel.send(new byte[i % 2000]);
                    started.countDown();
                }
            });
            FutureTask<?> receiver = Eventually.start(() -> {
                started.countDown();
                return lone.channel.receive();
            });
            assertTrue(started.await(20, TimeUnit.SECONDS));
            lone.channel.close();
            assertThrows(ClosedException.class, () -> Eventually.get(sender));
            assertThrows(ClosedException.class, () -> Eventually.get(receiver));
            Eventually.await("the last one out has released the memory", () -> lone.released.get() == 1);
        }
    }

    @Test
    void aClosedChannelIsNotServedAnyMore() {
        LoneChannel lone = new LoneChannel(SMALL);
        lone.channel.close();
        assertThrows(ClosedException.class, () -> lone.channel.inbound().arm());
        assertThrows(ClosedException.class, () -> lone.channel.outbound().arm());
        lone.channel.onNotified();
        lone.channel.onPeerGone();
        lone.channel.onGarbage("late");
        assertThrows(ClosedException.class, () -> lone.channel.offer(new byte[1]));
        assertEquals(1, lone.released.get());
    }

    // ---- the end

    @Test
    void aPeerThatIsGoneWithoutAWordIsLostAfterItsLastMessage() throws Exception {
        LoneChannel lone = new LoneChannel(SMALL);
        LoneChannel.put(lone.peerWrites(), RingLayout.TYPE_WHOLE, new byte[] {7});
        lone.channel.onPeerGone();
        assertThrows(PeerLostException.class, () -> lone.channel.offer(new byte[1]));
        assertEquals(1, lone.channel.receive().length());
        assertThrows(PeerLostException.class, lone.channel::receive);
        assertThrows(PeerLostException.class, () -> lone.channel.poll((_, _, _) -> {}, 1));
    }

    @Test
    void anUnfinishedMessageOfAPeerThatClosedInOrderIsNeverSeen() throws Exception {
        LoneChannel lone = new LoneChannel(SMALL);
        RingProducer peer = lone.peerWrites();
        byte[] first = new byte[100];
        new SegmentBuffer(first).putLong(0, 5000);
        LoneChannel.put(peer, RingLayout.TYPE_FIRST, first);
        peer.close(RingLayout.CLOSED_IN_ORDER);
        lone.channel.onPeerGone();
        assertNull(lone.channel.receive());
        assertEquals(Channel.END, lone.channel.poll((_, _, _) -> {}, 1));
    }

    // ---- waiting

    @Test
    void armingForRoomLeavesTheWordToASenderThatSleepsOnIt() throws Exception {
        LoneChannel lone = new LoneChannel(SMALL + "&send-timeout=forever");
        lone.fill(1000);
        FutureTask<?> sender = Eventually.startSleeper(() -> {
            lone.channel.send(new byte[1000]);
            return null;
        });
        assertEquals(RingLayout.WAIT_LINK, lone.producerWaiting());
        lone.channel.outbound().arm();
        assertEquals(RingLayout.WAIT_LINK, lone.producerWaiting());
        lone.peerReads().poll((_, _, _) -> true, 100);
        Eventually.get(sender);
        lone.channel.outbound().arm();
        assertEquals(RingLayout.WAIT_DOORBELL, lone.producerWaiting());
    }

    @Test
    void aReceiverOfFragmentsWithoutAnEndTimesOutAndCanBeInterrupted() throws Exception {
        LoneChannel lone = new LoneChannel(SMALL);
        for (int index = 0; index < lone.capacity; index += 16) {
            RingLayout.LONG.setVolatile(
                    lone.inbound,
                    (long) RingLayout.RECORDS_OFFSET + index,
                    RingLayout.header(RingLayout.TYPE_FIRST, RingLayout.FRAGMENTED_LENGTH));
            RingLayout.LONG.setVolatile(lone.inbound, (long) RingLayout.RECORDS_OFFSET + index + 8, 100L);
        }
        assertEquals(0, lone.channel.poll((_, _, _) -> {}, 1));
        assertThrows(TimedOutException.class, () -> lone.channel.receive(Duration.ofMillis(50)));
        CountDownLatch started = new CountDownLatch(1);
        FutureTask<?> receiver = new FutureTask<>(() -> {
            started.countDown();
            return lone.channel.receive();
        });
        Thread thread = Thread.ofPlatform().daemon().start(receiver);
        started.await();
        thread.interrupt();
        assertThrows(InterruptedException.class, () -> Eventually.get(receiver));
    }

    @Test
    void anInterruptedCallHasNeitherSentNorReceivedAndClearsTheFlag() throws Exception {
        LoneChannel lone = new LoneChannel(SMALL);
        LoneChannel.put(lone.peerWrites(), RingLayout.TYPE_WHOLE, new byte[] {7});
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, lone.channel::receive);
        assertFalse(Thread.currentThread().isInterrupted());
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> lone.channel.send(new byte[1]));
        assertFalse(Thread.currentThread().isInterrupted());
        assertArrayEquals(new byte[] {7}, lone.channel.receive().bytes());
        assertEquals(0, lone.peerReads().poll((_, _, _) -> true, 1));
        assertEquals(0, lone.channel.stats().messagesSent());
    }

    @Test
    void aTimeOfNothingLooksOnceAndOneBeyondACenturyIsForEver() throws Exception {
        LoneChannel lone = new LoneChannel(SMALL);
        assertThrows(TimedOutException.class, () -> lone.channel.receive(Duration.ZERO));
        assertThrows(TimedOutException.class, () -> lone.channel.receive(Duration.ofSeconds(-5)));
        FutureTask<?> receiver =
                Eventually.startSleeper(() -> lone.channel.receive(Duration.ofSeconds(Long.MAX_VALUE)));
        lone.channel.close();
        assertThrows(ClosedException.class, () -> Eventually.get(receiver));
    }
}
