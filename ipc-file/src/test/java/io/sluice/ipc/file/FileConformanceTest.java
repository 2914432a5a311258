package io.sluice.ipc.file;

import io.sluice.ipc.tck.TransportContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// The contract, with everything that is received kept.
class FileConformanceTest extends TransportContract {
    private static Path place;

    @BeforeAll
    static void open() throws IOException {
        place = Files.createTempDirectory("file-conformance");
    }

    @AfterAll
    static void close() {
        EndpointFolder.delete(place);
    }

    static Path place() {
        return place;
    }

    @Override
    protected String newAddress() {
        return "file:" + place.resolve(UUID.randomUUID().toString());
    }

    /// All that is no message: requests.
    @Override
    protected Set<String> traces() {
        Set<String> traces = new TreeSet<>();
        try (Stream<Path> files = Files.walk(place)) {
            files.filter(file -> file.getParent().endsWith("asks")).forEach(file -> traces.add(file.toString()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return traces;
    }
}
