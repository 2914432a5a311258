package io.sluice.ipc.shm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A second JVM, with no flags, that runs a [ShmPeer] in this test's directories; [#close] kills and reaps it.
final class PeerJvm implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;
    private final Path errors;

    private PeerJvm(Process process, Path errors) {
        this.process = process;
        this.output = process.inputReader();
        this.errors = errors;
    }

    static PeerJvm start(String... arguments) {
        return start(List.of(), System.getProperty("java.class.path"), arguments);
    }

    /// @param before what starts the JVM, for example as another user; nothing if the list is empty
    /// @param classPath that the JVM can read
    static PeerJvm start(List<String> before, String classPath, String... arguments) {
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.add(ShmPeer.class.getName());
        command.addAll(List.of(arguments));
        try {
            Path errors = Files.createTempFile("peer", ".err");
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
            builder.environment().put("CLASSPATH", classPath);
            builder.environment().put("IPC_DIR", System.getProperty("ipc.dir"));
            builder.environment().put("IPC_SHM_DIR", System.getProperty("ipc.shm.dir"));
            return new PeerJvm(builder.start(), errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The next line that it says; null if it has ended.
    String line() {
        try {
            return output.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits until all is open.
    PeerJvm awaitUp() {
        String line = line();
        if (!"up".equals(line)) {
            throw new AssertionError("the second JVM does not come up: " + line + "\n" + errors());
        }
        return this;
    }

    private String errors() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// SIGKILL; returns once the process is gone.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(Eventually.GENEROUS.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("process " + process.pid() + " still lives");
        }
    }

    /// SIGSTOP; returns once every thread of the process has stopped.
    void stop() throws Exception {
        signal("STOP");
        Eventually.holds("every thread has stopped", this::isStopped);
    }

    /// SIGCONT.
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        int result = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
        if (result != 0) {
            throw new AssertionError("kill -" + name + " " + process.pid() + ": " + result);
        }
    }

    /// By proc_pid_stat(5): the state follows the name in parentheses.
    private boolean isStopped() throws IOException {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/task"))) {
            for (Path thread : threads) {
                String status = Files.readString(thread.resolve("stat"));
                if (status.charAt(status.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
            return true;
        } catch (NoSuchFileException e) {
            return false; // a thread has ended meanwhile
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
        try {
            Files.deleteIfExists(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
