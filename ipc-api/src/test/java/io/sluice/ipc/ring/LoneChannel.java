package io.sluice.ipc.ring;

import io.sluice.ipc.Address;
import io.sluice.ipc.spi.StandardOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/// A channel whose peer is the test: it sees the memory of both rings, and what the channel asks of its link.
final class LoneChannel extends CountingLink {
    final MemorySegment outbound;
    final MemorySegment inbound;
    final int capacity;
    final RingChannel channel;

    /// As if the peer still mapped the memory when the channel has released it.
    boolean keepsMemory;
    /// Has the peer leave the memory, which is its own business.
    Runnable beforeUnmapping = () -> {};

    private final Arena arena;

    LoneChannel(String options) {
        this(options, Arena.ofShared());
    }

    private LoneChannel(String options, Arena arena) {
        this(options, arena, arena.allocate(2 * length(options), RingLayout.ALIGNMENT));
    }

    LoneChannel(String options, Arena arena, MemorySegment memory) {
        Address address = address(options);
        this.arena = arena;
        capacity = RingOptions.capacity(address);
        long length = RingLayout.ringLength(capacity);
        outbound = memory.asSlice(0, length);
        inbound = memory.asSlice(length, length);
        int maxMessage = StandardOptions.MAX_MESSAGE.of(address);
        RingPlan plan = RingPlan.of(address, outbound, inbound, capacity, 0, maxMessage, true);
        channel = new RingChannel(address, plan, this, Set.of());
    }

    static long length(String options) {
        return RingLayout.ringLength(RingOptions.capacity(address(options)));
    }

    private static Address address(String options) {
        return Address.parse("inproc:lone?" + options);
    }

    // ---- what the peer does

    /// The peer's writing end, as of now.
    RingProducer peerWrites() {
        return new RingProducer(inbound, capacity);
    }

    /// The peer's reading end, as of now.
    RingConsumer peerReads() {
        Link toChannel = new CountingLink() {
            @Override
            public void notifyPeer() {
                channel.onNotified();
            }
        };
        return new RingConsumer(
                outbound,
                capacity,
                1 << 30,
                new PeerSignal(outbound, RingLayout.PRODUCER_WAITING_OFFSET, toChannel, true));
    }

    static void put(RingProducer producer, int type, byte[] payload) {
        int index = producer.reserve(payload.length);
        if (index < 0) {
            throw new AssertionError("no room for " + payload.length + " bytes");
        }
        producer.buffer().putBytes(index, payload);
        producer.publish(type, payload.length);
    }

    /// Claims to have read what nobody has written.
    void scribbleOverReadPosition() {
        RingLayout.LONG.setVolatile(outbound, (long) RingLayout.CONSUMER_POSITION_OFFSET, Long.MAX_VALUE / 2);
    }

    /// Writes a header that cannot be where the channel reads first.
    void scribbleOverFirstHeader() {
        RingLayout.LONG.setVolatile(inbound, (long) RingLayout.RECORDS_OFFSET, RingLayout.header(1, 1 << 30));
    }

    int producerWaiting() {
        return (int) RingLayout.INT.getVolatile(outbound, (long) RingLayout.PRODUCER_WAITING_OFFSET);
    }

    int producerClosed() {
        return (int) RingLayout.INT.getVolatile(outbound, (long) RingLayout.PRODUCER_CLOSED_OFFSET);
    }

    /// Offers until there is no room.
    void fill(int length) {
        while (channel.offer(new byte[length])) {
            // on
        }
    }

    @Override
    public void release() {
        super.release();
        if (released.get() == 1 && !keepsMemory) {
            beforeUnmapping.run();
            arena.close();
        }
    }
}
