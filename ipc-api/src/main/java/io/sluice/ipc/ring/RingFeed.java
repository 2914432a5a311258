package io.sluice.ipc.ring;

import io.sluice.ipc.Address;
import io.sluice.ipc.spi.WaitStrategy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// The ring that a transport fills itself, from whatever its messages arrive in: a channel's [Inbound] takes them out, waits for
/// them and is served as where the peer writes into the ring.
///
/// What finds no room is not put there; nobody waits. For one thread at a time.
public final class RingFeed {
    private final MemorySegment ring;
    private final int capacity;
    private final RingProducer producer;
    private final PeerSignal arrived;

    /// @param arena whose memory the ring is in
    /// @param capacity of the ring's records, in bytes; a power of two
    /// @param link wakes the channel's own threads: its [Link#notifyPeer()] is to call [RingChannel#onNotified()] there
    /// @param waiting how those wait
    public RingFeed(Arena arena, int capacity, Link link, WaitStrategy waiting) {
        this.ring = arena.allocate(RingLayout.ringLength(capacity), RingLayout.ALIGNMENT);
        this.capacity = capacity;
        this.producer = new RingProducer(ring, capacity);
        this.arrived =
                new PeerSignal(ring, RingLayout.CONSUMER_WAITING_OFFSET, link, waiting != WaitStrategy.SPIN);
    }

    /// The least capacity of a ring that a message fits into, and not less than what is asked for.
    ///
    /// @param asked in bytes
    /// @param message the largest message, in bytes
    /// @return bytes, a power of two
    public static int capacity(int asked, int message) {
        int capacity = Math.max(RingLayout.MIN_CAPACITY, Integer.highestOneBit(asked));
        while (capacity < asked || RingLayout.maxPayload(capacity) < message) {
            capacity *= 2;
        }
        return capacity;
    }

    /// The plan of a channel that receives from this ring.
    ///
    /// @param address this side's address
    /// @param slot the channel's bit in the doorbell of the endpoint
    /// @param maxMessage the largest message, in bytes
    /// @return the plan, whose outbound ring is the same one and is not to be used
    public RingPlan plan(Address address, int slot, int maxMessage) {
        return RingPlan.of(address, ring, ring, capacity, slot, maxMessage, true);
    }

    /// Puts a message into the ring and wakes who waits for it.
    ///
    /// @param source holds it; its position does not count
    /// @param offset where it starts
    /// @param length its length in bytes
    /// @return false if there is no room
    public boolean put(ByteBuffer source, int offset, int length) {
        int index = producer.reserve(length);
        if (index < 0) {
            return false;
        }
        producer.buffer().putBytes(index, source, offset, length);
        producer.publish(RingLayout.TYPE_WHOLE, length);
        arrived.changed();
        return true;
    }

    /// The peer has closed in order: nothing is put there any more.
    public void close() {
        producer.close(RingLayout.CLOSED_IN_ORDER);
    }
}
