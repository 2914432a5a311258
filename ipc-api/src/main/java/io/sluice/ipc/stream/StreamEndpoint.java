package io.sluice.ipc.stream;

import io.sluice.ipc.Address;
import io.sluice.ipc.ServerHandler;
import io.sluice.ipc.endpoint.ListeningEndpoint;
import io.sluice.ipc.spi.StandardOptions;
import java.util.function.Supplier;

/// An endpoint of channels on streams, whose [StreamServer] waits with a [StreamPoller].
public final class StreamEndpoint extends ListeningEndpoint<StreamChannel> {
    private final Supplier<? extends StreamPoller> pollers;

    /// @param address the address that it is bound to
    /// @param pollers makes what a server of this endpoint waits with
    public StreamEndpoint(Address address, Supplier<? extends StreamPoller> pollers) {
        super(address);
        this.pollers = pollers;
    }

    @Override
    protected Serving<StreamChannel> newServer(ServerHandler handler) {
        return new StreamServer(this, StandardOptions.WAIT.of(address()), handler, pollers.get());
    }

    @Override
    protected void turnAway(StreamChannel channel) {
        channel.closeWithoutWaiting();
    }
}
