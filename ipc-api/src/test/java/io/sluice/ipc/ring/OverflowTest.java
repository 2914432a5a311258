package io.sluice.ipc.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Message;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.TimedOutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Offers of messages larger than the ring: accepted one at a time, passed on by whichever thread makes or hears of room.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OverflowTest {
    private static final int LARGE = 50_000;

    private static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    void aSecondMessageIsRefusedUntilTheFirstIsPassedOn() {
        LoneChannel lone = new LoneChannel("capacity=4k");
        assertTrue(lone.channel.offer(new byte[LARGE]));
        assertFalse(lone.channel.offer(new byte[LARGE]));
        assertFalse(lone.channel.offer(new byte[1]), "a small one may not overtake");
        assertNull(lone.channel.tryClaim(1));
        assertEquals(RingLayout.WAIT_LINK, lone.producerWaiting(), "the peer is asked to report room");
        AtomicInteger received = new AtomicInteger();
        RingConsumer peer = lone.peerReads();
        while (received.get() == 0) {
            peer.poll((_, _, length) -> received.addAndGet(length) > 0, 10);
        }
        assertEquals(LARGE, received.get());
        assertTrue(lone.channel.offer(new byte[1]));
        assertEquals(2, lone.channel.stats().messagesSent());
        assertEquals(3, lone.channel.stats().backPressure());
    }

    @Test
    void aSendBehindItTimesOutAndSendsNothing() {
        LoneChannel lone = new LoneChannel("capacity=4k&send-timeout=20ms");
        assertTrue(lone.channel.offer(new byte[LARGE]));
        assertThrows(TimedOutException.class, () -> lone.channel.send(new byte[1]));
        assertEquals(1, lone.channel.stats().messagesSent());
        lone.channel.close();
        assertEquals(1, lone.released.get());
    }

    @Test
    void aPeerThatIsGoneTakesThePendingMessageWithIt() {
        LoneChannel lone = new LoneChannel("capacity=4k&send-timeout=forever");
        assertTrue(lone.channel.offer(new byte[LARGE]));
        lone.channel.onPeerGone();
        assertFalse(((Outbound) lone.channel.outbound()).overflow().isBusy());
        assertThrows(PeerLostException.class, () -> lone.channel.offer(new byte[1]));
        lone.channel.close();
        assertEquals(1, lone.released.get());
    }

    /// The producer goes back and forth between the sending thread and whichever thread passes on: here the receiver's.
    @ParameterizedTest
    @ValueSource(strings = {"threads=many", "threads=single"})
    void largeAndSmallMessagesArriveInOrderThoughTwoThreadsWriteThem(String threads) throws Exception {
        long seed = Seed.next("largeAndSmallMessagesArriveInOrderThoughTwoThreadsWriteThem");
        int count = 2_000;
        try (Endpoint endpoint = Ipc.bind("inproc:" + UUID.randomUUID() + "?capacity=4k");
                Channel client = Ipc.connect(endpoint.address().with("threads", threads.substring(8)));
                Channel server = endpoint.accept()) {
            FutureTask<?> sender = Eventually.start(() -> {
                for (int i = 0; i < count; i++) {
                    byte[] message = bytes(seed + i, length(i));
                    if (i % 3 == 0) {
                        client.send(message);
                    } else {
                        while (!client.offer(message)) {
                            Thread.yield();
                        }
                    }
                }
                return null;
            });
            for (int i = 0; i < count; i++) {
                Message message = server.receive(Duration.ofSeconds(20));
                assertArrayEquals(bytes(seed + i, length(i)), message.bytes(), "message " + i);
            }
            Eventually.get(sender);
        }
    }

    /// Each message is a little larger than the ring, so that the offering thread and the receiving one, which passes on
    /// what is left, meet in its midst; nothing else would go on with it.
    @Test
    void aLargeOfferIsPassedOnHoweverItMeetsThePeerThatTakesIt() throws Exception {
        int count = 20_000;
        try (Endpoint endpoint = Ipc.bind("inproc:" + UUID.randomUUID() + "?capacity=4k&wait=block");
                Channel client = Ipc.connect(endpoint.address());
                Channel server = endpoint.accept()) {
            FutureTask<?> sender = Eventually.start(() -> {
                byte[] message = new byte[6_000];
                SegmentBuffer buffer = new SegmentBuffer(message);
                for (int i = 0; i < count; i++) {
                    buffer.setMemory(0, message.length, (byte) i);
                    while (!client.offer(message)) {
                        Thread.onSpinWait();
                    }
                }
                return null;
            });
            byte[] expected = new byte[6_000];
            for (int i = 0; i < count; i++) {
                Arrays.fill(expected, (byte) i);
                assertArrayEquals(expected, server.receive(Duration.ofSeconds(15)).bytes(), "message " + i);
            }
            Eventually.get(sender);
        }
    }

    private static int length(int i) {
        return switch (i % 5) {
            case 0 -> 20_000 + i;
            case 1 -> 3_000;
            default -> i % 100;
        };
    }
}
