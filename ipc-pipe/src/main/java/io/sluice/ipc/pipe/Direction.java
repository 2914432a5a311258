package io.sluice.ipc.pipe;

import io.sluice.ipc.spi.Option;

/// Which way messages go, as the binding side, or the parent, sees it: the option `direction`.
enum Direction {
    /// Both ways.
    BOTH,
    /// In to the endpoint: clients send only.
    IN,
    /// Out of the endpoint: clients receive only.
    OUT;

    static final Option<Direction> OPTION = Option.choice(
            "direction", BOTH, "which way messages go, as the binding side or the parent sees it");

    boolean goesIn() {
        return this != OUT;
    }

    boolean goesOut() {
        return this != IN;
    }
}
