package io.sluice.ipc.os.stream;

import io.sluice.ipc.Address;
import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.os.Fifo;
import io.sluice.ipc.os.RuntimeDirectory;
import io.sluice.ipc.stream.StreamEndpoint;
import java.time.Duration;
import java.util.Optional;

/// Where two processes of one user meet: named pipes in the runtime directory; see [RendezvousNames] for their names and
/// [RendezvousConnect] for the steps.
public final class Rendezvous {
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(10);

    private Rendezvous() {}

    /// Binds an address whose place is a name, for clients that greet.
    ///
    /// @param address the address
    /// @param carrier what its channels are carried by
    /// @return the endpoint
    public static Endpoint bind(Address address, Carrier carrier) {
        RendezvousNames names = RendezvousNames.of(RuntimeDirectory.forBind(), address);
        Fifo requests = take(address, names, carrier);
        StreamEndpoint endpoint = new StreamEndpoint(address, ConduitPoller::new);
        boolean bound = false;
        try {
            endpoint.attach(RendezvousListener.start(endpoint, names, carrier, requests));
            bound = true;
            return endpoint;
        } finally {
            if (!bound) {
                requests.unlink();
                requests.reader().close();
            }
        }
    }

    /// Makes the pipe of requests, whose lock says that its name has an owner, and clears up what the dead have left.
    ///
    /// @param address the address
    /// @param names its names
    /// @param carrier what its channels are carried by
    /// @return the pipe, which the caller closes and unlinks
    /// @throws AddressInUseException if it has an owner
    public static Fifo take(Address address, RendezvousNames names, Carrier carrier) {
        try (RuntimeDirectory.Lock _ = RuntimeDirectory.forBind().lock(LOCK_TIMEOUT)) {
            Optional<Fifo> made = Optional.empty();
            while (made.isEmpty()) {
                made = switch (Fifo.clear(names.requests())) {
                    case HELD -> throw new AddressInUseException(address.withoutOptions()
                            + ": a living endpoint is bound to it; close that one or use another name");
                    case FOREIGN -> throw foreign(address, names);
                    case MISSING, ABANDONED -> Fifo.make(names.requests());
                };
            }
            names.sweep(carrier);
            return made.get();
        }
    }

    private static AddressInUseException foreign(Address address, RendezvousNames names) {
        return new AddressInUseException(address.withoutOptions() + ": " + names.requests() + " is "
                + Fifo.describe(names.requests())
                + ", not a named pipe of this user; take it away or use another name");
    }

    /// Connects to an address that was bound here.
    ///
    /// @param address the address
    /// @param carrier what its channels are carried by
    /// @return the channel
    /// @throws InterruptedException if the thread is interrupted while it waits
    public static Channel connect(Address address, Carrier carrier) throws InterruptedException {
        return new RendezvousConnect(address, carrier).connect();
    }
}
