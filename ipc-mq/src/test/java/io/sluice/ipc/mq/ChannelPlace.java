package io.sluice.ipc.mq;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/// A runtime directory of a test, and what there is in it and in the kernel.
///
/// POSIX queues are listed by a file system; a test that may mount it does, and another one sees what is mounted already.
final class ChannelPlace {
    private static final String DIRECTORY = "ipc.dir";

    private Path directory;
    private Path mount;

    void open() throws IOException, InterruptedException {
        directory = Files.createTempDirectory("ipc");
        System.setProperty(DIRECTORY, directory.toString());
        if (QueueEntry.posix().isEmpty()) {
            Path point = Files.createTempDirectory("mqueue");
            if (run("mount", "-t", "mqueue", "none", point.toString())) {
                mount = point;
            } else {
                Files.delete(point);
            }
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // there is no such program
        }
    }

    void close() throws IOException, InterruptedException {
        System.clearProperty(DIRECTORY);
        for (String file : files()) {
            removeQueues(file);
            Files.delete(directory.resolve(file));
        }
        Files.delete(directory);
        if (mount != null && run("umount", mount.toString())) {
            Files.delete(mount);
        }
    }

    /// What a client that was killed after the other side had closed has left stays until its name is bound again, which no
    /// test does.
    private static void removeQueues(String file) {
        if (file.endsWith(".out")) {
            String id = file.substring(file.indexOf('.') + 1);
            MessageQueue.remove("sysv:0x" + id.substring(0, 8));
            MessageQueue.remove("sysv:0x" + id.substring(8, 16));
        }
    }

    Path directory() {
        return directory;
    }

    /// The place of an address that nobody else uses.
    static String place() {
        return UUID.randomUUID().toString().substring(0, 8);
    }

    /// The names in the directory.
    List<String> files() {
        TreeSet<String> names = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(names);
    }

    /// Files, and the queues of a kind.
    Set<String> traces(Kind kind) {
        TreeSet<String> all = new TreeSet<>(files());
        try {
            List<QueueEntry> queues =
                    kind == Kind.MQ ? QueueEntry.posix().orElse(List.of()) : QueueEntry.systemV();
            queues.forEach(queue -> all.add(queue.address()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }
}
