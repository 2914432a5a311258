package io.sluice.ipc.tck;

import io.sluice.ipc.Address;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A second JVM that does what it is told, see [TckPeer]; it runs on this JVM's class path, with no flags.
///
/// What it writes to its standard error is kept for [#story]. [#close] kills and reaps it.
final class PeerProcess implements AutoCloseable {
    private final Process process;
    private final Writer commands;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final StringBuffer errors = new StringBuffer();
    private final CompletableFuture<Void> read;
    private String lastCommand = "(none)";

    private PeerProcess(Process process) {
        this.process = process;
        commands = process.outputWriter(StandardCharsets.UTF_8);
        read = CompletableFuture.allOf(
                lines("tck-peer-answers", process.inputReader(StandardCharsets.UTF_8), answers::add),
                lines("tck-peer-errors", process.errorReader(StandardCharsets.UTF_8),
                        line -> errors.append(line + "\n")));
    }

    static PeerProcess start() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder builder = new ProcessBuilder(java, TckPeer.class.getName());
        builder.environment().put("CLASSPATH", classPath());
        for (String property : System.getProperties().stringPropertyNames()) {
            if (property.startsWith("ipc.")) {
                String variable = property.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
                builder.environment().put(variable, System.getProperty(property));
            }
        }
        try {
            return new PeerProcess(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("no second JVM", e);
        }
    }

    /// The class path and, where the tests run as modules, the module path too, which serves as well.
    private static String classPath() {
        String classPath = System.getProperty("java.class.path", "");
        String modulePath = System.getProperty("jdk.module.path", "");
        return modulePath.isEmpty() ? classPath : modulePath + File.pathSeparator + classPath;
    }

    /// Reads in a thread of its own to the end, after which there is one more line to say so.
    private static CompletableFuture<Void> lines(String thread, BufferedReader in, Consumer<String> sink) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name(thread).start(() -> {
            try (in) {
                for (String line; (line = in.readLine()) != null;) {
                    sink.accept(line);
                }
                sink.accept("(end)");
            } catch (IOException e) {
                sink.accept("(cut off: " + e.getMessage() + ")");
            }
            end.complete(null);
        });
        return end;
    }

    /// Has the peer do something; waits until it is done.
    ///
    /// @return what it answers
    /// @throws AssertionError if it fails or dies
    String ask(String command) throws InterruptedException {
        tell(command);
        return answer();
    }

    String ask(String command, Address address) throws InterruptedException {
        return ask(command + " " + address);
    }

    /// Has the peer do something that must fail.
    ///
    /// @return the exception's simple name and its message
    String askInVain(String command) throws InterruptedException {
        tell(command);
        String answer = anyAnswer();
        if (answer.startsWith("failed ")) {
            return answer.substring("failed ".length());
        }
        throw new AssertionError("the second JVM should have failed to '" + command + "', but: " + answer);
    }

    /// Tells the peer to do something; the answer is awaited by [#answer].
    void tell(String command) {
        lastCommand = command;
        try {
            commands.write(command + "\n");
            commands.flush();
        } catch (IOException e) {
            throw new AssertionError("the second JVM is gone before '" + command + "'", e);
        }
    }

    /// The result of what a [#tell] said; waits for it.
    ///
    /// @throws AssertionError if it failed, or the peer died
    String answer() throws InterruptedException {
        String answer = anyAnswer();
        if (answer.startsWith("ok")) {
            return answer.substring(2).trim();
        }
        throw new AssertionError("the second JVM could not '" + lastCommand + "': " + answer);
    }

    private String anyAnswer() throws InterruptedException {
        String answer = answers.poll(Deadline.GENEROUS.toSeconds() * 2, TimeUnit.SECONDS);
        return Optional.ofNullable(answer).orElse("no answer in time");
    }

    long pid() {
        return process.pid();
    }

    /// SIGKILL: the process has no chance to do anything more.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        awaitExit();
    }

    /// Waits for the end of the process and reaps it.
    void awaitExit() throws InterruptedException {
        if (!process.waitFor(Deadline.GENEROUS.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("process " + pid() + " still lives");
        }
    }

    /// Sends the process a signal, such as STOP or CONT.
    void signal(String name) throws InterruptedException {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                    .redirectErrorStream(true)
                    .start();
            String complaint = new String(kill.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (kill.waitFor() != 0) {
                throw new AssertionError("kill -" + name + ": " + complaint);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no kill command", e);
        }
    }

    /// Who it was and what it wrote to its standard error.
    String story() {
        String state = process.isAlive() ? "alive" : "ended with " + process.exitValue();
        return "second JVM " + pid() + ", " + state + ", last told '" + lastCommand + "', wrote:\n"
                + errors.toString().indent(4);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
        read.join();
        try {
            commands.close();
        } catch (IOException e) {
            // What was still buffered cannot reach a process that is gone.
        }
    }
}
