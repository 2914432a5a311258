package io.sluice.ipc.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs the examples as users do: unchanged, with an `ipc.properties` in their working directory.
@Timeout(180)
class EchoTest {
    @TempDir
    Path directory;

    private void configure(String address) throws IOException {
        Files.writeString(directory.resolve("ipc.properties"), "ipc.echo = " + address + "\n");
    }

    private static String unique(String name) {
        return name + "-" + ProcessHandle.current().pid();
    }

    private Process start(Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static List<String> outputOf(Process process) throws Exception {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            List<String> lines = out.lines().toList();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            return lines;
        }
    }

    @Test
    void twoProcessesFindEachOtherByAConfiguredName() throws Exception {
        String address = "shm:" + unique("two") + "?capacity=64k&connect-timeout=60s";
        configure(address);
        Process server = start(EchoServer.class);
        try {
            Process client = start(EchoClient.class, "echo", "hello", "", "world");
            assertEquals(List.of("hello", "", "world"), outputOf(client));
            assertEquals(0, client.exitValue());
            String said = server.inputReader(StandardCharsets.UTF_8).readLine();
            assertTrue(said.startsWith("echoing on shm:" + unique("two")), said);
        } finally {
            server.destroy(); // SIGTERM: it ends in order
        }
        assertTrue(server.waitFor(60, TimeUnit.SECONDS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"inproc", "shm", "pipe"})
    void ipcPropertiesAloneSwitchTheTransport(String scheme) throws Exception {
        String address = scheme + ":" + unique("one");
        configure(address);
        Process both = start(OneProcess.class, "hello", "world");
        List<String> lines = new ArrayList<>(outputOf(both));
        assertTrue(lines.remove("echoing on " + address), lines.toString()); // sooner or later
        assertEquals(List.of("hello", "world"), lines);
        assertEquals(0, both.exitValue());
    }

    @Test
    void aClientWithoutAServerSaysWhatToDo() throws Exception {
        configure("shm:" + unique("nobody") + "?connect-timeout=10ms");
        Process client = start(Main.class, "EchoClient", "echo", "hello");
        assertEquals(List.of(), outputOf(client));
        assertEquals(1, client.exitValue());
    }
}
