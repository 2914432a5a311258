package io.sluice.ipc.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Appenders that are killed, and one that is stopped.
final class JournalCrashTest {
    private static final boolean SOAK = Boolean.getBoolean("ipc.soak");
    private static final int KILLS = SOAK ? 500 : 8;
    private static final int MAX_LENGTH = 40_000;
    private static final Duration GENEROUS = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    @Test
    @Timeout(3_600)
    @SuppressWarnings("try") // closing early is how the reader is told to end
    void whateverAnAppenderIsKilledAtAllItHadAppendedIsReadAndNothingElse() throws Exception {
        long seed = Long.getLong("ipc.seed", ThreadLocalRandom.current().nextLong());
        System.out.println("JournalCrashTest: repeat with -Dipc.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Comparison comparison = new Comparison(MAX_LENGTH);
        AtomicLong readFrom = new AtomicLong();
        try (Journal journal = Journal.open(folder, JournalOptions.DEFAULT.withSegmentLength(1 << 20));
                Tailer tailer = journal.tailer();
                Child survivor = Child.start("append", folder, 0, MAX_LENGTH, 500)) {
            CompletableFuture<Void> reading = CompletableFuture.runAsync(
                    () -> read(tailer, comparison, readFrom), task -> Thread.ofPlatform().start(task));
            assertNotNull(survivor.line());
            for (int round = 1; round <= KILLS; round++) {
                long published = killOneAfter(round, random.nextLong(15_000_000));
                int writer = round;
                await(reading, () -> comparison.count(writer) >= published);
                assertTrue(comparison.count(writer) >= published, "writer " + writer + " had appended " + published);
                long before = comparison.count(0);
                survivor.line(); // goes on, and so is read
                await(reading, () -> comparison.count(0) > before);
                journal.prune(readFrom.get());
            }
            survivor.say("stop");
            long last = 0;
            for (String line; (line = survivor.line()) != null;) {
                last = Long.parseLong(line);
            }
            long appended = last;
            await(reading, () -> comparison.count(0) >= appended);
            tailer.close();
            reading.get(1, TimeUnit.MINUTES);
        }
        try (Journal journal = Journal.open(folder); Tailer tailer = journal.tailer()) {
            tailer.seek(readFrom.get());
            assertEquals(0, tailer.poll((_, _, _, _, _) -> {}, 1), "nothing is behind it");
        }
    }

    /// @return how many records it had said were appended
    private long killOneAfter(int writer, long nanos) throws Exception {
        try (Child child = Child.start("append", folder, writer, MAX_LENGTH, 0)) {
            assertNotNull(child.line());
            CompletableFuture<Long> published = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            long last = 1;
                            for (String line; (line = child.line()) != null && line.endsWith("1");) {
                                last = Long.parseLong(line);
                            }
                            return last;
                        } catch (java.io.IOException e) {
                            return 1L;
                        }
                    },
                    task -> Thread.ofPlatform().start(task));
            LockSupport.parkNanos(nanos);
            child.kill();
            return published.get(1, TimeUnit.MINUTES);
        }
    }

    private static void read(Tailer tailer, Comparison comparison, AtomicLong readFrom) {
        try {
            while (true) {
                if (tailer.await(GENEROUS)) {
                    tailer.poll(comparison, 50);
                    readFrom.set(tailer.position());
                }
            }
        } catch (io.sluice.ipc.ClosedException e) {
            // The test is over.
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(CompletableFuture<Void> reading, java.util.function.BooleanSupplier condition)
            throws Exception {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (reading.isDone()) {
                reading.get();
            }
            assertTrue(System.nanoTime() - start < GENEROUS.toNanos(), "the reader does not get on");
            Thread.sleep(1);
        }
    }

    @Test
    @Timeout(120)
    void aClaimOfADeadAppenderIsGivenUpAndHoldsUpNobody() throws Exception {
        try (Journal journal = Journal.open(folder, Records.SMALL); Tailer tailer = journal.tailer()) {
            try (Child child = Child.start("claim", folder)) {
                assertEquals("claimed", child.line());
                Records.append(journal, "behind");
                assertEquals("before", Records.next(tailer));
                child.signal("STOP");
                assertEquals(false, tailer.await(Duration.ofMillis(100)), "one that is stopped is not dead");
                Records.append(journal, "another");
                child.kill();
            }
            assertTrue(tailer.await(GENEROUS));
            assertEquals(List.of("behind", "another"), Records.rest(tailer));
            assertEquals(List.of("another", "behind", "before"), Records.restBackward(tailer));
        }
    }

    @Test
    @Timeout(120)
    void aClaimOfADeadAppenderIsFoundByTheNextOpen() throws Exception {
        try (Child child = Child.start("claim", folder)) {
            assertEquals("claimed", child.line());
            child.kill();
        }
        assertEquals(List.of("before"), Records.all(folder), "one that may only read passes over it");
        try (Journal journal = Journal.open(folder, Records.SMALL); Tailer tailer = journal.tailer()) {
            assertEquals(1, journal.recovered().size());
            Records.append(journal, "after");
            assertEquals(List.of("before", "after"), Records.rest(tailer));
        }
        try (Journal journal = Journal.open(folder, Records.SMALL)) {
            assertEquals(List.of(), journal.recovered(), "mended once");
        }
    }

    @Test
    @Timeout(120)
    void twoProcessesThatCreateAJournalAtTheSameInstantShareIt() throws Exception {
        for (int round = 0; round < 3; round++) {
            Path path = folder.resolve("journal" + round);
            try (Child first = Child.start("create", path, 1); Child second = Child.start("create", path, 2)) {
                assertEquals("ready", first.line());
                assertEquals("ready", second.line());
                first.say("go");
                second.say("go");
                assertEquals("done", first.line());
                assertEquals("done", second.line());
            }
            Comparison comparison = new Comparison(100);
            try (Journal journal = Journal.open(path); Tailer tailer = journal.tailer()) {
                while (tailer.poll(comparison, 100) > 0) {
                    // On.
                }
                assertEquals(1, journal.stats().segments());
                assertEquals(List.of(), journal.recovered());
            }
            assertEquals(100, comparison.count(1));
            assertEquals(100, comparison.count(2));
        }
    }
}
