package io.sluice.ipc.mq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program that is not ours, in C or in Python.
final class Foreign implements AutoCloseable {
    /// In which language it is written.
    enum Language {
        C, PYTHON
    }

    private static final Path HERE = Path.of("").toAbsolutePath();
    private static Path compiled;

    private final Process process;

    private Foreign(List<String> command) throws IOException {
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    static Foreign start(Language language, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                language == Language.C
                        ? List.of(compiled().toString())
                        : List.of("python3", HERE.resolve("src/test/python/queue.py").toString()));
        command.addAll(Arrays.asList(arguments));
        return new Foreign(command);
    }

    /// Compiles the program in C, once.
    private static synchronized Path compiled() throws Exception {
        if (compiled == null) {
            Path program = Files.createTempFile("sluice-queue", "");
            program.toFile().deleteOnExit();
            Process gcc = new ProcessBuilder(
                    "gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program.toString(),
                    HERE.resolve("src/test/c/queue.c").toString(), "-lrt")
                    .redirectErrorStream(true)
                    .start();
            String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, gcc.waitFor(), said);
            compiled = program;
        }
        return compiled;
    }

    /// Waits until it has ended well.
    ///
    /// @return what it printed, in lines
    List<String> end() throws InterruptedException {
        String out;
        try {
            out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it ends");
        assertEquals(0, process.exitValue(), out);
        return out.lines().toList();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
