package io.sluice.ipc.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.mq.MessageQueue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Runs the examples of kernel queues as users do.
@Timeout(180)
class QueueExamplesTest {
    private static final String NAME = "sluice-example-" + ProcessHandle.current().pid();
    private static final String ADDRESS = "mq:" + NAME;

    @TempDir
    Path directory;

    @AfterEach
    void removeQueue() {
        MessageQueue.remove(ADDRESS);
    }

    private static List<String> run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), out);
        return out.lines().toList();
    }

    private static List<String> example(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        return run(command);
    }

    @Test
    void threeWorkersDoEveryJobOnce() throws Exception {
        example("JobQueue", "submit", ADDRESS, "1", "sweep", "tidy", "water");
        example("JobQueue", "submit", ADDRESS, "9", "fire");
        example("JobQueue", "submit", ADDRESS, "0", "", "", "");
        List<String> done = example("JobQueue", "work", ADDRESS);
        assertEquals(4, done.size(), done.toString());
        for (String job : List.of("sweep", "tidy", "water")) {
            assertEquals(1, done.stream().filter(line -> line.endsWith(" did " + job + " of priority 1")).count());
        }
        assertEquals(1, done.stream().filter(line -> line.endsWith(" did fire of priority 9")).count());
    }

    @Test
    void aProgramInCAndOneInJavaShareAQueue() throws Exception {
        Path program = directory.resolve("thermometer");
        run(List.of("gcc", "-Wall", "-Werror", "-o", program.toString(), "src/main/c/thermometer.c", "-lrt"));
        run(List.of(program.toString(), "/" + NAME, "3"));
        assertEquals(
                List.of("[9] ALARM 23.5 degrees", "[0] measured 21.5 degrees", "[0] measured 22.5 degrees", "no more"),
                example("QueueReader", ADDRESS));
    }
}
