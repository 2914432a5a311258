package io.sluice.ipc.tck;

import io.sluice.ipc.Channel;

/// The two ends of a channel: who connected and who accepted.
enum Side {
    CLIENT, SERVER;

    Channel of(Pair pair) {
        return this == CLIENT ? pair.client() : pair.server();
    }

    Channel peerOf(Pair pair) {
        return this == CLIENT ? pair.server() : pair.client();
    }
}
