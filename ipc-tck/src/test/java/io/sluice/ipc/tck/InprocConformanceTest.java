package io.sluice.ipc.tck;

import java.util.UUID;

final class InprocConformanceTest extends TransportContract {
    @Override
    protected String newAddress() {
        return "inproc:tck-" + UUID.randomUUID();
    }
}
