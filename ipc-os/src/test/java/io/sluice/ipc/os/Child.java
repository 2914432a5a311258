package io.sluice.ipc.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A second process, for what only two can show: this class on one side, its `main` on the other.
///
/// The child prints a line for each thing it has done, and stays until its standard input ends: with its parent.
final class Child implements AutoCloseable {
    static final int ROUNDS = 2_000;
    static final int PING = 0;
    static final int PONG = 256;
    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();

    private final Process process;
    private final BufferedReader output;

    private Child(Process process) {
        this.process = process;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static Child start(String... role) throws IOException {
        return startWith(List.of(), role);
    }

    static Child startWith(List<String> jvmOptions, String... role) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(Child.class.getName());
        command.addAll(List.of(role));
        return new Child(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /// The next line that the child prints.
    String line() throws IOException {
        return output.readLine();
    }

    /// SIGKILL, and its end.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    }

    /// SIGSTOP or SIGCONT.
    void signal(String name) throws IOException, InterruptedException {
        int result = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
        assertEquals(0, result);
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            process.onExit().orTimeout(1, TimeUnit.MINUTES).join();
        } finally {
            process.destroyForcibly();
        }
    }

    public static void main(String[] role) throws Exception {
        switch (role[0]) {
            case "lock" -> {
                RuntimeDirectory.forBind(Path.of(role[1])).lock(Duration.ofMinutes(1));
                say("locked");
            }
            case "bytes" -> {
                new ByteLocks(DiskFile.open(Path.of(role[1]), DiskFile.Access.WRITE)).tryLock(Long.parseLong(role[2]));
                say("locked");
            }
            case "create" -> say(MemoryFile.create(role[1], Integer.parseInt(role[2]), Optional.empty()).path());
            case "open" -> {
                try (MemoryFile file = MemoryFile.open(Path.of(role[1]), Integer.parseInt(role[2]))) {
                    int seen = file.memory().get(ValueLayout.JAVA_INT, 0);
                    file.memory().set(ValueLayout.JAVA_INT, 0, seen + 1);
                }
                say("done");
            }
            case "echo" -> {
                try (MemoryFile file = MemoryFile.open(Path.of(role[1]), Integer.parseInt(role[2]))) {
                    for (int round = 1; round <= ROUNDS; round++) {
                        await(file.memory(), PING, round);
                        publish(file.memory(), PONG, round);
                    }
                }
                say("done");
            }
            case "sweep" -> {
                say("sweeping");
                int removed = 0;
                while (System.in.available() == 0) {
                    removed += MemoryFile.sweep(role[1]);
                }
                say(removed);
            }
            case "capabilities" -> {
                say(Futex.isSupported());
                try {
                    say(RuntimeDirectory.forBind(Path.of(role[1])).path());
                } catch (RuntimeException e) {
                    say(e);
                }
            }
            default -> throw new IllegalArgumentException(role[0]);
        }
        while (System.in.read() >= 0) {
            // Stay until the parent has gone or let go.
        }
    }

    private static void say(Object what) {
        System.out.println(what);
        System.out.flush();
    }

    /// Sleeps until the word holds the value.
    static void await(MemorySegment memory, long offset, int value) {
        int seen;
        while ((seen = (int) WORD.getAcquire(memory, offset)) != value) {
            Futex.await(memory, offset, seen, seen, Long.MAX_VALUE);
        }
    }

    /// Stores the value and wakes who sleeps on the word.
    static void publish(MemorySegment memory, long offset, int value) {
        WORD.setRelease(memory, offset, value);
        Futex.wake(memory, offset, 1);
    }

    /// Lets a "sweep" child stop.
    void stop() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }
}
