package io.sluice.ipc.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A process that this one starts and that cannot outlive it; see [Lifeline]. What it prints to standard error goes to
/// where this process's goes, unless said otherwise.
final class Child implements AutoCloseable {
    private static final List<Child> ALL = new CopyOnWriteArrayList<>();
    private static final ScheduledExecutorService WATCHDOG =
            Executors.newScheduledThreadPool(1, Thread.ofPlatform().daemon().factory());

    private final Process process;
    private final BufferedReader output;

    private Child(Process process) {
        this.process = process;
        this.output = process.inputReader(); // of an adopted one, whose output goes elsewhere, this is empty
        ALL.add(this);
    }

    /// Starts another program of the benchmarks as this one was started: same JVM, class path and flags.
    static Child start(Class<?> program, String... arguments) throws IOException {
        List<String> flags = ManagementFactory.getRuntimeMXBean().getInputArguments();
        return start(javaCommand(flags, program, arguments), Redirect.INHERIT);
    }

    static Child start(List<String> command, Redirect errors) throws IOException {
        return new Child(new ProcessBuilder(command).redirectError(errors).start());
    }

    /// Takes over a process that was started otherwise; its output is not read here.
    static Child adopt(Process process) {
        return new Child(process);
    }

    static List<String> javaCommand(List<String> flags, Class<?> program, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(program.getName());
        command.addAll(List.of(arguments));
        return command;
    }

    /// Stops all children of this process as they are, so that they use no CPU.
    static void pauseAll() throws IOException, InterruptedException {
        signalAll("STOP");
    }

    /// Lets them go on.
    static void resumeAll() throws IOException, InterruptedException {
        signalAll("CONT");
    }

    static void endAll() {
        ALL.forEach(Child::close);
    }

    private static void signalAll(String signal) throws IOException, InterruptedException {
        StringBuilder kill = new StringBuilder("kill -" + signal);
        ALL.forEach(child -> kill.append(' ').append(child.process.pid()));
        if (!ALL.isEmpty()) {
            new ProcessBuilder("sh", "-c", kill.toString()).start().waitFor();
        }
    }

    long pid() {
        return process.pid();
    }

    /// This process's child, its children and theirs.
    Stream<ProcessHandle> tree() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants());
    }

    /// Gives it a turn.
    void giveTurn() throws IOException {
        OutputStream input = process.getOutputStream();
        input.write('\n');
        input.flush();
    }

    /// Waits for the next line that it prints.
    ///
    /// @return the line, or null if it ended without one; it is ended if it takes too long
    String nextLine(long seconds) throws IOException {
        ScheduledFuture<?> watchdog = WATCHDOG.schedule(this::close, seconds, TimeUnit.SECONDS);
        try {
            return output.readLine();
        } finally {
            watchdog.cancel(false);
        }
    }

    /// Ends it and its children, whatever they do, and waits for that.
    @Override
    public void close() {
        ALL.remove(this);
        tree().toList().forEach(ProcessHandle::destroyForcibly);
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
