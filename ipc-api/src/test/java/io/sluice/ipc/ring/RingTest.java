package io.sluice.ipc.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.SegmentBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One ring, its producer and its consumer, without a channel around them.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RingTest {
    private static final int CAPACITY = RingLayout.MIN_CAPACITY;
    private static final int MAX_MESSAGE = 1 << 20;

    private final CountingLink link = new CountingLink();

    private static MemorySegment memory(int capacity) {
        return Arena.ofAuto().allocate(RingLayout.ringLength(capacity), RingLayout.ALIGNMENT);
    }

    private RingConsumer consumer(MemorySegment ring, int capacity) {
        return new RingConsumer(
                ring, capacity, MAX_MESSAGE, new PeerSignal(ring, RingLayout.PRODUCER_WAITING_OFFSET, link, true));
    }

    private static boolean offer(RingProducer producer, int type, byte[] payload) {
        int index = producer.reserve(payload.length);
        if (index < 0) {
            return false;
        }
        producer.buffer().putBytes(index, payload);
        producer.publish(type, payload.length);
        return true;
    }

    private static List<byte[]> poll(RingConsumer consumer, int limit) {
        List<byte[]> taken = new ArrayList<>();
        consumer.poll(
                (buffer, offset, length) -> {
                    byte[] message = new byte[length];
                    buffer.getBytes(offset, message);
                    return taken.add(message);
                },
                limit);
        return taken;
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static int waiting(MemorySegment ring) {
        return (int) RingLayout.INT.getVolatile(ring, (long) RingLayout.PRODUCER_WAITING_OFFSET);
    }

    /// What a sender does: tries, else says that it sleeps and looks once more whether it would get on.
    ///
    /// @return whether it sleeps now
    private static boolean sleepsFor(MemorySegment ring, RingProducer producer, int payload) {
        for (int i = 0; i < 3; i++) {
            if (producer.reserve(payload) >= 0) {
                producer.abandon();
                return false;
            }
            RingLayout.INT.setVolatile(ring, (long) RingLayout.PRODUCER_WAITING_OFFSET, RingLayout.WAIT_LINK);
            if (!producer.isReady(payload)) {
                return true;
            }
        }
        throw new AssertionError("a sender of " + payload + " bytes is always ready, and never gets on");
    }

    // ---- one thread, against a queue

    /// Whatever is put, refused, abandoned, polled in parts and left where it is: the ring is a bounded queue, and a producer that
    /// went to sleep is woken before the ring is empty.
    @Test
    void aRingIsABoundedQueueAndWakesItsProducer() {
        long seed = Seed.next("aRingIsABoundedQueueAndWakesItsProducer");
        for (int round = 0; round < 30; round++) {
            Random random = new Random(seed + round);
            int capacity = RingLayout.MIN_CAPACITY << random.nextInt(5);
            new Model(random, capacity).run("seed " + seed + ", round " + round);
        }
    }

    private final class Model {
        final Random random;
        final int capacity;
        final MemorySegment ring;
        final RingProducer producer;
        final RingConsumer consumer;
        final Deque<byte[]> queue = new ArrayDeque<>();
        boolean asleep;
        int wanted;

        Model(Random random, int capacity) {
            this.random = random;
            this.capacity = capacity;
            this.ring = memory(capacity);
            this.producer = new RingProducer(ring, capacity);
            this.consumer = consumer(ring, capacity);
        }

        void run(String what) {
            for (int step = 0; step < 4_000; step++) {
                switch (random.nextInt(4)) {
                    case 0, 1 -> put(what);
                    case 2 -> take(random.nextInt(4), what);
                    default -> take(random.nextBoolean() ? 1_000_000 : random.nextInt(64), what);
                }
            }
            while (!queue.isEmpty()) {
                take(100, what);
            }
            take(100, what); // padding may be left
            assertFalse(consumer.isReady(), what);
        }

        void put(String what) {
            if (asleep) {
                return;
            }
            int most = RingLayout.maxPayload(capacity);
            if (random.nextInt(4) == 0) {
                abandon(random.nextInt(most >> random.nextInt(9)) + 1);
            }
            int length =
                    random.nextInt(3) == 0 ? most - random.nextInt(64) : random.nextInt(most >> random.nextInt(9)) + 1;
            byte[] message = bytes(random, random.nextInt(50) == 0 ? 0 : length);
            if (offer(producer, RingLayout.TYPE_WHOLE, message)) {
                queue.add(message);
                return;
            }
            assertFalse(queue.isEmpty(), () -> what + ": an empty ring has no room for " + message.length);
            if (random.nextBoolean() && sleepsFor(ring, producer, message.length)) {
                asleep = true;
                wanted = message.length;
            }
        }

        /// Leaves bytes behind that look like anything but a free place.
        void abandon(int length) {
            int index = producer.reserve(length);
            if (index >= 0) {
                producer.buffer().setMemory(index, length, (byte) 1);
                producer.abandon();
            }
        }

        void take(int limit, String what) {
            int refuseAfter = random.nextInt(5) == 0 ? random.nextInt(3) : Integer.MAX_VALUE;
            int[] seen = new int[1];
            int taken = consumer.poll(
                    (buffer, offset, length) -> {
                        byte[] message = new byte[length];
                        buffer.getBytes(offset, message);
                        assertArrayEquals(queue.peek(), message, what);
                        if (seen[0]++ == refuseAfter) {
                            return false;
                        }
                        queue.remove();
                        return true;
                    },
                    limit);
            assertEquals(Math.min(seen[0], refuseAfter), taken, what);
            asleep &= waiting(ring) != RingLayout.WAIT_NONE;
            if (asleep && queue.isEmpty()) {
                throw new AssertionError(
                        what + ": the ring is empty, and its producer sleeps on, waiting for " + wanted + " bytes");
            }
        }
    }

    /// As the model test, but the consumer reads little by little, finds the ring empty each time, and signals nothing
    /// for that: the producer must not have gone to sleep then.
    @Test
    void aProducerThatWaitsForTheLargestRecordIsWokenThoughLittleWasUnread() {
        for (int index = 0; index < CAPACITY; index += 8) {
            MemorySegment ring = memory(CAPACITY);
            RingProducer producer = new RingProducer(ring, CAPACITY);
            RingConsumer consumer = consumer(ring, CAPACITY);
            moveTo(producer, consumer, index);
            assertTrue(offer(producer, RingLayout.TYPE_WHOLE, new byte[16]));
            int largest = RingLayout.maxPayload(CAPACITY);
            if (sleepsFor(ring, producer, largest)) {
                poll(consumer, 1_000);
                assertEquals(RingLayout.WAIT_NONE, waiting(ring), "not woken; the record started at " + index);
            }
        }
    }

    /// Brings an empty ring to where the next record has an index.
    private static void moveTo(RingProducer producer, RingConsumer consumer, int index) {
        for (int at = 0; at < index;) {
            int record = Math.min(1024, index - at);
            assertTrue(offer(producer, RingLayout.TYPE_WHOLE, new byte[record - RingLayout.HEADER_LENGTH]));
            assertEquals(1, poll(consumer, 10).size());
            at += record;
        }
    }

    // ---- the end of the ring

    @Test
    void theLargestPayloadFitsIntoAnEmptyRingWhereverItStarts() {
        byte[] largest = bytes(new Random(1), RingLayout.maxPayload(CAPACITY));
        for (int index = 0; index < CAPACITY; index += 8) {
            MemorySegment ring = memory(CAPACITY);
            RingProducer producer = new RingProducer(ring, CAPACITY);
            RingConsumer consumer = consumer(ring, CAPACITY);
            moveTo(producer, consumer, index);
            for (int i = 0; i < 5; i++) {
                assertTrue(offer(producer, RingLayout.TYPE_WHOLE, largest), "at index " + index);
                List<byte[]> taken = poll(consumer, 10);
                assertEquals(1, taken.size(), "at index " + index);
                assertArrayEquals(largest, taken.getFirst());
            }
        }
    }

    @Test
    void aRecordThatEndsExactlyAtTheEndNeedsNoPaddingAndTheNextStartsAtTheBeginning() {
        MemorySegment ring = memory(CAPACITY);
        RingProducer producer = new RingProducer(ring, CAPACITY);
        RingConsumer consumer = consumer(ring, CAPACITY);
        moveTo(producer, consumer, CAPACITY - 64);
        assertEquals(CAPACITY - 64 + RingLayout.HEADER_LENGTH, producer.reserve(56));
        producer.publish(RingLayout.TYPE_WHOLE, 56);
        assertEquals(RingLayout.HEADER_LENGTH, producer.reserve(3), "the index of the next payload");
        producer.publish(RingLayout.TYPE_WHOLE, 3);
        assertEquals(2, poll(consumer, 10).size());
    }

    @Test
    void oneSlotLeftAtTheEndIsPaddedByAHeaderAlone() {
        MemorySegment ring = memory(CAPACITY);
        RingProducer producer = new RingProducer(ring, CAPACITY);
        RingConsumer consumer = consumer(ring, CAPACITY);
        moveTo(producer, consumer, CAPACITY - 8);
        assertTrue(offer(producer, RingLayout.TYPE_WHOLE, new byte[] {1}));
        assertArrayEquals(new byte[] {1}, poll(consumer, 10).getFirst());
        moveTo(producer, consumer, CAPACITY - 24);
        assertTrue(offer(producer, RingLayout.TYPE_WHOLE, new byte[0]), "an empty message in the slot before the last");
        assertTrue(offer(producer, RingLayout.TYPE_WHOLE, new byte[0]), "one in the last slot");
        assertTrue(offer(producer, RingLayout.TYPE_WHOLE, new byte[0]), "one at the beginning");
        assertEquals(3, poll(consumer, 10).size());
    }

    @Test
    void aFullRingKeepsOneHeaderFreeSoThatTheOldestRecordStays() {
        for (int length = 0; length < 200; length++) {
            MemorySegment ring = memory(CAPACITY);
            RingProducer producer = new RingProducer(ring, CAPACITY);
            RingConsumer consumer = consumer(ring, CAPACITY);
            moveTo(producer, consumer, 512);
            byte[] message = bytes(new Random(length), length);
            int count = 0;
            while (offer(producer, RingLayout.TYPE_WHOLE, message)) {
                count++;
            }
            assertTrue(count * (length + 15) > CAPACITY / 2, "the ring is not full at " + count);
            List<byte[]> taken = poll(consumer, 10_000);
            assertEquals(count, taken.size(), "of messages of " + length);
            taken.forEach(one -> assertArrayEquals(message, one));
        }
    }

    @Test
    void whatAnEarlierLapLeftIsNeverTakenForARecord() {
        MemorySegment ring = memory(CAPACITY);
        RingProducer producer = new RingProducer(ring, CAPACITY);
        RingConsumer consumer = consumer(ring, CAPACITY);
        byte[] looksLikeHeaders = new byte[1016];
        SegmentBuffer buffer = new SegmentBuffer(looksLikeHeaders);
        for (int i = 0; i < looksLikeHeaders.length; i += 8) {
            buffer.putLong(i, RingLayout.header(RingLayout.TYPE_WHOLE, 0));
        }
        for (int i = 0; i < 100; i++) {
            assertTrue(offer(producer, RingLayout.TYPE_WHOLE, looksLikeHeaders));
            assertEquals(1, poll(consumer, 10).size());
            assertTrue(offer(producer, RingLayout.TYPE_WHOLE, new byte[i % 50]));
            assertEquals(1, poll(consumer, 10).size());
            assertFalse(consumer.isReady());
        }
    }

    @Test
    void aReservationThatIsAbandonedLeavesNothingAndIsMadeAgain() {
        MemorySegment ring = memory(CAPACITY);
        RingProducer producer = new RingProducer(ring, CAPACITY);
        RingConsumer consumer = consumer(ring, CAPACITY);
        moveTo(producer, consumer, CAPACITY - 64);
        int index = producer.reserve(100);
        producer.buffer().setMemory(index, 100, (byte) -1);
        producer.abandon();
        assertEquals(0, poll(consumer, 10).size());
        assertEquals(index, producer.reserve(90));
        producer.abandon();
        assertTrue(offer(producer, RingLayout.TYPE_WHOLE, new byte[1]));
        assertEquals(1, poll(consumer, 10).size());
    }

    // ---- fragments

    private static byte[] first(int whole, int part) {
        byte[] payload = new byte[RingLayout.FRAGMENTED_LENGTH + part];
        new SegmentBuffer(payload).putLong(0, whole);
        return payload;
    }

    @ParameterizedTest
    @ValueSource(ints = {RingLayout.TYPE_WHOLE, RingLayout.TYPE_FIRST})
    void anAbandonedMessageIsVoidedByTheNextOne(int next) {
        MemorySegment ring = memory(CAPACITY);
        RingProducer producer = new RingProducer(ring, CAPACITY);
        RingConsumer consumer = consumer(ring, CAPACITY);
        assertTrue(offer(producer, RingLayout.TYPE_FIRST, first(1000, 500)));
        assertTrue(offer(producer, RingLayout.TYPE_MIDDLE, new byte[100]));
        assertEquals(0, poll(consumer, 10).size());
        if (next == RingLayout.TYPE_FIRST) {
            assertTrue(offer(producer, RingLayout.TYPE_FIRST, first(11, 10)));
            assertTrue(offer(producer, RingLayout.TYPE_LAST, new byte[1]));
        } else {
            assertTrue(offer(producer, RingLayout.TYPE_WHOLE, new byte[11]));
        }
        List<byte[]> taken = poll(consumer, 10);
        assertEquals(1, taken.size());
        assertEquals(11, taken.getFirst().length);
        assertTrue(offer(producer, RingLayout.TYPE_MIDDLE, new byte[1]));
        assertThrows(BrokenRingException.class, () -> poll(consumer, 10));
    }

    @Test
    void aRejoinedMessageThatIsRefusedOrWhoseHandlerThrowsIsHandedOverAgainOrNeverAgain() {
        MemorySegment ring = memory(CAPACITY);
        RingProducer producer = new RingProducer(ring, CAPACITY);
        RingConsumer consumer = consumer(ring, CAPACITY);
        assertTrue(offer(producer, RingLayout.TYPE_FIRST, first(5, 4)));
        assertTrue(offer(producer, RingLayout.TYPE_LAST, new byte[] {9}));
        assertTrue(offer(producer, RingLayout.TYPE_WHOLE, new byte[1]));
        for (int i = 0; i < 3; i++) {
            assertEquals(0, consumer.poll((_, _, _) -> false, 10));
            assertTrue(consumer.isReady());
        }
        assertThrows(
                ArithmeticException.class,
                () -> consumer.poll(
                        (buffer, offset, length) -> {
                            assertEquals(5, length);
                            assertEquals(9, buffer.getByte(offset + 4));
                            throw new ArithmeticException("thrown on purpose");
                        },
                        10));
        assertEquals(1, poll(consumer, 10).getFirst().length, "the next message");
    }

    @Test
    void aMessageOfExactlyTheLimitIsTakenAndOneByteMoreIsRefused() {
        for (int over = 0; over <= 1; over++) {
            MemorySegment ring = memory(CAPACITY);
            RingProducer producer = new RingProducer(ring, CAPACITY);
            RingConsumer consumer = new RingConsumer(
                    ring,
                    CAPACITY,
                    1000,
                    new PeerSignal(ring, RingLayout.PRODUCER_WAITING_OFFSET, link, true));
            assertTrue(offer(producer, RingLayout.TYPE_WHOLE, new byte[1000 + over]));
            assertTrue(offer(producer, RingLayout.TYPE_FIRST, first(1000 + over, 999)));
            assertTrue(offer(producer, RingLayout.TYPE_LAST, new byte[1 + over]));
            if (over == 0) {
                assertEquals(2, poll(consumer, 10).size());
            } else {
                assertThrows(BrokenRingException.class, () -> poll(consumer, 10));
            }
        }
    }

    @Test
    void fragmentsThatDoNotAddUpAreRefused() {
        record Fragment(int type, byte[] payload) {}
        List<List<Fragment>> wrong = List.of(
                List.of(new Fragment(RingLayout.TYPE_MIDDLE, new byte[1])),
                List.of(new Fragment(RingLayout.TYPE_LAST, new byte[0])),
                List.of(new Fragment(RingLayout.TYPE_FIRST, new byte[7])),
                List.of(new Fragment(RingLayout.TYPE_FIRST, first(0, 0))),
                List.of(new Fragment(RingLayout.TYPE_FIRST, first(-1, 0))),
                List.of(new Fragment(RingLayout.TYPE_FIRST, first(MAX_MESSAGE + 1, 0))),
                List.of(new Fragment(RingLayout.TYPE_FIRST, first(5, 5))),
                List.of(new Fragment(RingLayout.TYPE_FIRST, first(5, 6))),
                List.of(
                        new Fragment(RingLayout.TYPE_FIRST, first(5, 2)),
                        new Fragment(RingLayout.TYPE_LAST, new byte[2])),
                List.of(
                        new Fragment(RingLayout.TYPE_FIRST, first(5, 2)),
                        new Fragment(RingLayout.TYPE_LAST, new byte[4])),
                List.of(
                        new Fragment(RingLayout.TYPE_FIRST, first(5, 2)),
                        new Fragment(RingLayout.TYPE_MIDDLE, new byte[3])),
                List.of(new Fragment(0, new byte[8])),
                List.of(new Fragment(6, new byte[8])),
                List.of(new Fragment(-1, new byte[8])));
        for (List<Fragment> fragments : wrong) {
            MemorySegment ring = memory(CAPACITY);
            RingProducer producer = new RingProducer(ring, CAPACITY);
            RingConsumer consumer = consumer(ring, CAPACITY);
            for (Fragment fragment : fragments) {
                assertTrue(offer(producer, fragment.type, fragment.payload));
            }
            assertThrows(BrokenRingException.class, () -> poll(consumer, 10), fragments::toString);
        }
    }

    // ---- a peer that lies

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, CAPACITY - 7, CAPACITY, Integer.MAX_VALUE})
    void aLengthThatLeavesTheRingIsRefused(int length) {
        MemorySegment ring = memory(CAPACITY);
        RingConsumer consumer = consumer(ring, CAPACITY);
        for (int type = 0; type <= 6; type++) {
            long header = (long) type << 32 | length & 0xFFFF_FFFFL;
            RingLayout.LONG.setVolatile(ring, (long) RingLayout.RECORDS_OFFSET, header);
            assertThrows(BrokenRingException.class, () -> poll(consumer, 10), "type " + type);
        }
    }

    @Test
    void aReadPositionThatGoesBackOrAheadOfTheProducerIsRefused() {
        for (long lie : new long[] {-1, Long.MIN_VALUE, 513, 5000, Long.MAX_VALUE}) {
            MemorySegment ring = memory(CAPACITY);
            RingProducer producer = new RingProducer(ring, CAPACITY);
            moveTo(producer, consumer(ring, CAPACITY), 512);
            RingLayout.LONG.setVolatile(ring, (long) RingLayout.CONSUMER_POSITION_OFFSET, lie);
            assertThrows(BrokenRingException.class, producer::roomAfterLookingUp, "position " + lie);
        }
        MemorySegment ring = memory(CAPACITY);
        RingProducer producer = new RingProducer(ring, CAPACITY);
        moveTo(producer, consumer(ring, CAPACITY), 512);
        producer.roomAfterLookingUp();
        RingLayout.LONG.setVolatile(ring, (long) RingLayout.CONSUMER_POSITION_OFFSET, 504L);
        assertThrows(BrokenRingException.class, producer::roomAfterLookingUp);
    }

    @ParameterizedTest
    @ValueSource(ints = {RingLayout.TYPE_PADDING, RingLayout.TYPE_MIDDLE})
    void aRingFullOfNothingKeepsAPollNoLongerThanALap(int type) {
        MemorySegment ring = memory(CAPACITY);
        RingConsumer consumer = consumer(ring, CAPACITY);
        RingProducer producer = new RingProducer(ring, CAPACITY);
        assertTrue(offer(producer, RingLayout.TYPE_FIRST, first(100, 0)));
        assertEquals(0, consumer.poll((_, _, _) -> true, 1));
        for (int index = 0; index < CAPACITY; index += 8) {
            RingLayout.LONG.setVolatile(ring, (long) RingLayout.RECORDS_OFFSET + index, RingLayout.header(type, 0));
        }
        for (int i = 0; i < 10; i++) {
            assertEquals(0, consumer.poll((_, _, _) -> true, 1));
        }
    }

    // ---- two threads

    @ParameterizedTest
    @ValueSource(ints = {4 << 10, 16 << 10, 64 << 10})
    void aMillionMessagesCrossBetweenTwoThreadsUnharmed(int capacity) throws Exception {
        long seed = Seed.next("aMillionMessagesCrossBetweenTwoThreadsUnharmed");
        int count = capacity == 64 << 10 ? 1_000_000 : 100_000;
        MemorySegment ring = memory(capacity);
        FutureTask<?> producing = Eventually.start(() -> {
            RingProducer producer = new RingProducer(ring, capacity);
            Random random = new Random(seed);
            for (int i = 0; i < count; i++) {
                int length = length(random, capacity);
                int index;
                while ((index = producer.reserve(length)) < 0) {
                    Thread.yield();
                }
                SegmentBuffer buffer = producer.buffer();
                for (int at = 0; at + 8 <= length; at += 8) {
                    buffer.putLong(index + at, seed + i * 31L + at);
                }
                producer.publish(RingLayout.TYPE_WHOLE, length);
            }
            return null;
        });
        RingConsumer consumer = consumer(ring, capacity);
        Random random = new Random(seed);
        int[] next = new int[1];
        while (next[0] < count) {
            int taken = consumer.poll(
                    (buffer, offset, length) -> {
                        int i = next[0]++;
                        if (length(random, capacity) != length) {
                            throw new AssertionError("message " + i + " has " + length + " bytes");
                        }
                        for (int at = 0; at + 8 <= length; at += 8) {
                            if (buffer.getLong(offset + at) != seed + i * 31L + at) {
                                throw new AssertionError("message " + i + " differs at byte " + at);
                            }
                        }
                        return true;
                    },
                    100);
            if (taken == 0) {
                if (producing.isDone()) {
                    Eventually.get(producing);
                }
                Thread.yield();
            }
        }
        Eventually.get(producing);
        assertFalse(consumer.isReady());
    }

    private static int length(Random random, int capacity) {
        return random.nextInt(100) == 0
                ? random.nextInt(RingLayout.maxPayload(capacity) + 1)
                : random.nextInt(random.nextInt(10) == 0 ? 512 : 48);
    }
}
