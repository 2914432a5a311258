package io.sluice.ipc.os;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/// A thread that waits on a futex once, and whether it is asleep in the kernel: that is asked of `/proc`.
final class Sleeper {
    private final Thread thread;
    private final long address;
    private volatile Path task;
    private volatile Throwable failure;
    private volatile boolean interrupted;

    private Sleeper(MemorySegment memory, long offset, int expected, int awake, long timeoutNanos) {
        this.address = memory.address() + offset;
        this.thread = new Thread(() -> {
            try {
                task = Path.of("/proc/thread-self").toRealPath();
                Futex.await(memory, offset, expected, awake, timeoutNanos);
            } catch (Throwable e) {
                failure = e;
            }
            interrupted = Thread.currentThread().isInterrupted();
        });
        thread.setDaemon(true);
    }

    static Sleeper start(MemorySegment memory, long offset, int expected, int awake, long timeoutNanos) {
        Sleeper sleeper = new Sleeper(memory, offset, expected, awake, timeoutNanos);
        sleeper.thread.start();
        return sleeper;
    }

    /// Returns when the thread is inside futex(2) on its word: proc_pid_syscall(5) shows the call and its arguments.
    Sleeper awaitAsleep() throws IOException {
        String call = Futex.SYS_FUTEX + " 0x" + Long.toHexString(address) + " ";
        while (thread.isAlive()) {
            if (task != null && Files.readString(task.resolve("syscall")).startsWith(call)
                    && Files.readString(task.resolve("stat")).contains(") S ")) {
                return this;
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("it did not sleep: " + failure);
    }

    boolean isAsleep() {
        return thread.isAlive();
    }

    void interrupt() {
        thread.interrupt();
    }

    /// Returns when the wait is over.
    Sleeper join() throws InterruptedException, TimeoutException {
        if (!thread.join(Duration.ofMinutes(1))) {
            throw new TimeoutException("the futex wait did not end");
        }
        return this;
    }

    Throwable failure() {
        return failure;
    }

    /// Whether the thread was still marked as interrupted after the wait.
    boolean wasInterrupted() {
        return interrupted;
    }
}
