package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// An `ipc` command as a process of its own, with no JVM flag.
final class IpcProcess implements AutoCloseable {
    /// How a command ended.
    record Result(int status, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    private static final long DEADLINE_SECONDS = 120;

    private final Process process;
    private final CompletableFuture<String> err;
    private final BufferedReader out;

    private IpcProcess(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        process = builder.start();
        InputStream errors = process.getErrorStream();
        err = CompletableFuture.supplyAsync(() -> readAll(errors), task -> Thread.ofVirtual().start(task));
        out = process.inputReader(StandardCharsets.UTF_8);
    }

    private static String readAll(InputStream in) {
        try {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Starts the command from the class path.
    static IpcProcess start(String... arguments) throws IOException {
        return startWith(Map.of(), arguments);
    }

    static IpcProcess startWith(Map<String, String> environment, String... arguments) throws IOException {
        List<String> program = List.of("-cp", System.getProperty("java.class.path"), IpcCommand.class.getName());
        return launch(program, environment, arguments);
    }

    /// Starts the command as users do.
    static IpcProcess startJar(Path jar, String... arguments) throws IOException {
        return launch(List.of("-jar", jar.toString()), Map.of(), arguments);
    }

    private static IpcProcess launch(List<String> program, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(program);
        command.addAll(List.of(arguments));
        return new IpcProcess(command, environment);
    }

    /// Runs a command that ends by itself in this process, which is faster.
    static Result runHere(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        try {
            int status = IpcCommand.execute(arguments);
            return new Result(
                    status, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    /// Runs a command to its end.
    static Result run(String... arguments) throws Exception {
        try (IpcProcess command = start(arguments)) {
            return command.end("");
        }
    }

    /// Waits for a line of output that starts so.
    String awaitLine(String start) throws Exception {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        String line = out.readLine();
                        while (line != null && !line.startsWith(start)) {
                            line = out.readLine();
                        }
                        return line;
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> Thread.ofVirtual().start(task))
                .get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /// Closes the pipe that the command prints to.
    void stopReading() throws IOException {
        process.getInputStream().close();
    }

    /// Tells the command to end, as Ctrl-C does; that itself is ignored by what a build in the background starts.
    void terminate() {
        process.toHandle().destroy();
    }

    OutputStream in() {
        return process.getOutputStream();
    }

    /// Gives the command its input, and waits until it has ended.
    Result end(String input) throws Exception {
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It has ended without reading all: some do.
        }
        return end();
    }

    /// Waits until the command has ended, which may still wait for input.
    Result end() throws Exception {
        CompletableFuture<String> rest = CompletableFuture.supplyAsync(
                () -> {
                    StringBuilder text = new StringBuilder();
                    try {
                        for (int c; (c = out.read()) >= 0;) {
                            text.append((char) c);
                        }
                    } catch (IOException e) {
                        // Closed by stopReading.
                    }
                    return text.toString();
                },
                task -> Thread.ofVirtual().start(task));
        assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS), "the command did not end");
        return new Result(process.exitValue(), rest.get(), err.get());
    }

    /// Ends the command in order, so that it leaves nothing behind, and if it does not end, ends it.
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
