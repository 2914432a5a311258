package io.sluice.ipc.socket;

import io.sluice.ipc.tck.TransportContract;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// With the system's sockets, through Netty's native library; `tcp:` has its contract with the JDK's.
class UnixConformanceTest extends TransportContract {
    private static final TestPlace PLACE = new TestPlace();

    @BeforeAll
    static void open() throws IOException {
        PLACE.open();
    }

    @AfterAll
    static void close() throws IOException {
        PLACE.close();
    }

    static String address(String io) {
        return TestPlace.address() + "?io=" + io;
    }

    @Override
    protected String newAddress() {
        return address("epoll");
    }

    @Override
    protected Set<String> traces() {
        return Set.copyOf(PLACE.files());
    }

    @Override
    protected int maxChannels() {
        return Descriptors.channels();
    }
}
