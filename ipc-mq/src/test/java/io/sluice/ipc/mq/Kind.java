package io.sluice.ipc.mq;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/// The two kinds of queues, and names for tests that nobody else uses.
enum Kind {
    MQ("mq", 0),
    SYSV("sysv", 1);

    final String scheme;
    /// The least label.
    final long first;

    Kind(String scheme, long first) {
        this.scheme = scheme;
        this.first = first;
    }

    /// A place of a queue that is not there.
    String place() {
        int random = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
        return this == MQ
                ? "sluice-test-" + HexFormat.of().toHexDigits(random)
                : "0x" + HexFormat.of().toHexDigits(random);
    }

    /// A place as a foreign program writes it.
    static String foreign(String place) {
        return place.startsWith("0x") ? place : "/" + place;
    }
}
