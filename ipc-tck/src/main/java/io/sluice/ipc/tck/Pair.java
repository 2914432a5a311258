package io.sluice.ipc.tck;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;

/// Both ends of one channel in this process, and the endpoint at which they met.
record Pair(Endpoint endpoint, Channel client, Channel server) implements AutoCloseable {
    @Override
    public void close() {
        client.close();
        server.close();
        endpoint.close();
    }
}
