package io.sluice.ipc.ring;

import io.sluice.ipc.Address;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.StandardOptions;
import java.util.List;

/// The options of transports on rings.
public final class RingOptions {
    /// Bytes of each direction's ring; a power of two. The binding side's value counts.
    public static final Option<Integer> CAPACITY = Option.size(
            "capacity",
            256 << 10,
            RingLayout.MIN_CAPACITY,
            RingLayout.MAX_CAPACITY,
            "the ring of each direction, a power of two; the binding side's value counts");

    /// All that an address of a ring transport may have.
    public static final List<Option<?>> ALL = List.of(
            CAPACITY,
            StandardOptions.CONNECT_TIMEOUT,
            StandardOptions.MAX_MESSAGE,
            StandardOptions.SEND_TIMEOUT,
            StandardOptions.THREADS,
            StandardOptions.WAIT);

    private RingOptions() {}

    /// The capacity that an address asks for.
    ///
    /// @param address the address
    /// @return bytes, a power of two
    public static int capacity(Address address) {
        int capacity = CAPACITY.of(address);
        if (Integer.bitCount(capacity) != 1) {
            throw new InvalidAddressException(address + ": capacity=" + Quantities.size(capacity)
                    + " is no power of two; use " + Quantities.size(Integer.highestOneBit(capacity)) + " or "
                    + Quantities.size(Integer.highestOneBit(capacity) * 2L));
        }
        return capacity;
    }
}
