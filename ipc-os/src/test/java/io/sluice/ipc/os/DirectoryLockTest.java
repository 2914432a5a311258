package io.sluice.ipc.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.TimedOutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// flock(2): the lock is the open file description's, and goes with it.
@Timeout(120)
class DirectoryLockTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(30);

    @TempDir
    Path temporary;

    private Path path;
    private RuntimeDirectory directory;

    @BeforeEach
    void createDirectory() {
        assumeTrue(Libc.POSIX);
        path = temporary.resolve("run");
        directory = RuntimeDirectory.forBind(path);
    }

    @Test
    void isHadAgainOnceItIsGivenBack() {
        directory.lock(SHORT).close();
        directory.lock(SHORT).close();
    }

    @Test
    void isGivenBackOnceOnly() {
        RuntimeDirectory.Lock first = directory.lock(SHORT);
        first.close();
        try (RuntimeDirectory.Lock _ = directory.lock(SHORT)) {
            first.close();
            assertThrows(TimedOutException.class, () -> directory.lock(SHORT));
        }
    }

    @Test
    void leavesNothingInTheDirectory() throws Exception {
        try (RuntimeDirectory.Lock _ = directory.lock(SHORT); var entries = Files.list(path)) {
            assertEquals(0, entries.count());
        }
    }

    @Test
    void excludesTheOtherThreadsOfTheProcess() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (var one : threads.invokeAll(IntStream.range(0, 200).<Callable<Integer>>mapToObj(i -> () -> {
                try (RuntimeDirectory.Lock _ = directory.lock(LONG)) {
                    int others = inside.getAndIncrement();
                    Thread.yield();
                    inside.getAndDecrement();
                    return others;
                }
            }).toList())) {
                assertEquals(0, one.get());
            }
        }
    }

    @Test
    void ofAnotherThreadRunsIntoTheTimeout() {
        try (RuntimeDirectory.Lock _ = directory.lock(SHORT)) {
            TimedOutException e = assertThrows(TimedOutException.class, () -> directory.lock(SHORT));
            assertTrue(e.getMessage().contains("another thread of this process"), e.getMessage());
        }
    }

    @Test
    void mayBeGivenBackByAnotherThread() throws Exception {
        RuntimeDirectory.Lock lock = directory.lock(SHORT);
        Thread.ofVirtual().start(lock::close).join();
        directory.lock(SHORT).close();
    }

    @Test
    void ofOneDirectoryLeavesOthersAlone() {
        RuntimeDirectory other = RuntimeDirectory.forBind(temporary.resolve("other"));
        try (RuntimeDirectory.Lock _ = directory.lock(SHORT);
                RuntimeDirectory.Lock _ = other.lock(SHORT)) {
            assertThrows(TimedOutException.class, () -> other.lock(SHORT));
        }
    }

    @Test
    void ofAnotherProcessRunsIntoTheTimeout() throws Exception {
        try (Child holder = Child.start("lock", path.toString())) {
            assertEquals("locked", holder.line());
            TimedOutException e = assertThrows(TimedOutException.class, () -> directory.lock(SHORT));
            assertTrue(e.getMessage().contains("another process"), e.getMessage());
            assertTrue(e.getMessage().contains(path.toString()), e.getMessage());
        }
        directory.lock(LONG).close();
    }

    @Test
    void ofAStoppedProcessDoesNotHangOthers() throws Exception {
        try (Child holder = Child.start("lock", path.toString())) {
            assertEquals("locked", holder.line());
            holder.signal("STOP");
            try {
                assertThrows(TimedOutException.class, () -> directory.lock(SHORT));
            } finally {
                holder.signal("CONT");
            }
        }
    }

    @Test
    void isReleasedWhenItsProcessIsKilled() throws Exception {
        try (Child holder = Child.start("lock", path.toString())) {
            assertEquals("locked", holder.line());
            holder.kill();
            directory.lock(LONG).close();
        }
    }

    @Test
    void isHadByWhoWaitsWhenItsProcessIsKilled() throws Exception {
        try (Child holder = Child.start("lock", path.toString());
                var threads = Executors.newSingleThreadExecutor()) {
            assertEquals("locked", holder.line());
            CountDownLatch started = new CountDownLatch(1);
            var waiting = threads.submit(() -> {
                started.countDown();
                directory.lock(LONG).close();
            });
            started.await();
            holder.kill();
            waiting.get();
        }
    }

    /// As a lock of fcntl(2) would be.
    @Test
    void isNotLostWhenAnotherDescriptorOfTheDirectoryIsClosed() throws Exception {
        try (RuntimeDirectory.Lock _ = directory.lock(SHORT)) {
            Libc.close(Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0));
            int other = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
            try {
                assertEquals(-Libc.EAGAIN, Libc.flock(other, Libc.LOCK_EX | Libc.LOCK_NB));
            } finally {
                Libc.close(other);
            }
        }
    }

    /// A process that is started while the lock is held does not carry it on.
    @Test
    void isNotInheritedByAProcessThatIsStarted() throws Exception {
        RuntimeDirectory.Lock lock = directory.lock(SHORT);
        try (Child child = Child.start("capabilities", path.toString())) {
            assertEquals("true", child.line());
            lock.close();
            directory.lock(SHORT).close();
        }
    }

    @Test
    void outlivesAnInterruptWhichIsKept() throws Exception {
        Thread.currentThread().interrupt();
        directory.lock(SHORT).close();
        assertTrue(Thread.interrupted());
        try (Child holder = Child.start("lock", path.toString())) {
            assertEquals("locked", holder.line());
            Thread.currentThread().interrupt();
            long start = System.nanoTime();
            assertThrows(TimedOutException.class, () -> directory.lock(SHORT));
            assertTrue(System.nanoTime() - start >= SHORT.toNanos());
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void ofADirectoryThatIsNotThereIsAnError() {
        RuntimeDirectory missing = RuntimeDirectory.forConnect(temporary.resolve("missing"), false);
        for (int i = 0; i < 2; i++) {
            SystemCallException e = assertThrows(SystemCallException.class, () -> missing.lock(SHORT));
            assertTrue(e.getMessage().contains("does not exist"), e.getMessage());
        }
    }

    @Test
    void leavesNoDescriptorOpen() throws Exception {
        directory.lock(SHORT).close();
        long before = Descriptors.open(path);
        try (RuntimeDirectory.Lock _ = directory.lock(SHORT)) {
            assertEquals(before + 1, Descriptors.open(path));
            assertThrows(TimedOutException.class, () -> directory.lock(SHORT));
        }
        assertEquals(before, Descriptors.open(path));
    }
}
