package io.sluice.ipc.tck;

import io.sluice.ipc.Address;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A second JVM that does what it is told, see [TckPeer]; it runs on this JVM's class path. It lives for a second or
/// so: compiled less, and with the simplest collector, it takes half the processor time to get going.
///
/// What it writes to its standard error is kept for [#story]. [#close] kills and reaps it. For one thread.
public final class PeerProcess implements AutoCloseable {
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

    /// Takes one that was started ahead; the caller closes it.
    static PeerProcess take() throws InterruptedException {
        return Spares.take();
    }

    static PeerProcess start(Map<String, String> environment) {
        return start(environment, List.of());
    }

    /// Starts one now, somewhere else: on another host, or under another limit.
    ///
    /// @param before the words before those that start the JVM, such as `ip netns exec NAME`; the process that they start must
    ///     become the JVM
    /// @return one that waits for its first command; the caller closes it
    public static PeerProcess start(String... before) {
        return start(environment(), List.of(before));
    }

    private static PeerProcess start(Map<String, String> environment, List<String> before) {
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", TckPeer.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        try {
            return new PeerProcess(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("no second JVM", e);
        }
    }

    /// What a second JVM is to be told of this one: its class path, and its configuration as it is now.
    static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        environment.put("CLASSPATH", classPath());
        for (String property : System.getProperties().stringPropertyNames()) {
            if (property.startsWith("ipc.")) {
                String variable = property.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
                environment.put(variable, System.getProperty(property));
            }
        }
        return environment;
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
    /// @param command a line that [TckPeer] knows
    /// @return what it answers
    /// @throws AssertionError if it fails or dies
    /// @throws InterruptedException if the thread is interrupted
    public String ask(String command) throws InterruptedException {
        tell(command);
        return answer();
    }

    String ask(String command, Address address) throws InterruptedException {
        return ask(command + " " + address);
    }

    /// Has the peer do something that must fail.
    ///
    /// @param command a line that [TckPeer] knows
    /// @return the exception's simple name and its message
    /// @throws AssertionError if it does not fail
    /// @throws InterruptedException if the thread is interrupted
    public String askInVain(String command) throws InterruptedException {
        tell(command);
        return failure();
    }

    /// How what a [#tell] said has failed; waits for it.
    ///
    /// @return the exception's simple name and its message
    /// @throws AssertionError if it did not fail
    /// @throws InterruptedException if the thread is interrupted
    public String failure() throws InterruptedException {
        String answer = anyAnswer();
        if (answer.startsWith("failed ")) {
            return answer.substring("failed ".length());
        }
        throw new AssertionError("the second JVM should have failed to '" + lastCommand + "', but: " + answer);
    }

    /// Tells the peer to do something; the answer is awaited by [#answer] or [#failure].
    ///
    /// @param command a line that [TckPeer] knows
    public void tell(String command) {
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
    /// @return what the peer answers
    /// @throws AssertionError if it failed, or the peer died
    /// @throws InterruptedException if the thread is interrupted
    public String answer() throws InterruptedException {
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

    /// The process.
    ///
    /// @return its id
    public long pid() {
        return process.pid();
    }

    /// SIGKILL: the process has no chance to do anything more. Returns once it is gone.
    ///
    /// @throws InterruptedException if the thread is interrupted
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        awaitExit();
    }

    /// Waits for the end of the process and reaps it.
    void awaitExit() throws InterruptedException {
        if (!process.waitFor(Deadline.GENEROUS.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("process " + pid() + " still lives");
        }
    }

    /// Sends the process a signal, such as STOP or CONT; when this returns, one that was told to stop has.
    ///
    /// @param name without SIG
    /// @throws InterruptedException if the thread is interrupted
    public void signal(String name) throws InterruptedException {
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
        if (name.equals("STOP")) {
            Deadline.await("all its threads stop", this::isStopped);
        }
    }

    /// A thread stops at its next step out of the kernel, not when the signal is sent; proc_pid_stat(5) says whether it has.
    private boolean isStopped() {
        Path threads = Path.of("/proc", Long.toString(pid()), "task");
        if (!Files.isDirectory(threads)) {
            return true; // this system does not tell
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(threads)) {
            for (Path thread : all) {
                String stat = Files.readString(thread.resolve("stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false; // a thread ended meanwhile
        }
    }

    /// Who it was and what it wrote to its standard error.
    ///
    /// @return some lines
    public String story() {
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
