package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.StandardOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/// The client's half of opening a channel: each address is tried in turn, and all of them again until somebody answers.
final class UdpConnect {
    private final Address address;
    private final Secret secret;
    private final long deadline;
    private Exception lastFailure;

    UdpConnect(Address address) {
        this.address = address;
        this.secret = Secret.of(address);
        this.deadline = Deadline.after(StandardOptions.CONNECT_TIMEOUT.of(address));
    }

    Channel connect(List<InetSocketAddress> addresses) throws InterruptedException {
        return InTurn.connect(addresses, deadline, this::attempt, this::nobody);
    }

    private NoListenerException nobody() {
        return new NoListenerException(
                address.withoutOptions() + ": nobody answered within "
                        + Quantities.duration(StandardOptions.CONNECT_TIMEOUT.of(address))
                        + (lastFailure == null ? "" : " (" + lastFailure.getMessage() + ")")
                        + "; start the server, check host and port, and that no firewall drops UDP",
                lastFailure);
    }

    private Channel attempt(InetSocketAddress to, long nanos) throws InterruptedException {
        try {
            return UdpGreeting.with(address, secret, to, Deadline.after(nanos));
        } catch (IOException | SystemCallException e) {
            lastFailure = e;
            return null;
        }
    }
}
