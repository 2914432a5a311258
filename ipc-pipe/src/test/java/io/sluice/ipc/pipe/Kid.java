package io.sluice.ipc.pipe;

import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Message;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/// A child of the tests: `main` does what its first argument says.
final class Kid {
    private Kid() {}

    /// A command line that runs this class, for a [ProcessBuilder] with redirections of its own.
    static List<String> command(List<String> jvmOptions, String... role) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Kid.class.getName()));
        command.addAll(List.of(role));
        return command;
    }

    /// Skips the test where a program is missing.
    static String program(String name) {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
            Path path = Path.of(directory, name);
            if (Files.isExecutable(path)) {
                return path.toString();
            }
        }
        Assumptions.abort(name + " is not installed");
        return null;
    }

    public static void main(String[] role) throws Exception {
        switch (role[0]) {
            case "echo" -> echo();
            case "chatter" -> {
                System.out.println("said before it connected");
                try (Channel parent = Ipc.connect("stdio:")) {
                    for (Message message; (message = parent.receive()) != null;) {
                        System.out.println("said while it answers");
                        System.out.flush();
                        parent.send(message.bytes());
                    }
                }
            }
            case "silent" -> TimeUnit.MINUTES.sleep(5);
            case "garbage" -> {
                raw("this is no greeting, but some text for a human being".getBytes(StandardCharsets.US_ASCII));
                TimeUnit.MINUTES.sleep(5);
            }
            case "version" -> {
                raw(hello(77));
                TimeUnit.MINUTES.sleep(5);
            }
            case "garbage-later" -> {
                raw(hello(1));
                raw(new byte[] {1, 0, 0, 0, 42, 3, 0, 0}); // a message, and most of a header
                raw(new byte[] {-128}); // its last byte: negative, and no closing frame
                TimeUnit.MINUTES.sleep(5);
            }
            case "mid-frame" -> {
                raw(hello(1));
                raw(new byte[] {1, 0, 0, 0, 42, 100, 0, 0, 0, 1, 2, 3});
            }
            case "halt" -> {
                Channel parent = Ipc.connect("stdio:");
                parent.send(parent.receive().bytes());
                Runtime.getRuntime().halt(3);
            }
            case "flood" -> {
                byte[] line = ("x".repeat(1000) + "\n").getBytes(StandardCharsets.US_ASCII);
                for (int i = 0; i < 20_000; i++) {
                    System.err.write(line);
                }
                echo();
            }
            case "stream" -> stream(Ipc.connect("stdio:"));
            case "write-only" -> {
                try (Channel parent = Ipc.connect("stdio:")) {
                    for (int i = 0; i < 100; i++) {
                        parent.send(message(i));
                    }
                }
            }
            case "read-only" -> {
                try (Channel parent = Ipc.connect("stdio:")) {
                    int count = 0;
                    while (parent.receive() != null) {
                        count++;
                    }
                    Files.writeString(Path.of(role[1]), Integer.toString(count));
                }
            }
            case "stream-to" -> {
                Channel server = Ipc.connect(role[1]);
                for (int i = 0;; i++) {
                    server.send(message(i));
                    server.receive();
                }
            }
            case "serve-stream" -> {
                try (Endpoint endpoint = Ipc.bind(role[1])) {
                    while (true) {
                        Channel client = endpoint.accept();
                        Thread.ofPlatform().start(() -> stream(client));
                    }
                }
            }
            case "parent" -> parent(role);
            case "orphan" -> orphan(Path.of(role[1]));
            default -> throw new IllegalArgumentException(role[0]);
        }
    }

    private static void stream(Channel channel) {
        try {
            for (int i = 0;; i++) {
                channel.send(message(i));
            }
        } catch (ClosedException e) {
            channel.close();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void echo() throws InterruptedException {
        try (Channel parent = Ipc.connect("stdio:")) {
            for (Message message; (message = parent.receive()) != null;) {
                parent.send(message.bytes());
            }
        }
    }

    /// A message by which its place in a stream can be told.
    static byte[] message(int index) {
        byte[] message = new byte[4 + index % 5_000];
        ByteBuffer.wrap(message).putInt(index);
        return message;
    }

    /// Whether a process is no more, or waits for nothing but to be reaped by whoever has inherited it.
    static boolean isGone(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return "ZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) >= 0;
        } catch (IOException e) {
            return true;
        }
    }

    /// Writes to the channel's descriptor as it is.
    private static void raw(byte[] bytes) throws IOException {
        try (OutputStream out = new FileOutputStream("/proc/self/fd/4")) {
            out.write(bytes);
        }
    }

    static byte[] hello(int version) {
        return ByteBuffer.allocate(24)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("SLUICEST".getBytes(StandardCharsets.US_ASCII))
                .putInt(version)
                .putInt(0)
                .putInt(1 << 20)
                .putInt(0)
                .array();
    }

    /// Starts an orphan to be, says which process it is, and waits to be killed.
    private static void parent(String[] role) throws Exception {
        ChildProcess child = ChildProcess.of(Kid.class, "orphan", role[1]).address(role[2]).start();
        System.out.println(child.process().pid());
        System.out.flush();
        TimeUnit.MINUTES.sleep(5);
    }

    /// Writes down how its channel ends; the file appears when it has.
    private static void orphan(Path file) throws Exception {
        Channel parent = Ipc.connect("stdio:");
        String end;
        try {
            end = String.valueOf(parent.receive());
        } catch (RuntimeException e) {
            end = e.getClass().getSimpleName();
        }
        Path written = Files.writeString(Path.of(file + ".new"), end);
        Files.move(written, file);
        TimeUnit.MINUTES.sleep(5);
    }
}
