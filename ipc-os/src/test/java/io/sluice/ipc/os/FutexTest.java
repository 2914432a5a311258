package io.sluice.ipc.os;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.sluice.ipc.SystemCallException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// futex(2), FUTEX_WAIT and FUTEX_WAKE.
@Timeout(120)
class FutexTest {
    private static final long FOREVER = Long.MAX_VALUE;
    private static final int SIZE = 8192;
    private static final int ASLEEP = 1;
    private static final int AWAKE = 2;
    private static final int OTHER = 3;
    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();

    private MemoryFile file;
    private MemorySegment memory;

    @BeforeEach
    void createMemory() {
        assumeTrue(Futex.isSupported(), "no futexes here");
        file = MemoryFile.create("futex-test", SIZE, Optional.empty());
        memory = file.memory();
        put(0, ASLEEP);
    }

    @AfterEach
    void closeMemory() {
        if (file != null) {
            file.close();
        }
    }

    private void put(long offset, int value) {
        WORD.setVolatile(memory, offset, value);
    }

    private int word(long offset) {
        return (int) WORD.getVolatile(memory, offset);
    }

    @Test
    void isSupportedWhereThisIsTested() {
        assumeTrue(Libc.LINUX && (Libc.X86_64 || Libc.AARCH64));
        assertTrue(Futex.isSupported());
    }

    @Test
    void aWaitReturnsAtOnceIfTheWordHoldsAnotherValue() {
        Futex.await(memory, 0, OTHER, AWAKE, FOREVER);
        assertEquals(ASLEEP, word(0));
    }

    @Test
    void aWakeEndsAWait() throws Exception {
        Sleeper sleeper = Sleeper.start(memory, 0, ASLEEP, AWAKE, FOREVER).awaitAsleep();
        Futex.wake(memory, 0, 1);
        assertNull(sleeper.join().failure());
        assertEquals(ASLEEP, word(0), "a wake changes nothing");
    }

    @Test
    void aWakeEndsNoMoreWaitsThanItIsAskedTo() throws Exception {
        List<Sleeper> sleepers = List.of(
                Sleeper.start(memory, 0, ASLEEP, AWAKE, FOREVER).awaitAsleep(),
                Sleeper.start(memory, 0, ASLEEP, AWAKE, FOREVER).awaitAsleep(),
                Sleeper.start(memory, 0, ASLEEP, AWAKE, FOREVER).awaitAsleep());
        Futex.wake(memory, 0, 2);
        while (sleepers.stream().filter(Sleeper::isAsleep).count() > 1) {
            Thread.onSpinWait();
        }
        sleepers.stream().filter(Sleeper::isAsleep).findAny().orElseThrow().awaitAsleep();
        Futex.wake(memory, 0, Integer.MAX_VALUE);
        for (Sleeper sleeper : sleepers) {
            sleeper.join();
        }
    }

    @Test
    void aWakeOfOneWordLeavesThoseWhoSleepOnAnother() throws Exception {
        put(4, ASLEEP);
        Sleeper sleeper = Sleeper.start(memory, 4, ASLEEP, AWAKE, FOREVER).awaitAsleep();
        Futex.wake(memory, 0, Integer.MAX_VALUE);
        sleeper.awaitAsleep();
        Futex.wake(memory, 4, 1);
        sleeper.join();
    }

    @Test
    void aWakeReachesTheSameMemoryMappedElsewhere() throws Exception {
        try (MemoryFile again = MemoryFile.open(file.path(), SIZE)) {
            Sleeper sleeper = Sleeper.start(memory, 64, 0, AWAKE, FOREVER).awaitAsleep();
            Futex.wake(again.memory(), 64, 1);
            sleeper.join();
        }
    }

    @Test
    void aWakeThatFindsNobodyDoesNothing() {
        Futex.wake(memory, 0, Integer.MAX_VALUE);
        assertEquals(ASLEEP, word(0));
    }

    @Test
    void twoProcessesWakeEachOther() throws Exception {
        try (Child child = Child.start("echo", file.path().toString(), Integer.toString(SIZE))) {
            put(Child.PING, 0);
            for (int round = 1; round <= Child.ROUNDS; round++) {
                Child.publish(memory, Child.PING, round);
                Child.await(memory, Child.PONG, round);
            }
            assertEquals("done", child.line());
        }
    }

    @Test
    void aTimeoutEndsAWait() {
        long start = System.nanoTime();
        Futex.await(memory, 0, ASLEEP, AWAKE, 20_000_000);
        assertTrue(System.nanoTime() - start >= 20_000_000);
        assertEquals(ASLEEP, word(0));
    }

    @Test
    void aTimeoutOfMoreThanASecondIsPassedOnWhole() throws Exception {
        Sleeper sleeper = Sleeper.start(memory, 0, ASLEEP, AWAKE, FOREVER - 1).awaitAsleep();
        Futex.wake(memory, 0, 1);
        assertNull(sleeper.join().failure());
    }

    @Test
    void noTimeAtAllIsNoWait() {
        Futex.await(memory, 0, ASLEEP, AWAKE, 0);
        Futex.await(memory, 0, ASLEEP, AWAKE, Long.MIN_VALUE);
    }

    @Test
    void anInterruptEndsAWait() throws Exception {
        Sleeper sleeper = Sleeper.start(memory, 0, ASLEEP, AWAKE, FOREVER).awaitAsleep();
        sleeper.interrupt();
        assertNull(sleeper.join().failure());
        assertTrue(sleeper.wasInterrupted());
        assertEquals(AWAKE, word(0));
    }

    @Test
    void anInterruptBeforeTheWaitLeavesNothingToWaitFor() {
        Thread.currentThread().interrupt();
        Futex.await(memory, 0, ASLEEP, AWAKE, FOREVER);
        assertTrue(Thread.interrupted());
        assertEquals(AWAKE, word(0));
    }

    @Test
    void anInterruptLeavesAValueThatIsNotTheExpectedOne() {
        put(0, OTHER);
        Thread.currentThread().interrupt();
        Futex.await(memory, 0, ASLEEP, AWAKE, FOREVER);
        assertTrue(Thread.interrupted());
        assertEquals(OTHER, word(0));
    }

    /// An interrupt at any moment ends the wait, and touches no word that is no longer, or not yet, waited on: each
    /// wait has a word of its own, which is put back right after it.
    @Test
    void anInterruptAtAnyMomentIsNeitherLostNorLate() throws Exception {
        long seed = System.nanoTime();
        System.out.println("FutexTest seed " + seed);
        Random random = new Random(seed);
        int words = SIZE / Integer.BYTES;
        AtomicInteger round = new AtomicInteger(-1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        for (int i = 0; i < words; i++) {
            put(i * 4L, ASLEEP);
        }
        Thread waiter = Thread.ofPlatform().daemon().start(() -> {
            try {
                for (int i = 0; i < words; i++) {
                    round.set(i);
                    while (!Thread.interrupted()) {
                        put(i * 4L, ASLEEP);
                        Futex.await(memory, i * 4L, ASLEEP, AWAKE, FOREVER);
                    }
                    put(i * 4L, ASLEEP);
                }
                round.set(words);
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        for (int i = 0; i < words; i++) {
            while (round.get() < i && failure.get() == null) {
                Thread.onSpinWait();
            }
            for (int spins = random.nextInt(400); spins > 0; spins--) {
                Thread.onSpinWait();
            }
            waiter.interrupt();
        }
        assertTrue(waiter.join(Duration.ofMinutes(1)), () -> "stuck in round " + round);
        assertNull(failure.get());
        for (int i = 0; i < words; i++) {
            assertEquals(ASLEEP, word(i * 4L), "the word of round " + i);
        }
    }

    /// The interrupting thread may be that late.
    @Test
    void anInterruptThatArrivesAfterTheWaitTouchesTheWordNoMore() {
        FutexWait wait = new FutexWait();
        wait.await(memory, 0, memory.address(), ASLEEP, AWAKE, 1_000_000);
        wait.wakeup();
        assertEquals(ASLEEP, word(0));
    }

    @Test
    void aThreadWaitsAgainAfterAnInterrupt() throws Exception {
        Thread.currentThread().interrupt();
        Futex.await(memory, 0, ASLEEP, AWAKE, FOREVER);
        assertTrue(Thread.interrupted());
        put(0, ASLEEP);
        long start = System.nanoTime();
        Futex.await(memory, 0, ASLEEP, AWAKE, 5_000_000);
        assertTrue(System.nanoTime() - start >= 5_000_000);
    }

    @Test
    void aVirtualThreadIsRefused() throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread.startVirtualThread(() -> thrown.set(
                assertThrows(Throwable.class, () -> Futex.await(memory, 0, ASLEEP, AWAKE, FOREVER))))
                .join();
        assertEquals(IllegalStateException.class, thrown.get().getClass());
        assertTrue(thrown.get().getMessage().contains("virtual thread"));
    }

    @Test
    void aVirtualThreadMayWake() throws Exception {
        Sleeper sleeper = Sleeper.start(memory, 0, ASLEEP, AWAKE, FOREVER).awaitAsleep();
        Thread.startVirtualThread(() -> Futex.wake(memory, 0, 1)).join();
        sleeper.join();
    }

    @Test
    void memoryCannotBeClosedUnderAWait() throws Exception {
        Sleeper sleeper = Sleeper.start(memory, 0, ASLEEP, AWAKE, FOREVER).awaitAsleep();
        assertFalse(file.tryClose());
        assertTrue(memory.scope().isAlive());
        Futex.wake(memory, 0, 1);
        assertNull(sleeper.join().failure());
        assertTrue(file.tryClose());
    }

    @Test
    void closedMemoryIsRefused() {
        file.close();
        assertThrows(IllegalStateException.class, () -> Futex.await(memory, 0, ASLEEP, AWAKE, FOREVER));
        assertThrows(IllegalStateException.class, () -> Futex.wake(memory, 0, 1));
    }

    @Test
    void aClosedMemoryAndAnInterruptTogetherAreRefusedToo() {
        file.close();
        Thread.currentThread().interrupt();
        assertThrows(IllegalStateException.class, () -> Futex.await(memory, 0, ASLEEP, AWAKE, FOREVER));
        assertTrue(Thread.interrupted());
    }

    @Test
    void aWordMustBeAlignedInsideAndNative() {
        assertThrows(IllegalArgumentException.class, () -> Futex.await(memory, 2, ASLEEP, AWAKE, FOREVER));
        assertThrows(IllegalArgumentException.class, () -> Futex.wake(memory, 2, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> Futex.await(memory, SIZE, ASLEEP, AWAKE, FOREVER));
        assertThrows(IndexOutOfBoundsException.class, () -> Futex.wake(memory, -4, 1));
        MemorySegment heap = MemorySegment.ofArray(new int[1]);
        assertThrows(IllegalArgumentException.class, () -> Futex.await(heap, 0, ASLEEP, AWAKE, FOREVER));
    }

    @Test
    void aWakeSaysThatAnotherProcessHasTruncatedTheFile() throws Exception {
        try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.WRITE)) {
            channel.truncate(4096);
        }
        SystemCallException e = assertThrows(SystemCallException.class, () -> Futex.wake(memory, 4096, 1));
        assertTrue(e.getMessage().contains("truncated"), e.getMessage());
        assertDoesNotThrow(() -> Futex.wake(memory, 0, 1));
    }

    /// Once the compiler has seen to it, which is waited for.
    @Test
    void waitingAndWakingAllocateNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long start = System.nanoTime();
        long allocated;
        do {
            assertTrue(System.nanoTime() - start < TimeUnit.MINUTES.toNanos(1), "it allocates still");
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                Futex.await(memory, 0, OTHER, AWAKE, FOREVER);
                Futex.await(memory, 0, OTHER, AWAKE, 1_000_000_000);
                Futex.wake(memory, 0, 1);
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        } while (allocated > 1_000);
    }

    @Test
    void manyThreadsWaitAndWakeAtOnce() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int pair = 0; pair < 8; pair++) {
            long ping = 1024 + pair * 128L;
            long pong = ping + 64;
            threads.add(Thread.ofPlatform().daemon().start(() -> {
                for (int i = 1; i <= 500; i++) {
                    Child.await(memory, ping, i);
                    Child.publish(memory, pong, i);
                }
            }));
            threads.add(Thread.ofPlatform().daemon().start(() -> {
                for (int i = 1; i <= 500; i++) {
                    Child.publish(memory, ping, i);
                    Child.await(memory, pong, i);
                }
            }));
        }
        for (Thread thread : threads) {
            assertTrue(thread.join(Duration.ofMinutes(1)));
        }
        for (int pair = 0; pair < 8; pair++) {
            assertEquals(500, word(1024 + pair * 128L + 64));
        }
    }
}
