package io.sluice.ipc.mq;

import io.sluice.ipc.tck.TransportContract;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PosixConformanceTest extends TransportContract {
    private static final ChannelPlace PLACE = new ChannelPlace();

    @BeforeAll
    static void open() throws IOException, InterruptedException {
        PLACE.open();
    }

    @AfterAll
    static void close() throws IOException, InterruptedException {
        PLACE.close();
    }

    @Override
    protected String newAddress() {
        return "mq:" + ChannelPlace.place();
    }

    @Override
    protected int leastInFlight() {
        return 4;
    }

    /// What the default limits of one user allow.
    @Override
    protected int maxChannels() {
        return 50;
    }

    @Override
    protected Set<String> traces() {
        return PLACE.traces(Kind.MQ);
    }
}
