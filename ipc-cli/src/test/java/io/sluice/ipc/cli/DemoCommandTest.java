package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.Ipc;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemoCommandTest {
    @Test
    void aTransportThatPassesHasARow() throws Exception {
        IpcProcess.Result result =
                IpcProcess.run("demo", "--transports", "inproc,shm,stdio,tcp,tls,udp", "--messages", "500", "--timeout",
                        "60s");
        assertEquals(0, result.status(), result.out() + result.err());
        List<String> lines = result.lines();
        for (String scheme : new String[] {"inproc", "shm", "stdio", "tcp", "tls", "udp"}) {
            String row = row(lines, scheme);
            String place = switch (scheme) {
                case "stdio" -> "";
                case "tcp", "tls", "udp" -> "//127.0.0.1:0";
                default -> "demo-\\w+";
            };
            assertTrue(row.matches(scheme + " +" + scheme + ":" + place + " +.* 500 +[\\d.]+ [num]?.?s +.* ok$"), row);
        }
        assertTrue(lines.stream().allMatch(line -> line.length() <= 100), result.out());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "corrupting | 60s | the server process: message 100 of",
        "silent     | 5s  | nothing has happened for 5 s",
        "dying      | 60s | the server process was ended by signal 9"
    })
    void aTransportThatFailsIsARowWithItsReasonAndStatus1(String scheme, String timeout, String why) throws Exception {
        IpcProcess.Result result =
                IpcProcess.run("demo", "--transports", "inproc," + scheme, "--messages", "150", "--timeout", timeout);
        assertEquals(1, result.status(), result.out() + result.err());
        assertTrue(row(result.lines(), "inproc").endsWith("ok"), result.out());
        String row = row(result.lines(), scheme);
        assertTrue(row.endsWith("FAILED"), result.out());
        assertTrue(result.out().contains(scheme + " failed: " + why), result.out());
        clearUp(row);
    }

    @Test
    void outputIsPlainAsciiWhereTheLocaleIsNotUtf8() throws Exception {
        try (IpcProcess command = IpcProcess.startWith(
                Map.of("LC_ALL", "C"), "demo", "--transports", "inproc", "--messages", "100")) {
            IpcProcess.Result result = command.end("");
            assertEquals(0, result.status(), result.err());
            assertTrue(result.out().chars().allMatch(c -> c == '\n' || c >= ' ' && c < 127), result.out());
        }
    }

    /// Takes away what a killed server left behind, as every bind does.
    private static void clearUp(String row) {
        Ipc.bind(FaultyTransport.shm(Address.parse(row.split(" +")[1]))).close();
    }

    private static String row(List<String> lines, String scheme) {
        return lines.stream()
                .filter(line -> line.startsWith(scheme + " ") && line.contains(scheme + ":"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row for " + scheme + " in\n" + String.join("\n", lines)));
    }
}
