package io.sluice.ipc.pipe;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.os.Fifo;
import io.sluice.ipc.os.RuntimeDirectory;
import io.sluice.ipc.os.stream.ConduitPoller;
import io.sluice.ipc.os.stream.Rendezvous;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Transport;
import io.sluice.ipc.stream.Framing;
import io.sluice.ipc.stream.StreamEndpoint;
import io.sluice.ipc.stream.StreamPlan;
import java.util.List;
import java.util.stream.Stream;

/// `pipe:NAME`: a server and its clients, over a pair of named pipes for each.
public final class PipeTransport implements Transport {
    /// For [java.util.ServiceLoader].
    public PipeTransport() {}

    @Override
    public List<String> schemes() {
        return List.of("pipe");
    }

    @Override
    public List<Option<?>> options() {
        return Stream.concat(StreamPlan.OPTIONS.stream(), Stream.of(PipeCarrier.CAPACITY, Direction.OPTION)).toList();
    }

    @Override
    public String synchronisation() {
        return "kernel pipe, poll";
    }

    @Override
    public Endpoint bind(Address address) {
        if (Framing.OPTION.of(address).isSluice()) {
            return Rendezvous.bind(address, PipeCarrier.INSTANCE);
        }
        NamedPipes names = NamedPipes.of(RuntimeDirectory.forBind(), address);
        Fifo requests = Rendezvous.take(address, names.rendezvous(), PipeCarrier.INSTANCE);
        StreamEndpoint endpoint = new StreamEndpoint(address, ConduitPoller::new);
        boolean bound = false;
        try {
            endpoint.attach(NamedListener.start(endpoint, names, requests));
            bound = true;
            return endpoint;
        } finally {
            if (!bound) {
                requests.unlink();
                requests.reader().close();
            }
        }
    }

    @Override
    public Channel connect(Address address) throws InterruptedException {
        return Framing.OPTION.of(address).isSluice()
                ? Rendezvous.connect(address, PipeCarrier.INSTANCE)
                : new NamedConnect(address).connect();
    }
}
