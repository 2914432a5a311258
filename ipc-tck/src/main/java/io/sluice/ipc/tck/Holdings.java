package io.sluice.ipc.tck;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What this process holds of the system at a moment: its threads, open descriptors, mapped files, and what the
/// transport says it has elsewhere.
///
/// Names are reduced to their kind: numbers become `#`, since a new socket has a new number.
///
/// @param counts how many there are of each kind
record Holdings(Map<String, Integer> counts) {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Path MAPPINGS = Path.of("/proc/self/maps");

    static Holdings now(TestBed bed) {
        List<String> names = new ArrayList<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (!isTheJvms(thread.getName())) {
                names.add("thread " + thread.getName());
            }
        }
        descriptors(names);
        mappings(names);
        bed.traces().forEach(trace -> names.add("trace " + trace));
        Map<String, Integer> counts = new TreeMap<>();
        names.forEach(name -> counts.merge(name.replaceAll("\\d+", "#"), 1, Integer::sum));
        return new Holdings(counts);
    }

    /// Threads that the JVM starts and ends as it likes.
    private static boolean isTheJvms(String thread) {
        return Stream.of("ForkJoinPool", "process reaper", "Cleaner", "Common-Cleaner", "VirtualThread-", "Read-Poller",
                "Write-Poller", "Attach Listener", "Cleaner-", "surefire-", "junit-")
                .anyMatch(thread::startsWith);
    }

    private static void descriptors(List<String> names) {
        if (!Files.isDirectory(DESCRIPTORS)) {
            return;
        }
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            for (Path descriptor : all.toList()) {
                String target = target(descriptor);
                if (target != null && !target.endsWith(".jar") && !target.startsWith("/proc/")) {
                    names.add("descriptor of " + target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Null if it is closed by now, as the one of the listing itself.
    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return null;
        }
    }

    private static void mappings(List<String> names) {
        if (!Files.isReadable(MAPPINGS)) {
            return;
        }
        try {
            for (String line : Files.readAllLines(MAPPINGS)) {
                int path = line.indexOf('/');
                String mapped = path < 0 ? "" : line.substring(path);
                if (path >= 0 && !mapped.contains(".so") && !mapped.endsWith(".jar") && !mapped.endsWith("modules")) {
                    names.add("mapping of " + mapped);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What there is here and was not there before, one kind a line; empty if there is nothing.
    String beyond(Holdings before) {
        StringBuilder more = new StringBuilder();
        counts.forEach((name, count) -> {
            int was = before.counts.getOrDefault(name, 0);
            if (count > was) {
                more.append("    ").append(name).append(": ").append(was).append(" before, ").append(count)
                        .append(" now\n");
            }
        });
        return more.toString();
    }
}
