package io.sluice.ipc.file;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// A second process: this class on one side, its `main` on the other. It ends with its parent.
final class Child implements AutoCloseable {
    /// The child has published all records up to this number, exclusively, says each of its lines.
    static final int LINES = 16;

    private final Process process;
    private final BufferedReader output;

    private Child(Process process) {
        this.process = process;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static Child start(Object... role) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Child.class.getName()));
        for (Object word : role) {
            command.add(word.toString());
        }
        return new Child(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /// The next line; null if there is none any more.
    String line() throws IOException {
        return output.readLine();
    }

    void say(String text) throws IOException {
        process.getOutputStream().write((text + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /// SIGKILL, and its end.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("it does not die");
        }
    }

    /// SIGSTOP or SIGCONT.
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }

    @Override
    public void close() throws IOException {
        try {
            process.getOutputStream().close();
            process.getInputStream().close();
            process.onExit().orTimeout(1, TimeUnit.MINUTES).join();
        } finally {
            process.destroyForcibly();
        }
    }

    public static void main(String[] role) throws Exception {
        Path folder = Path.of(role[1]);
        switch (role[0]) {
            case "append" ->
                append(folder, Integer.parseInt(role[2]), Integer.parseInt(role[3]), Integer.parseInt(role[4]),
                        io(role));
            case "claim" -> {
                try (Journal journal = Journal.open(folder, Records.SMALL)) {
                    Appender appender = journal.appender();
                    appender.append("before".getBytes(StandardCharsets.UTF_8));
                    appender.claimRecord(1_000).buffer().putByte(1_000, (byte) 1);
                    System.out.println("claimed");
                    System.out.flush();
                    System.in.read();
                    System.exit(0);
                }
            }
            case "create" -> {
                System.out.println("ready");
                System.out.flush();
                System.in.read();
                try (Journal journal = Journal.open(folder, Records.SMALL); Appender appender = journal.appender()) {
                    for (int i = 0; i < 100; i++) {
                        appender.append(Records.body(Integer.parseInt(role[2]), i, 100));
                    }
                }
                System.out.println("done");
            }
            default -> FilePeer.main(role);
        }
    }

    /// How files are read and written, if that is said.
    private static JournalOptions.Io io(String[] role) {
        return role.length > 5 ? JournalOptions.Io.valueOf(role[5]) : JournalOptions.Io.AUTO;
    }

    /// Appends until it is killed or its parent says so. Says how far it is after every few records.
    private static void append(Path folder, int writer, int maxLength, int pauseMicros, JournalOptions.Io io)
            throws Exception {
        AtomicBoolean stopped = new AtomicBoolean();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                System.in.read(); // a word of the parent, or its end
            } catch (IOException e) {
                // The end.
            }
            stopped.set(true);
        });
        SplittableRandom random = new SplittableRandom(writer);
        try (Journal journal = Journal.open(folder, JournalOptions.DEFAULT.withSegmentLength(1 << 20).withIo(io));
                Appender appender = journal.appender()) {
            for (long number = 0;; number++) {
                byte[] body = Records.body(writer, number, maxLength);
                if (random.nextInt(3) == 0) {
                    var claim = appender.claimRecord(body.length);
                    claim.buffer().putBytes(claim.offset(), body);
                    claim.commit();
                } else {
                    appender.append(body);
                }
                if (number % LINES == 0) {
                    System.out.println(number + 1);
                    System.out.flush();
                    if (stopped.get()) {
                        return;
                    }
                }
                if (pauseMicros > 0) {
                    LockSupport.parkNanos(pauseMicros * 1_000L);
                }
            }
        }
    }
}
