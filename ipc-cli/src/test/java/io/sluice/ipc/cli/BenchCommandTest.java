package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchCommandTest {
    @TempDir
    Path directory;

    private static String shm(String name) {
        return "shm:bench-" + name + "-" + ProcessHandle.current().pid();
    }

    @ParameterizedTest
    @ValueSource(strings = {"inproc", "shm", "stdio"})
    void figuresAreForPeopleAndForPrograms(String scheme) throws Exception {
        Path file = directory.resolve("figures.json");
        String address =
                switch (scheme) {
                    case "shm" -> shm("figures");
                    case "stdio" -> "stdio:";
                    default -> "inproc:figures";
                };
        IpcProcess.Result result = IpcProcess.run(
                "bench", address, "--size", "1k", "--messages", "500", "--wait", "block", "--json", file.toString());
        assertEquals(0, result.status(), result.out() + result.err());
        List<String> lines = result.lines();
        assertEquals(3, lines.size(), result.out());
        assertTrue(lines.get(0).startsWith(address + "?wait=block   1,024 bytes   "), result.out());
        assertTrue(
                lines.get(1).matches("round trip   p50 .* p90 .* p99 .* p99.9 .* max .* \\(500\\)"), result.out());
        assertTrue(lines.get(2).matches("stream  .* messages/s .* MB/s .*\\(5,000 in .*"), result.out());

        Map<String, String> json = parse(Files.readString(file));
        assertEquals(address + "?wait=block", json.get("/address"));
        assertEquals(scheme.equals("inproc") ? "1" : "2", json.get("/processes"));
        assertEquals("1024", json.get("/size"));
        assertEquals("500", json.get("/roundTrip/count"));
        assertEquals("5000", json.get("/stream/messages"));
        double p50 = Double.parseDouble(json.get("/roundTrip/p50"));
        assertTrue(p50 > 0 && p50 <= Double.parseDouble(json.get("/roundTrip/p99")), json.toString());
        assertTrue(Double.parseDouble(json.get("/stream/messagesPerSecond")) > 0);
        assertEquals("0.0", json.get("/roundTrip/histogram/0/percentile"));
    }

    @Test
    void jsonOnStandardOutputIsNothingElse() throws Exception {
        IpcProcess.Result result =
                IpcProcess.run("bench", "inproc:pure", "--size", "0", "--messages", "100", "--json", "-");
        assertEquals(0, result.status(), result.err());
        assertEquals("0", parse(result.out()).get("/size"));
    }

    @Test
    void anAddressInUseIsSaidInOneLine() throws Exception {
        String address = shm("in-use");
        try (Endpoint endpoint = Ipc.bind(address)) {
            IpcProcess.Result result = IpcProcess.run("bench", address, "--messages", "10");
            assertEquals(1, result.status(), result.out());
            String error = IpcCommandTest.withoutJvmWarnings(result.err());
            assertTrue(error.startsWith("ipc: " + endpoint.address().withoutOptions()), error);
            assertEquals(1, error.lines().count(), error);
        }
    }

    @Test
    void aFileThatCannotBeWrittenIsSaidInOneLine() throws Exception {
        Path file = directory.resolve("missing").resolve("figures.json");
        IpcProcess.Result result = IpcProcess.run("bench", "inproc:x", "--messages", "10", "--json", file.toString());
        assertEquals(1, result.status());
        assertTrue(result.err().contains("ipc: cannot write " + file), result.err());
    }

    /// Each value by its path, as JSON Pointer writes it.
    private static Map<String, String> parse(String json) throws IOException {
        Map<String, String> values = new HashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            while (parser.nextToken() != null) {
                if (parser.currentToken().isScalarValue()) {
                    values.put(parser.getParsingContext().pathAsPointer().toString(), parser.getText());
                }
            }
        }
        return values;
    }
}
