package io.sluice.ipc.tck;

import io.sluice.ipc.Address;
import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Server;
import io.sluice.ipc.ServerHandler;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Transport;
import io.sluice.ipc.spi.Transports;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// `liar:`, which is `inproc:` with one [Lie].
public final class LiarTransport implements Transport {
    static final Option<Lie> LIE = Option.choice("lie", Lie.NONE, "how it breaks the contract");

    private static Transport inproc() {
        return Transports.forScheme(Address.parse("inproc:any"));
    }

    /// The honest address beneath.
    private static Address beneath(Address address) {
        Address honest = Address.parse("inproc:" + address.place());
        for (var option : address.options().entrySet()) {
            if (!option.getKey().equals(LIE.name())) {
                honest = honest.with(option.getKey(), option.getValue());
            }
        }
        return honest;
    }

    @Override
    public List<String> schemes() {
        return List.of("liar");
    }

    @Override
    public List<Option<?>> options() {
        List<Option<?>> options = new ArrayList<>(inproc().options());
        options.add(LIE);
        return options;
    }

    @Override
    public String synchronisation() {
        return "none that it could be trusted with";
    }

    @Override
    public Endpoint bind(Address address) {
        Address honest = beneath(address);
        if (LIE.of(address) == Lie.HAS_TWO_OWNERS) {
            honest = honest.withPlace(honest.place() + UUID.randomUUID());
        }
        try {
            return new LyingEndpoint(address, inproc().bind(honest));
        } catch (AddressInUseException e) {
            throw new AddressInUseException(address + ": in use", e);
        }
    }

    @Override
    public Channel connect(Address address) throws InterruptedException {
        Address honest = beneath(address);
        if (LIE.of(address) == Lie.GIVES_UP_AT_ONCE) {
            honest = honest.with("connect-timeout", "0s");
        }
        return new LyingChannel(LIE.of(address), address, inproc().connect(honest));
    }

    private record LyingEndpoint(Address address, Endpoint honest) implements Endpoint {
        private Channel lying(Channel channel) {
            return channel == null ? null : new LyingChannel(LIE.of(address), address, channel);
        }

        @Override
        public Channel accept() throws InterruptedException {
            return lying(honest.accept());
        }

        @Override
        public Channel accept(Duration timeout) throws InterruptedException {
            return lying(honest.accept(timeout));
        }

        @Override
        public Server serve(ServerHandler handler) {
            Server server = honest.serve(handler);
            return new Server() {
                @Override
                public Address address() {
                    return address;
                }

                @Override
                public int channels() {
                    return server.channels();
                }

                @Override
                public void close() {
                    server.close();
                }
            };
        }

        @Override
        public boolean isOpen() {
            return honest.isOpen();
        }

        @Override
        public void close() {
            honest.close();
        }
    }
}
