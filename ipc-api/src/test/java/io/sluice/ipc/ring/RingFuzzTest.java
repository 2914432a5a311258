package io.sluice.ipc.ring;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.SegmentBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A peer that scribbles over the ring: between the calls of this side, and in their midst. Whatever it writes, this side
/// finds the ring broken or delivers messages within the limits; nothing else, and nothing for ever.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RingFuzzTest {
    private static final int CAPACITY = RingLayout.MIN_CAPACITY;
    private static final int MAX_MESSAGE = 100_000;
    private static final int MUTATIONS = 1_000_000;
    private static final int PER_RING = 100;

    private final CountingLink link = new CountingLink();
    private final MemorySegment ring =
            Arena.ofShared().allocate(RingLayout.ringLength(CAPACITY), RingLayout.ALIGNMENT);
    private RingProducer producer;
    private RingConsumer consumer;
    private long delivered;
    private long broken;

    private void start() {
        ring.fill((byte) 0);
        producer = new RingProducer(ring, CAPACITY);
        consumer = new RingConsumer(
                ring, CAPACITY, MAX_MESSAGE, new PeerSignal(ring, RingLayout.PRODUCER_WAITING_OFFSET, link, true));
    }

    private boolean take(SegmentBuffer buffer, int offset, int length) {
        if (length < 0 || length > MAX_MESSAGE || offset < 0 || offset > buffer.capacity() - length) {
            throw new AssertionError("a message of " + length + " bytes at " + offset + " of " + buffer.capacity());
        }
        if (length > 0) {
            buffer.getByte(offset);
            buffer.getByte(offset + length - 1);
        }
        delivered++;
        return true;
    }

    /// @return whether the ring is still whole
    private boolean use(Random random) {
        try {
            switch (random.nextInt(4)) {
                case 0 -> {
                    int length = random.nextInt(RingLayout.maxPayload(CAPACITY) + 1);
                    int index = producer.reserve(length);
                    if (index >= 0) {
                        if (index < RingLayout.HEADER_LENGTH || index + length > CAPACITY) {
                            throw new AssertionError("room for " + length + " bytes at " + index);
                        }
                        producer.publish(RingLayout.TYPE_WHOLE, length);
                    }
                }
                case 1 -> producer.isReady(random.nextInt(RingLayout.maxPayload(CAPACITY)));
                default -> consumer.poll(this::take, 1 + random.nextInt(20));
            }
            return true;
        } catch (BrokenRingException e) {
            broken++;
            return false;
        }
    }

    private void mutate(Random random) {
        long at =
                switch (random.nextInt(8)) {
                    case 0 -> RingLayout.CONSUMER_POSITION_OFFSET;
                    case 1 -> random.nextInt(RingLayout.RECORDS_OFFSET / 8) * 8L;
                    default -> RingLayout.RECORDS_OFFSET + random.nextInt(CAPACITY / 8) * 8L;
                };
        long value =
                switch (random.nextInt(6)) {
                    case 0 -> random.nextLong();
                    case 1 -> random.nextInt(CAPACITY);
                    case 2 -> 0;
                    case 3 -> RingLayout.header(RingLayout.TYPE_FIRST, 8 + random.nextInt(200));
                    default -> RingLayout.header(random.nextInt(7), random.nextInt(random.nextInt(4) == 0 ? 8192 : 64));
                };
        RingLayout.LONG.setOpaque(ring, at, value);
    }

    private void report(String test) {
        System.out.println(test + ": " + delivered + " messages delivered, " + broken + " rings found broken");
        assertTrue(delivered > 0, "nothing was delivered");
        assertTrue(broken > 0, "nothing was found");
    }

    @Test
    void whatAPeerWritesBetweenCallsIsRefusedOrWithinTheLimits() {
        long seed = Seed.next("whatAPeerWritesBetweenCallsIsRefusedOrWithinTheLimits");
        Random random = new Random(seed);
        for (int done = 0; done < MUTATIONS; done += PER_RING) {
            start();
            for (int i = 0; i < PER_RING; i++) {
                mutate(random);
                if (!use(random)) {
                    start();
                }
            }
        }
        report("between calls");
    }

    @Test
    void whatAPeerWritesInTheMidstOfCallsIsRefusedOrWithinTheLimits() throws Exception {
        long seed = Seed.next("whatAPeerWritesInTheMidstOfCallsIsRefusedOrWithinTheLimits");
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong mutations = new AtomicLong();
        FutureTask<?> scribbler = Eventually.start(() -> {
            Random random = new Random(seed);
            while (!stop.get()) {
                mutate(random);
                mutations.incrementAndGet();
            }
            return null;
        });
        try {
            Random random = new Random(seed + 1);
            while (mutations.get() < MUTATIONS) {
                start();
                for (int i = 0; i < PER_RING && use(random); i++) {
                    // on, with what is left of the ring
                }
            }
        } finally {
            stop.set(true);
            Eventually.get(scribbler);
        }
        report("in the midst of calls");
    }
}
