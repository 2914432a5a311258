package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.SegmentBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Line 1: a message arrives whole, as sent, up to `max-message`; a larger one is refused before a byte is written.
interface WholeMessages extends Line {
    /// Sizes at which alignment, headers and fragments begin and end, none beyond the limit.
    static int[] sizes(int limit) {
        IntStream special = IntStream.of(0, 1, 7, 8, 9, 63, 64, 65, 64 << 10, 1 << 20);
        IntStream powers = IntStream.rangeClosed(1, 17).flatMap(i -> IntStream.of((1 << i) - 1, 1 << i, (1 << i) + 1));
        return IntStream.concat(IntStream.concat(special, powers), IntStream.of(limit).filter(max -> max <= 1 << 20))
                .filter(size -> size <= limit)
                .sorted()
                .distinct()
                .toArray();
    }

    /// Passes a message of each size through the pair, from the client to the server.
    private static void pass(TestBed bed, Pair pair, int[] sizes, Sending sending, Receiving receiving)
            throws Exception {
        Task<Void> sender = bed.start(() -> {
            for (int i = 0; i < sizes.length; i++) {
                sending.pass(pair.client(), Traffic.bytes(1, i, sizes[i]));
            }
            return null;
        });
        for (int i = 0; i < sizes.length; i++) {
            Traffic.same("message " + i, Traffic.bytes(1, i, sizes[i]), receiving.take(pair.server()));
        }
        sender.get();
    }

    @ParameterizedTest
    @EnumSource
    default void aMessageOfAnySizeArrivesWholeHoweverItIsSent(Sending sending, TestBed bed) throws Exception {
        bed.assumePromised(Capability.RELIABLE, Capability.ORDERED, Capability.BOUNDED_MESSAGES);
        assumeTrue(sending.limit(bed.capabilities()) > 0, "it can be sent this way");
        try (Pair pair = bed.open()) {
            pass(bed, pair, sizes(sending.limit(pair.client().capabilities())), sending, Receiving.RECEIVE);
        }
    }

    @ParameterizedTest
    @EnumSource
    default void aMessageOfAnySizeArrivesWholeHoweverItIsReceived(Receiving receiving, TestBed bed) throws Exception {
        bed.assumePromised(Capability.RELIABLE, Capability.ORDERED, Capability.BOUNDED_MESSAGES);
        try (Pair pair = bed.open()) {
            pass(bed, pair, sizes(pair.client().capabilities().maxMessage()), Sending.SEND, receiving);
        }
    }

    @Test
    default void aMessageOfTheDefaultLargestSizeArrivesWhole(TestBed bed) throws Exception {
        bed.assumePromised(Capability.RELIABLE, Capability.BOUNDED_MESSAGES);
        try (Pair pair = bed.open()) {
            int largest = pair.client().capabilities().maxMessage();
            pass(bed, pair, new int[] {largest, 1, largest}, Sending.SEND, Receiving.RECEIVE);
        }
    }

    @Test
    default void everyKindOfBufferIsSentFromItsPositionToItsLimit(TestBed bed) throws Exception {
        bed.assumePromised(Capability.RELIABLE, Capability.ORDERED, Capability.BOUNDED_MESSAGES);
        try (Pair pair = bed.open();
                Arena arena = Arena.ofConfined()) {
            Channel from = pair.client();
            byte[] whole = Traffic.bytes(2, 0, 100);
            byte[] part = Arrays.copyOfRange(whole, 13, 13 + 70);
            ByteBuffer heap = ByteBuffer.wrap(whole).position(13).limit(83);
            ByteBuffer direct = ByteBuffer.allocateDirect(100).put(whole).position(13).limit(83);
            MemorySegment segment = arena.allocate(100).copyFrom(MemorySegment.ofArray(whole));
            MutableDirectBuffer buffer = new SegmentBuffer(new byte[128]);
            buffer.putBytes(0, whole);

            from.send(part);
            from.send(heap);
            from.send(direct);
            from.send(heap.slice().asReadOnlyBuffer());
            from.send(segment.asSlice(13, 70));
            from.send(MemorySegment.ofArray(whole).asSlice(13, 70));
            from.send(buffer, 13, 70);
            assertEquals(true, from.offer(part), "offer of an array");
            assertEquals(true, from.offer(heap), "offer of a heap buffer");
            assertEquals(true, from.offer(direct), "offer of a direct buffer");
            assertEquals(true, from.offer(segment.asSlice(13, 70)), "offer of a segment");
            assertEquals(true, from.offer(buffer, 13, 70), "offer of a buffer");
            for (int i = 0; i < 12; i++) {
                Traffic.same("message " + i, part, Receiving.RECEIVE.take(pair.server()));
            }
            assertEquals(13, heap.position(), "the position is left as it is");
            assertEquals(13, direct.position(), "the position is left as it is");
            assertArrayEquals(whole, heap.array(), "the sender's bytes are left as they are");
        }
    }

    /// And the memory is the sender's again when its send returns.
    @Test
    default void largeMessagesInNativeMemoryArriveWhole(TestBed bed) throws Exception {
        bed.assumePromised(Capability.RELIABLE, Capability.ORDERED, Capability.BOUNDED_MESSAGES);
        try (Pair pair = bed.open();
                Arena arena = Arena.ofShared()) {
            Channel from = pair.client();
            Channel to = pair.server();
            int largest = Math.min(1_000_000, from.capabilities().maxMessage());
            Traffic traffic = new Traffic(bed.seed(), largest / 64, largest);
            Task<Void> sender = bed.start(() -> {
                MemorySegment memory = arena.allocate(7L + largest);
                for (int i = 0; i < 50; i++) {
                    byte[] message = traffic.message(i);
                    MemorySegment segment = memory.asSlice(7, message.length);
                    segment.copyFrom(MemorySegment.ofArray(message));
                    from.send(segment);
                    segment.fill((byte) 0);
                }
                return null;
            });
            for (int i = 0; i < 50; i++) {
                traffic.check(i, Receiving.RECEIVE.take(to));
            }
            sender.get(Deadline.OF_TRAFFIC);
        }
    }

    @Test
    default void messagesOfRandomSizesArriveWholeBothWaysAtOnce(TestBed bed) throws Exception {
        bed.assumePromised(
                Capability.RELIABLE, Capability.ORDERED, Capability.BOUNDED_MESSAGES, Capability.BIDIRECTIONAL);
        try (Pair pair = bed.open()) {
            Random seeds = bed.random();
            int largest = Math.min(300_000, pair.client().capabilities().maxMessage());
            List<Task<Void>> tasks = new ArrayList<>();
            for (Side side : Side.values()) {
                long seed = seeds.nextLong();
                Traffic traffic = new Traffic(seed, 0, largest);
                tasks.add(bed.start(() -> {
                    Random ways = new Random(seed);
                    for (int i = 0; i < 3_000; i++) {
                        byte[] message = traffic.message(i);
                        Sending sending = Sending.values()[ways.nextInt(3)];
                        boolean fits = message.length <= sending.limit(side.of(pair).capabilities());
                        (fits ? sending : Sending.SEND).pass(side.of(pair), message);
                    }
                    return null;
                }));
                tasks.add(bed.start(() -> {
                    Random ways = new Random(~seed);
                    for (int i = 0; i < 3_000; i++) {
                        traffic.check(i, Receiving.values()[ways.nextInt(3)].take(side.peerOf(pair)));
                    }
                    return null;
                }));
            }
            for (Task<Void> task : tasks) {
                task.get(Deadline.OF_TRAFFIC);
            }
        }
    }

    @Test
    default void messagesOfRandomSizesArriveWholeInASecondJvmAndBack(TestBed bed) throws Exception {
        bed.assumePromised(
                Capability.CROSS_PROCESS, Capability.RELIABLE, Capability.ORDERED, Capability.BIDIRECTIONAL);
        Endpoint endpoint = bed.own(Ipc.bind(bed.address()));
        PeerProcess peer = bed.peer();
        peer.ask("connect", endpoint.address());
        peer.ask("echo");
        Channel channel = bed.accept(endpoint);
        Traffic traffic = new Traffic(bed.seed(), 0, Math.min(300_000, channel.capabilities().maxMessage()));
        Task<Void> sender = bed.start(() -> {
            for (int i = 0; i < 2_000; i++) {
                channel.send(traffic.message(i));
            }
            return null;
        });
        for (int i = 0; i < 2_000; i++) {
            traffic.check(i, Receiving.RECEIVE.take(channel));
        }
        sender.get();
    }

    @ParameterizedTest
    @EnumSource
    default void aMessageBeyondTheLimitIsRefusedAndNothingOfItArrives(Sending sending, TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        bed.assumePromised(Capability.BOUNDED_MESSAGES);
        assumeTrue(sending.limit(bed.capabilities()) > 0, "it can be sent this way");
        try (Pair pair = bed.open("max-message=10000")) {
            int limit = sending.limit(pair.client().capabilities());
            for (int beyond : new int[] {limit + 1, 2 * limit + 77}) {
                MessageTooLargeException refused = assertThrows(
                        MessageTooLargeException.class, () -> sending.pass(pair.client(), new byte[beyond]));
                assertEquals(true, refused.getMessage().contains(Integer.toString(limit)), refused::getMessage);
            }
            assertEquals(0, pair.client().stats().messagesSent(), "messages sent");
            pass(bed, pair, new int[] {limit}, sending, Receiving.RECEIVE);
            Sending.SEND.pass(pair.client(), new byte[] {1});
            Traffic.same("the next", new byte[] {1}, Receiving.RECEIVE.take(pair.server()));
        }
    }

    @Test
    default void theSmallerLimitOfBothSidesCountsOnBoth(TestBed bed) throws Exception {
        Endpoint endpoint = bed.own(Ipc.bind(bed.address("max-message=5000")));
        Channel client = bed.own(Ipc.connect(endpoint.address().with("max-message", "7000")));
        Channel server = bed.accept(endpoint);
        assertEquals(5_000, client.capabilities().maxMessage(), "where 7000 was asked");
        assertEquals(5_000, server.capabilities().maxMessage(), "where 5000 was asked");
        Channel modest = bed.own(Ipc.connect(endpoint.address().with("max-message", "3000")));
        Channel toModest = bed.accept(endpoint);
        assertEquals(3_000, modest.capabilities().maxMessage(), "where 3000 was asked");
        assertEquals(3_000, toModest.capabilities().maxMessage(), "where the peer asked 3000");
        assertThrows(MessageTooLargeException.class, () -> toModest.offer(new byte[3_001]));
    }

    @Test
    default void anAbortedClaimLeavesNothing(TestBed bed) throws Exception {
        int limit = bed.capabilities().maxClaim();
        assumeTrue(limit > 0, "it can claim");
        bed.assumeLoneMessagesArrive();
        try (Pair pair = bed.open()) {
            Random random = bed.random();
            for (int i = 0; i < 1_000; i++) {
                Claim claim = pair.client().tryClaim(random.nextInt(Math.min(limit, 2_000) + 1));
                claim.buffer().setMemory(claim.offset(), claim.length(), (byte) 0xEE);
                claim.abort();
                Traffic traffic = Traffic.fixed(bed.seed(), random.nextInt(Math.min(limit, 2_000) + 1));
                Sending.CLAIM.pass(pair.client(), traffic.message(i));
                traffic.check(i, Receiving.POLL.take(pair.server()));
            }
            assertEquals(1_000, pair.client().stats().messagesSent(), "aborted claims are not counted");
        }
    }

    @Test
    default void aClaimIsDoneWithOnceItIsCommittedOrAborted(TestBed bed) throws Exception {
        assumeTrue(bed.capabilities().maxClaim() >= 8, "it can claim");
        try (Pair pair = bed.open()) {
            Claim committed = pair.client().tryClaim(8);
            assertEquals(8, committed.length());
            committed.commit();
            assertThrows(IllegalStateException.class, committed::commit);
            assertThrows(IllegalStateException.class, committed::abort);
            Claim aborted = pair.client().tryClaim(8);
            aborted.abort();
            assertThrows(IllegalStateException.class, aborted::abort);
            assertThrows(IllegalStateException.class, aborted::commit);
        }
    }

    @Test
    default void aRangeOutsideOfTheBufferIsRefusedAndTheChannelGoesOn(TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        bed.assumePromised(Capability.BOUNDED_MESSAGES);
        try (Pair pair = bed.open()) {
            MutableDirectBuffer buffer = new SegmentBuffer(new byte[64]);
            for (int[] range : new int[][] {{0, -1}, {-1, 4}, {60, 5}, {8, Integer.MAX_VALUE}}) {
                if (range[1] <= pair.client().capabilities().maxMessage()) {
                    assertThrows(RuntimeException.class, () -> pair.client()
                            .offer(buffer, range[0], range[1]));
                }
            }
            buffer.putByte(5, (byte) 9);
            pair.client().send(buffer, 5, 1);
            Traffic.same("the next", new byte[] {9}, Receiving.RECEIVE.take(pair.server()));
        }
    }
}
