package io.sluice.ipc.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What this process has open and mapped, proc_pid_fd(5) and proc_pid_maps(5): only what concerns one path, as other
/// threads of the process open files too.
final class Descriptors {
    private Descriptors() {}

    /// How many descriptors are open on the path or, if it is a directory, below it.
    static long open(Path path) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(descriptor -> target(descriptor).startsWith(path.toString())).count();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }

    /// How many mappings there are of the path or, if it is a directory, of files below it.
    static long mapped(Path path) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains(" " + path)).count();
        }
    }
}
