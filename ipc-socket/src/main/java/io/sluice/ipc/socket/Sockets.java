package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capability;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.stream.StreamChannel;
import io.sluice.ipc.stream.StreamPlan;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// What all stream sockets have in common.
final class Sockets {
    /// How many clients may wait in the kernel until they are accepted; it may allow fewer, `net.core.somaxconn`.
    static final int BACKLOG = 1024;

    private static final Set<Capability> PROMISES = Set.of(
            Capability.ORDERED,
            Capability.RELIABLE,
            Capability.BIDIRECTIONAL,
            Capability.BOUNDED_MESSAGES,
            Capability.CROSS_PROCESS,
            Capability.PROVES_DEATH);

    private Sockets() {}

    static List<Option<?>> options(Option<?>... more) {
        return Stream.of(StreamPlan.OPTIONS.stream(), Stream.of(IoChoice.OPTION), Stream.of(more))
                .<Option<?>>flatMap(options -> options)
                .toList();
    }

    static StreamChannel channel(Address address, SocketStream stream, StreamPlan plan) {
        Set<Capability> promises = EnumSet.copyOf(PROMISES);
        promises.add(stream.socket().resetsUnread() ? Capability.CROSS_MACHINE : Capability.PROVES_USER);
        return new StreamChannel(address, stream, plan, promises);
    }
}
