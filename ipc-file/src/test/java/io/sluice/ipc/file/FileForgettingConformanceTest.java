package io.sluice.ipc.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// The contract once more, with nothing kept: so nothing may stay.
@EnabledIfSystemProperty(named = "ipc.soak", matches = "true")
final class FileForgettingConformanceTest extends FileConformanceTest {
    @Override
    protected String newAddress() {
        return super.newAddress() + "?keep=0s&wait=block";
    }

    @Override
    protected Set<String> traces() {
        try (Stream<Path> files = Files.walk(place())) {
            return files.filter(file -> file.getParent().endsWith("asks") || file.getParent().endsWith("channels"))
                    .map(Path::toString)
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
