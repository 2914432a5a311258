package io.sluice.ipc.benchmarks;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import java.io.IOException;
import java.nio.file.Path;

/// The two processes of a contender.
enum Side {
    /// The one that times: the client.
    MEASURING {
        @Override
        Channel open(String address, Path directory) throws IOException, InterruptedException {
            return Ipc.connect(Meeting.await(directory) + "&connect-timeout=20s");
        }
    },
    /// The one that echoes or produces: the server.
    PARTNER {
        @Override
        Channel open(String address, Path directory) throws IOException, InterruptedException {
            try (Endpoint endpoint = Ipc.bind(address)) {
                Meeting.announce(directory, endpoint.address().toString());
                return endpoint.accept();
            }
        }
    };

    /// Opens this side's end of a Sluice channel.
    ///
    /// @param directory where the two meet, whatever the address becomes once it is bound
    abstract Channel open(String address, Path directory) throws IOException, InterruptedException;
}
