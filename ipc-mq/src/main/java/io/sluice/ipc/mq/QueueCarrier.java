package io.sluice.ipc.mq;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capability;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.PollSet;
import io.sluice.ipc.os.PollWait;
import io.sluice.ipc.os.stream.Carrier;
import io.sluice.ipc.os.stream.Conduit;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.stream.Hello;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;

/// What both kinds of queues have in common as carriers: a pair of them for each client, made by the client, and a byte in
/// the pipe to it, with which the endpoint says whether it has found them.
///
/// ```
///   byte 0
///        +----------+
///        | 1 or 2   |    1: found, and open; a greeting follows in the queue    2: not there
///        +----------+
/// ```
///
/// Not there means that the endpoint is in another IPC namespace: it and the client share files, but no queues.
abstract sealed class QueueCarrier implements Carrier permits PosixCarrier, SystemVCarrier {
    private static final byte FOUND = 1;
    private static final byte NOT_THERE = 2;

    private static final Set<Capability> PROMISES = Set.of(
            Capability.ORDERED,
            Capability.RELIABLE,
            Capability.BIDIRECTIONAL,
            Capability.BOUNDED_MESSAGES,
            Capability.CROSS_PROCESS,
            Capability.ALLOCATION_FREE,
            Capability.PROVES_DEATH);

    QueueCarrier() {}

    @Override
    public Set<Capability> promises() {
        return PROMISES;
    }

    @Override
    public Hello hello(Address address, boolean binding) {
        int most = StandardOptions.MAX_MESSAGE.of(address);
        return Hello.of(true, true, QueueOptions.isFragmenting(address) ? most : Math.min(most, largestWhole(address)));
    }

    /// The largest message of a channel that is one message of the kernel.
    abstract int largestWhole(Address address);

    @Override
    public void opened(Address address, Conduit conduit) {
        // A queue is as it was made.
    }

    /// Says whether the queues were found.
    static void tell(Descriptor out, boolean found) {
        try (Arena arena = Arena.ofConfined()) {
            out.write(arena.allocateFrom(ValueLayout.JAVA_BYTE, found ? FOUND : NOT_THERE), 0, 1);
        }
    }

    /// Takes the endpoint's word.
    static void hear(Address address, Descriptor in) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment word = arena.allocate(1);
            if (in.read(word, 0, 1) == 1 && word.get(ValueLayout.JAVA_BYTE, 0) == NOT_THERE) {
                throw new HandshakeException(address.withoutOptions()
                        + ": the endpoint does not find the queues that this"
                        + " process has made for it: it is in another IPC namespace. Start both containers with the same"
                        + " --ipc (docker run --ipc=container:NAME), or use unix: or pipe:, which need only the shared"
                        + " directory");
            }
        }
    }

    /// Whether nobody can write to a pipe any more.
    static boolean isGone(Descriptor in) {
        return (PollWait.look(in, PollSet.IN) & PollSet.GONE) != 0;
    }
}
