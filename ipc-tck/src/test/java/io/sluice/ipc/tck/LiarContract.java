package io.sluice.ipc.tck;

import java.util.Locale;
import java.util.UUID;

/// The suite on [LiarTransport]; not a test itself, as it must fail. [LiarTest] runs it.
final class LiarContract extends TransportContract {
    static volatile Lie lie = Lie.NONE;

    @Override
    protected String newAddress() {
        return "liar:" + UUID.randomUUID() + "?lie=" + lie.toString().toLowerCase(Locale.ROOT);
    }
}
