package io.sluice.ipc.socket;

import io.sluice.ipc.tck.TransportContract;

class UdpConformanceTest extends TransportContract {
    @Override
    protected String newAddress() {
        return Loopback.address("udp");
    }

    /// Far more than a channel's ring and the socket's buffer hold.
    @Override
    protected long maxInFlight() {
        return 6L << 20;
    }
}
