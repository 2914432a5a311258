package io.sluice.ipc.pipe;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capability;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.stream.Carrier;
import io.sluice.ipc.os.stream.Conduit;
import io.sluice.ipc.os.stream.RendezvousNames;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.stream.Hello;
import java.util.Optional;
import java.util.Set;

/// Carries the bytes in the very pipes over which client and endpoint have met.
final class PipeCarrier implements Carrier {
    static final PipeCarrier INSTANCE = new PipeCarrier();

    static final Set<Capability> PROMISES = Set.of(
            Capability.ORDERED,
            Capability.RELIABLE,
            Capability.BIDIRECTIONAL,
            Capability.BOUNDED_MESSAGES,
            Capability.CROSS_PROCESS,
            Capability.ALLOCATION_FREE,
            Capability.PROVES_DEATH);

    /// What a pipe holds; the system's own default is left as it is.
    static final Option<Integer> CAPACITY = Option.size(
            "capacity",
            64 << 10,
            4 << 10,
            1 << 20,
            "what the pipe that this side writes to holds, if the system allows it; see pipe(7)");

    private PipeCarrier() {}

    @Override
    public Set<Capability> promises() {
        return PROMISES;
    }

    /// What the binding side, or a parent, says first.
    static Hello hello(Address address) {
        Direction direction = Direction.OPTION.of(address);
        return Hello.of(direction.goesOut(), direction.goesIn(), StandardOptions.MAX_MESSAGE.of(address));
    }

    @Override
    public Hello hello(Address address, boolean binding) {
        if (binding) {
            return hello(address);
        }
        Direction direction = Direction.OPTION.of(address);
        return Hello.of(direction.goesIn(), direction.goesOut(), StandardOptions.MAX_MESSAGE.of(address));
    }

    @Override
    public boolean keepsNames() {
        return false;
    }

    @Override
    public Offer offer(Address address, RendezvousNames.Pair pair) {
        return new Offer() {
            @Override
            public void hear(Descriptor in) {
                // The first word is the beginning of the endpoint's greeting.
            }

            @Override
            public Conduit open(Descriptor in, Descriptor out) {
                return new PipeConduit(in, out);
            }

            @Override
            public void close() {
                // There is nothing beside the pipes.
            }
        };
    }

    @Override
    public Optional<Conduit> open(Address address, RendezvousNames.Pair pair, Descriptor in, Descriptor out) {
        return Optional.of(new PipeConduit(in, out));
    }

    @Override
    public void opened(Address address, Conduit conduit) {
        resize(address, conduit.output());
    }

    @Override
    public void clear(RendezvousNames.Pair pair) {
        // There is nothing beside the pipes.
    }

    /// Gives the pipe that this side writes to the size that the address asks for.
    static void resize(Address address, Descriptor out) {
        int capacity = CAPACITY.of(address);
        if (out != null && capacity != CAPACITY.defaultValue()) {
            out.resize(capacity);
        }
    }
}
