package io.sluice.ipc.benchmarks;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;

/// The two processes of a contender.
enum Side {
    /// The one that times: the client.
    MEASURING {
        @Override
        Channel open(String address) throws InterruptedException {
            return Ipc.connect(address + "&connect-timeout=20s");
        }
    },
    /// The one that echoes or produces: the server.
    PARTNER {
        @Override
        Channel open(String address) throws InterruptedException {
            try (Endpoint endpoint = Ipc.bind(address)) {
                return endpoint.accept();
            }
        }
    };

    /// Opens this side's end of a Sluice channel.
    abstract Channel open(String address) throws InterruptedException;
}
