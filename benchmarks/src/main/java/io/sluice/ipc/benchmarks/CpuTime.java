package io.sluice.ipc.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The CPU time of processes, to the nanosecond: the sum over its threads of what the scheduler says in
/// `/proc/PID/task/TID/schedstat`. `/proc/PID/stat` counts in hundredths of a second, too coarse for a tenth of a percent.
final class CpuTime {
    private CpuTime() {}

    static long nanoseconds(Stream<ProcessHandle> processes) throws IOException {
        long sum = 0;
        for (ProcessHandle process : processes.toList()) {
            sum += nanoseconds(process.pid());
        }
        return sum;
    }

    static long nanoseconds(long pid) throws IOException {
        List<Path> threads;
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            threads = tasks.toList();
        } catch (NoSuchFileException e) {
            return 0; // it has ended
        }
        long sum = 0;
        for (Path thread : threads) {
            try {
                sum += Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ")[0]);
            } catch (NoSuchFileException e) {
                // The thread has ended since.
            }
        }
        return sum;
    }
}
