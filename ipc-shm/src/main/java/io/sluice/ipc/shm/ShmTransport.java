package io.sluice.ipc.shm;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.ring.RingOptions;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.spi.Transport;
import io.sluice.ipc.spi.WaitStrategy;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// `shm:NAME`: channels in shared memory.
public final class ShmTransport implements Transport {
    static final Set<Capability> PROMISES = Set.of(
            Capability.ORDERED,
            Capability.RELIABLE,
            Capability.BIDIRECTIONAL,
            Capability.BOUNDED_MESSAGES,
            Capability.CROSS_PROCESS,
            Capability.ZERO_COPY,
            Capability.ALLOCATION_FREE,
            Capability.PROVES_DEATH,
            Capability.PROVES_USER);

    private static final Option<String> GROUP = Option.text(
            "group",
            "",
            "the name of a group",
            "opens the endpoint to the members of a group; both sides give it, and ipc.dir names a directory that they"
                    + " can enter");

    /// For [java.util.ServiceLoader].
    public ShmTransport() {}

    @Override
    public List<String> schemes() {
        return List.of("shm");
    }

    @Override
    public List<Option<?>> options() {
        return Stream.concat(RingOptions.ALL.stream(), Stream.of(GROUP)).toList();
    }

    @Override
    public String synchronisation() {
        return "lock-free ring, futex";
    }

    @Override
    public Endpoint bind(Address address) {
        return ShmEndpoint.bind(address);
    }

    @Override
    public Channel connect(Address address) throws InterruptedException {
        return new ShmConnect(address).connect();
    }

    static Optional<String> group(Address address) {
        return Optional.of(GROUP.of(address)).filter(group -> !group.isEmpty());
    }

    static boolean sleeps(Address address) {
        return StandardOptions.WAIT.of(address) != WaitStrategy.SPIN;
    }
}
