package io.sluice.ipc.ring;

import io.sluice.ipc.Address;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.spi.WaitStrategy;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/// What the two sides have agreed on for a channel, as one of them sees it.
///
/// @param outbound the ring that this side writes
/// @param inbound the ring that this side reads
/// @param capacity of each ring's records, in bytes
/// @param slot the channel's bit in the doorbell of the endpoint
/// @param maxMessage the largest message that both sides take, in bytes
/// @param peerSleeps whether threads of the peer ever sleep until a message comes
/// @param waiting how this side waits
/// @param single whether at most one thread sends and at most one receives
/// @param sendTimeoutNanos how long a send waits for room; `Long.MAX_VALUE` for ever
public record RingPlan(
        MemorySegment outbound,
        MemorySegment inbound,
        int capacity,
        int slot,
        int maxMessage,
        boolean peerSleeps,
        WaitStrategy waiting,
        boolean single,
        long sendTimeoutNanos) {

    /// Completes what was agreed on by what the address says of this side alone.
    ///
    /// @param address this side's address
    /// @param outbound the ring that this side writes
    /// @param inbound the ring that this side reads
    /// @param capacity of each ring's records, in bytes
    /// @param slot the channel's bit in the doorbell of the endpoint
    /// @param maxMessage the largest message that both sides take, in bytes
    /// @param peerSleeps whether threads of the peer ever sleep until a message comes
    /// @return the plan
    public static RingPlan of(
            Address address,
            MemorySegment outbound,
            MemorySegment inbound,
            int capacity,
            int slot,
            int maxMessage,
            boolean peerSleeps) {
        Duration timeout = StandardOptions.SEND_TIMEOUT.of(address);
        return new RingPlan(
                outbound,
                inbound,
                capacity,
                slot,
                maxMessage,
                peerSleeps,
                StandardOptions.WAIT.of(address),
                StandardOptions.THREADS.of(address) == StandardOptions.Threads.SINGLE,
                Deadline.nanos(timeout));
    }
}
