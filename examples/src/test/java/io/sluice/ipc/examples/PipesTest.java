package io.sluice.ipc.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Runs the examples about pipes as users do.
@Timeout(180)
class PipesTest {
    private static List<String> run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            List<String> lines = out.lines().toList();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
            return lines;
        }
    }

    @Test
    void aChildSortsLines() throws Exception {
        assertEquals(List.of("apple", "fig", "pear"), run("SortLines", "pear", "apple", "fig"));
    }

    @Test
    void aServerHasThreeClients() throws Exception {
        List<String> answers = run("PipeServer", "pipe:example-" + ProcessHandle.current().pid());
        assertEquals(
                List.of("hello, Ada", "hello, Barbara", "hello, Grace"), answers.stream().sorted().toList());
    }
}
