package io.sluice.ipc.pipe;

import io.sluice.ipc.tck.TransportContract;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PipeConformanceTest extends TransportContract {
    private static final TestPlace PLACE = new TestPlace();

    @BeforeAll
    static void open() throws IOException {
        PLACE.open();
    }

    @AfterAll
    static void close() throws IOException {
        PLACE.close();
    }

    @Override
    protected String newAddress() {
        return TestPlace.address();
    }

    @Override
    protected Set<String> traces() {
        return Set.copyOf(PLACE.files());
    }
}
