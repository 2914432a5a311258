package io.sluice.ipc.ring;

import io.sluice.ipc.Address;
import io.sluice.ipc.ServerHandler;
import io.sluice.ipc.endpoint.ListeningEndpoint;
import io.sluice.ipc.spi.StandardOptions;

/// An endpoint of channels in memory, whose [RingServer] sleeps on a doorbell.
public final class RingEndpoint extends ListeningEndpoint<RingChannel> {
    private final Doorbell doorbell;

    /// @param address the bound address
    /// @param doorbell that the endpoint's channels ring when served
    public RingEndpoint(Address address, Doorbell doorbell) {
        super(address);
        this.doorbell = doorbell;
    }

    @Override
    protected Serving<RingChannel> newServer(ServerHandler handler) {
        return new RingServer(this, doorbell, StandardOptions.WAIT.of(address()), handler);
    }

    @Override
    protected void turnAway(RingChannel channel) {
        channel.close();
    }

    @Override
    protected void closeUnserved() {
        doorbell.close();
    }
}
