package io.sluice.ipc.mq;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.os.stream.Rendezvous;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Transport;
import java.util.List;

/// `mq:NAME` and `sysv:NAME` as channels: a server and its clients, over a pair of the kernel's queues for each.
///
/// The queue itself, for programs in any language, is [MessageQueue]; an endpoint of the same name does not touch it.
public abstract sealed class QueueTransport implements Transport permits PosixTransport, SystemVTransport {
    private final String scheme;
    private final QueueCarrier carrier;

    QueueTransport(String scheme, QueueCarrier carrier) {
        this.scheme = scheme;
        this.carrier = carrier;
    }

    @Override
    public List<String> schemes() {
        return List.of(scheme);
    }

    @Override
    public List<Option<?>> options() {
        return QueueOptions.ofChannel(scheme);
    }

    @Override
    public Endpoint bind(Address address) {
        return Rendezvous.bind(address, carrier);
    }

    @Override
    public Channel connect(Address address) throws InterruptedException {
        return Rendezvous.connect(address, carrier);
    }
}
