package io.sluice.ipc.benchmarks.journal;

import io.sluice.ipc.file.Appender;
import io.sluice.ipc.file.Journal;
import io.sluice.ipc.file.JournalOptions;
import io.sluice.ipc.file.Sync;
import io.sluice.ipc.file.Tailer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// Sets the journal beside its peers, in turns, on tmpfs and on disk, and prints medians and ratios.
public final class JournalBenchmark {
    private static final int WARM = 3_000_000;
    private static final int RECORDS = 5_000_000;
    private static final int WARM_TRIPS = 100_000;
    private static final int TRIPS = 200_000;
    private static final int SYNC_APPENDERS = 8;
    private static final long SYNC_NANOS = 2_000_000_000L;
    private static final int REPLAYED = 500_000;
    private static final int MEMORY_MIB = 600;

    private JournalBenchmark() {}

    /// Runs all; or, as a process that was started for it, a part.
    ///
    /// @param arguments scenarios, folders to use, `--turns=N`
    /// @throws Exception if anything goes wrong
    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && arguments[0].equals("part")) {
            part(arguments[1], Log.Kind.valueOf(arguments[2]), Path.of(arguments[3]));
            return;
        }
        int turns = Arrays.stream(arguments)
                .filter(argument -> argument.startsWith("--turns="))
                .mapToInt(argument -> Integer.parseInt(argument.substring(8)))
                .findFirst()
                .orElse(5);
        List<String> rest =
                Arrays.stream(arguments).filter(argument -> !argument.startsWith("--")).toList();
        List<String> scenarios =
                rest.isEmpty() ? List.of("stream", "trip", "sync", "replay", "open") : List.of(rest.get(0).split(","));
        List<Path> folders = rest.size() > 1
                ? rest.subList(1, rest.size()).stream().map(Path::of).toList()
                : List.of(Path.of("/dev/shm"), Path.of(System.getProperty("java.io.tmpdir")));
        for (Path folder : folders) {
            String type = Files.getFileStore(folder).type();
            for (String scenario : scenarios) {
                switch (scenario) {
                    case "stream" -> compare(
                            type + ": append and tail, 32 bytes, records/s", turns, folder,
                            path -> pair(Log.Kind.SLUICE, "append", "tail", path),
                            path -> pair(Log.Kind.CHRONICLE, "append", "tail", path), 2.0, false);
                    case "trip" -> compare(
                            type + ": round trip through two logs, p50, ns", turns, folder,
                            path -> pair(Log.Kind.SLUICE, "echo", "ping", path),
                            path -> pair(Log.Kind.CHRONICLE, "echo", "ping", path), 0.75, true);
                    case "sync" -> compare(
                            type + ": 8 appenders, sync=every, beside fdatasync per record, records/s", turns, folder,
                            JournalBenchmark::groupCommit, JournalBenchmark::flushEach, 5.0, false);
                    case "replay" -> replay(type, turns, folder);
                    case "open" -> open(type, turns, folder);
                    default -> throw new IllegalArgumentException(scenario);
                }
            }
        }
    }

    /// One figure of one contender, in an empty folder.
    private interface Turn {
        double run(Path folder) throws Exception;
    }

    private static void compare(
            String what, int turns, Path folder, Turn ours, Turn theirs, double goal, boolean lower) throws Exception {
        double[] our = new double[turns];
        double[] their = new double[turns];
        double[] ratios = new double[turns];
        for (int turn = 0; turn < turns; turn++) {
            our[turn] = inEmptyFolder(folder, ours);
            their[turn] = inEmptyFolder(folder, theirs);
            ratios[turn] = our[turn] / their[turn];
        }
        double ratio = median(ratios);
        boolean met = lower ? ratio <= goal : ratio >= goal;
        System.out.printf(
                Locale.ROOT, "%s%n  sluice %,.0f   peer %,.0f   ratio %.2f (%.2f to %.2f)   goal %s %.2f: %s%n",
                what, median(our), median(their), ratio, Arrays.stream(ratios).min().orElse(0),
                Arrays.stream(ratios).max().orElse(0), lower ? "<=" : ">=", goal, met ? "met" : "MISSED");
    }

    private static double median(double[] figures) {
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double inEmptyFolder(Path parent, Turn turn) throws Exception {
        Path folder = Files.createTempDirectory(parent, "sluice-journal-benchmark");
        try {
            takeMemory(folder);
            return turn.run(folder);
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /// Has a virtual machine get as much memory from its host as a turn uses, and free it again: a host that takes freed memory
    /// back needs some 5 us for each page of it, which is what would be measured.
    private static void takeMemory(Path folder) throws IOException {
        Path file = folder.resolve("memory");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
            for (int i = 0; i < MEMORY_MIB; i++) {
                channel.write(zeros.clear());
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /// Two processes; the second prints the figure.
    private static double pair(Log.Kind kind, String first, String second, Path folder) throws Exception {
        Process one = start(first, kind, folder);
        Process two = start(second, kind, folder);
        try {
            String line =
                    new String(two.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).strip();
            return Double.parseDouble(line.substring(line.lastIndexOf('\n') + 1));
        } finally {
            one.destroyForcibly().waitFor();
            two.destroyForcibly().waitFor();
        }
    }

    private static Process start(String role, Log.Kind kind, Path folder) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(kind.flags());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), JournalBenchmark.class.getName()));
        command.addAll(List.of("part", role, kind.name(), folder.toString()));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static void part(String role, Log.Kind kind, Path folder) {
        Path there = folder.resolve("there");
        Path back = folder.resolve("back");
        switch (role) {
            case "append" -> {
                try (Log log = kind.open(there); Log ready = kind.open(back)) {
                    ready.next();
                    for (int i = 0; i < WARM; i++) {
                        log.append(i);
                    }
                    ready.next(); // the tailer is there too
                    log.append(System.nanoTime());
                    for (int i = 1; i < RECORDS; i++) {
                        log.append(i);
                    }
                    ready.next();
                }
            }
            case "tail" -> {
                try (Log log = kind.open(there); Log ready = kind.open(back)) {
                    ready.append(1);
                    for (int i = 0; i < WARM; i++) {
                        check(log.next(), i);
                    }
                    ready.append(2);
                    long start = log.next(); // System.nanoTime() is the same clock in all processes
                    for (int i = 1; i < RECORDS; i++) {
                        check(log.next(), i);
                    }
                    System.out.println(RECORDS * 1e9 / (System.nanoTime() - start));
                }
            }
            case "echo" -> {
                try (Log in = kind.open(there); Log out = kind.open(back)) {
                    for (int i = 0; i < WARM_TRIPS + TRIPS; i++) {
                        out.append(in.next());
                    }
                }
            }
            case "ping" -> {
                long[] trips = new long[TRIPS];
                try (Log out = kind.open(there); Log in = kind.open(back)) {
                    for (int i = -WARM_TRIPS; i < TRIPS; i++) {
                        long start = System.nanoTime();
                        out.append(i);
                        check(in.next(), i);
                        if (i >= 0) {
                            trips[i] = System.nanoTime() - start;
                        }
                    }
                }
                Arrays.sort(trips);
                System.out.println((double) trips[TRIPS / 2]);
            }
            default -> throw new IllegalArgumentException(role);
        }
    }

    private static void check(long number, long expected) {
        if (number != expected) {
            throw new IllegalStateException(number + " instead of " + expected);
        }
    }

    private static double groupCommit(Path folder) throws Exception {
        AtomicLong records = new AtomicLong();
        long start = System.nanoTime();
        try (Journal journal = Journal.open(folder, JournalOptions.DEFAULT.withSync(Sync.every()))) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < SYNC_APPENDERS; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    byte[] record = new byte[32];
                    try (Appender appender = journal.appender()) {
                        while (System.nanoTime() - start < SYNC_NANOS) {
                            appender.append(record);
                            records.incrementAndGet();
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        return records.get() * 1e9 / (System.nanoTime() - start);
    }

    private static double flushEach(Path folder) throws Exception {
        long records = 0;
        ByteBuffer record = ByteBuffer.allocateDirect(48);
        long start = System.nanoTime();
        try (FileChannel channel = FileChannel.open(
                folder.resolve("file"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (System.nanoTime() - start < SYNC_NANOS) {
                channel.write(record.clear());
                channel.force(false);
                records++;
            }
        }
        return records * 1e9 / (System.nanoTime() - start);
    }

    /// Opens a journal of 10 GiB, of reserved pages that nobody has written; on a disk, since tmpfs would take them of memory.
    private static void open(String type, int turns, Path parent) throws Exception {
        if (type.equals("tmpfs")) {
            return;
        }
        inEmptyFolder(parent, folder -> {
            long length = 0;
            try (Journal journal = Journal.open(folder); Appender appender = journal.appender()) {
                while (length < 10L << 30) {
                    appender.claimRecord(journal.maxLength()).abort();
                    appender.append(new byte[1]);
                    length = appender.position();
                }
            }
            double[] millis = new double[turns];
            for (int turn = 0; turn < turns; turn++) {
                long start = System.nanoTime();
                try (Journal journal = Journal.open(folder); Appender appender = journal.appender()) {
                    appender.append(new byte[1]);
                    millis[turn] = (System.nanoTime() - start) / 1e6;
                }
            }
            System.out.printf(
                    Locale.ROOT, "%s: open 10 GiB and append, ms%n  sluice %.1f   goal <= 50: %s%n", type,
                    median(millis), median(millis) <= 50 ? "met" : "MISSED");
            return 0;
        });
    }

    /// Reads a journal of 1 KiB records, beside `cat` of its files to /dev/null; both from the page cache, in turns.
    private static void replay(String type, int turns, Path parent) throws Exception {
        inEmptyFolder(parent, folder -> {
            byte[] record = new byte[1024];
            try (Journal journal = Journal.open(folder); Appender appender = journal.appender()) {
                for (int i = 0; i < REPLAYED; i++) {
                    record[i % record.length]++;
                    appender.append(record);
                }
            }
            long bytes = REPLAYED * 1024L;
            double[] our = new double[turns];
            double[] their = new double[turns];
            double[] ratios = new double[turns];
            for (int turn = -2; turn < turns; turn++) {
                long start = System.nanoTime();
                long[] sum = new long[1];
                try (Journal journal = Journal.open(folder); Tailer tailer = journal.tailer()) {
                    while (tailer.poll((position, time, buffer, offset, length) -> sum[0] += length, 1_000) > 0) {
                        // On.
                    }
                }
                check(sum[0], bytes);
                long middle = System.nanoTime();
                new ProcessBuilder("sh", "-c", "cat " + folder + "/*.segment > /dev/null").start().waitFor();
                long end = System.nanoTime();
                if (turn >= 0) {
                    our[turn] = bytes * 1e9 / (middle - start) / (1 << 20);
                    their[turn] = bytes * 1e9 / (end - middle) / (1 << 20);
                    ratios[turn] = our[turn] / their[turn];
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "%s: replay of 1 KiB records beside cat, MiB/s%n  sluice %,.0f   peer %,.0f   ratio %.2f   "
                            + "goal >= 0.60: %s%n",
                    type, median(our), median(their), median(ratios), median(ratios) >= 0.6 ? "met" : "MISSED");
            return 0;
        });
    }
}
