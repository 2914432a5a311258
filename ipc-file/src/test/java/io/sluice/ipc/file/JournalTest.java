package io.sluice.ipc.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Claim;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.SystemCallException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a journal does while nothing goes wrong.
@Timeout(120)
final class JournalTest {
    private static final Duration GENEROUS = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    @Test
    void recordsOfAnySourceComeBackAsTheyWere() {
        byte[] bytes = {1, 2, 3, 4, 5};
        try (Journal journal = Journal.open(folder, Records.SMALL);
                Appender appender = journal.appender();
                Tailer tailer = journal.tailer()) {
            appender.append(bytes);
            appender.append(bytes, 1, 3);
            appender.append(new SegmentBuffer(bytes), 2, 3);
            appender.append(ByteBuffer.wrap(bytes, 3, 2));
            appender.append(MemorySegment.ofArray(bytes));
            appender.append(new byte[0]);
            Claim claim = appender.claimRecord(2);
            claim.buffer().putShort(claim.offset(), (short) 0x0908);
            claim.commit();
            List<byte[]> read = new ArrayList<>();
            assertEquals(7, tailer.poll(
                    (position, time, buffer, offset, length) -> read.add(Records.bytes(buffer, offset, length)), 100));
            byte[][] expected = {bytes, {2, 3, 4}, {3, 4, 5}, {4, 5}, bytes, {}, {8, 9}};
            for (int i = 0; i < expected.length; i++) {
                assertArrayEquals(expected[i], read.get(i), Records.name(i));
            }
        }
    }

    @Test
    void recordsGoOnInTheNextSegmentAndAreReadBothWays() {
        String[] texts = Records.numbered(10_000);
        try (Journal journal = Journal.open(folder, Records.SMALL); Tailer tailer = journal.tailer()) {
            Records.append(journal, texts);
            assertTrue(journal.stats().segments() > 3);
            assertEquals(List.of(texts), Records.rest(tailer));
            assertEquals(List.of(texts).reversed(), Records.restBackward(tailer));
            assertEquals(List.of(texts), Records.rest(tailer));
        }
    }

    @Test
    void aPositionFindsItsRecordForEver() {
        List<Long> positions = new ArrayList<>();
        try (Journal journal = Journal.open(folder, Records.SMALL); Appender appender = journal.appender()) {
            for (String text : Records.numbered(8_000)) {
                positions.add(appender.append(text.getBytes()));
                assertEquals(positions.getLast(), appender.position());
            }
        }
        try (Journal journal = Journal.open(folder, JournalOptions.DEFAULT); Tailer tailer = journal.tailer()) {
            for (int i = 0; i < positions.size(); i += 37) {
                tailer.seek(positions.get(i));
                assertEquals(positions.get(i), tailer.position());
                assertEquals(Records.name(i), Records.next(tailer));
                tailer.seek(positions.get(i) - 1);
                assertEquals(Records.name(i), Records.next(tailer), "the first behind it");
            }
            tailer.seekEnd();
            assertEquals(List.of(), Records.rest(tailer));
            tailer.seek(Long.MAX_VALUE);
            assertEquals(List.of(), Records.rest(tailer));
            tailer.seek(-5);
            assertEquals(Records.name(0), Records.next(tailer));
        }
    }

    @Test
    void aTimeFindsTheFirstRecordThatIsNotEarlier() {
        SetClock clock = new SetClock(1_000);
        int count = 9_000;
        try (Journal journal = Journal.open(folder, Records.SMALL.withClock(clock));
                Appender appender = journal.appender();
                Tailer tailer = journal.tailer()) {
            for (int i = 0; i < count; i++) {
                clock.set(1_000 + i / 3 * 10);
                appender.append(Records.name(i).getBytes());
            }
            assertTrue(journal.stats().segments() > 3);
            for (int i = 0; i < count; i += 3) {
                tailer.seekTime(1_000 + i / 3 * 10 - (i % 2 == 0 ? 0 : 9));
                assertEquals(Records.name(i), Records.next(tailer));
            }
            tailer.seekTime(0);
            assertEquals(Records.name(0), Records.next(tailer));
            tailer.seekTime(clock.millis() + 1);
            assertEquals(List.of(), Records.rest(tailer));
        }
    }

    @Test
    void theLongestRecordFitsAndALongerOneIsRefused() {
        try (Journal journal = Journal.open(folder, Records.SMALL);
                Appender appender = journal.appender();
                Tailer tailer = journal.tailer()) {
            byte[] longest = new byte[journal.maxLength()];
            Arrays.fill(longest, (byte) 7);
            for (int i = 0; i < 3; i++) {
                appender.append(longest);
                appender.append(new byte[i]);
            }
            assertThrows(MessageTooLargeException.class, () -> appender.append(new byte[longest.length + 1]));
            int[] lengths = new int[6];
            int[] count = new int[1];
            assertEquals(6, tailer.poll((_, _, _, _, length) -> lengths[count[0]++] = length, 10));
            assertArrayEquals(new int[] {longest.length, 0, longest.length, 1, longest.length, 2}, lengths);
        }
    }

    @Test
    void aClaimThatIsAbortedIsNeverReadAndHoldsUpNobody() {
        try (Journal journal = Journal.open(folder, Records.SMALL);
                Appender appender = journal.appender();
                Appender other = journal.appender();
                Tailer tailer = journal.tailer()) {
            Claim claim = appender.claimRecord(100);
            other.append("behind".getBytes());
            assertEquals(List.of(), Records.rest(tailer), "it waits at the claim");
            claim.abort();
            assertEquals(List.of("behind"), Records.rest(tailer));
            assertThrows(IllegalStateException.class, claim::commit);
        }
    }

    @Test
    void manyThreadsAppendAndEachOnesRecordsStayInOrder() throws Exception {
        int threads = 6;
        int each = 4_000;
        try (Journal journal = Journal.open(folder, Records.SMALL); Tailer tailer = journal.tailer()) {
            List<CompletableFuture<Void>> work = new ArrayList<>();
            for (int writer = 0; writer < threads; writer++) {
                int self = writer;
                work.add(CompletableFuture.runAsync(
                        () -> {
                            try (Appender appender = journal.appender()) {
                                for (int i = 0; i < each; i++) {
                                    appender.append(Records.body(self, i, 100));
                                }
                            }
                        },
                        task -> Thread.ofPlatform().start(task)));
            }
            Comparison comparison = new Comparison(100);
            while (comparison.count() < threads * each) {
                assertTrue(tailer.await(GENEROUS));
                tailer.poll(comparison, 100);
            }
            CompletableFuture.allOf(work.toArray(CompletableFuture[]::new)).get(1, TimeUnit.MINUTES);
            assertEquals(List.of(), Records.rest(tailer));
        }
    }

    @Test
    void aWaitingTailerIsWokenAndCostsNoTime() throws Exception {
        try (Journal journal = Journal.open(folder, Records.SMALL);
                Journal other = Journal.open(folder, Records.SMALL);
                Appender appender = other.appender();
                Tailer tailer = journal.tailer()) {
            CompletableFuture<Long> cpu = new CompletableFuture<>();
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
                    assertTrue(tailer.await(GENEROUS));
                    cpu.complete(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before);
                } catch (Throwable e) {
                    cpu.completeExceptionally(e);
                }
            });
            assertFalse(thread.join(Duration.ofSeconds(2)), "it waits");
            appender.append("wake".getBytes());
            assertTrue(cpu.get(1, TimeUnit.MINUTES) < 100_000_000, "CPU time of 2 s of waiting: " + cpu.get() + " ns");
        }
    }

    @Test
    void closingOrInterruptingEndsAWait() throws Exception {
        try (Journal journal = Journal.open(folder, Records.SMALL)) {
            Tailer tailer = journal.tailer();
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            Runnable wait = () -> failure.complete(assertThrows(Throwable.class, () -> tailer.await(GENEROUS)));
            Thread.ofPlatform().start(wait).interrupt();
            assertEquals(InterruptedException.class, failure.get(1, TimeUnit.MINUTES).getClass());
            CompletableFuture<Throwable> second = new CompletableFuture<>();
            Thread thread = Thread.ofPlatform()
                    .start(() -> second.complete(assertThrows(Throwable.class, () -> tailer.await(GENEROUS))));
            while (thread.getState() == Thread.State.NEW) {
                Thread.onSpinWait();
            }
            tailer.close();
            assertEquals(ClosedException.class, second.get(1, TimeUnit.MINUTES).getClass());
            assertThrows(ClosedException.class, () -> tailer.poll((_, _, _, _, _) -> {}, 1));
        }
    }

    @Test
    void waitingEndsWhenTheTimeIsOver() throws Exception {
        try (Journal journal = Journal.open(folder, Records.SMALL); Tailer tailer = journal.tailer()) {
            assertFalse(tailer.await(Duration.ofMillis(20)));
        }
    }

    @Test
    void aNamedReaderGoesOnWhereItStoredAndIsAlone() {
        Records.append(folder, Records.numbered(10));
        try (Journal journal = Journal.open(folder, Records.SMALL)) {
            try (Tailer tailer = journal.tailer("audit")) {
                assertEquals(Records.name(0), Records.next(tailer));
                tailer.store();
                assertEquals(Records.name(1), Records.next(tailer));
                tailer.store();
                assertEquals(Records.name(2), Records.next(tailer));
                assertThrows(AddressInUseException.class, () -> journal.tailer("audit"));
            }
            try (Tailer tailer = journal.tailer("audit")) {
                assertEquals(Records.name(2), Records.next(tailer));
            }
            assertEquals(1, journal.stats().readers().size());
            journal.forget("audit");
            assertEquals(0, journal.stats().readers().size());
            assertThrows(IllegalArgumentException.class, () -> journal.tailer("../x"));
        }
    }

    @Test
    void retentionDeletesBySizeAndKeepsWhatTheSlowestReaderHasNotRead() {
        Retention retention = Retention.FOREVER.withBytes(2L * SegmentLayout.MIN_LENGTH).withUnread();
        try (Journal journal = Journal.open(folder, Records.SMALL.withRetention(retention));
                Tailer slow = journal.tailer("slow")) {
            Records.append(journal, Records.numbered(6_000));
            int all = journal.stats().segments();
            assertTrue(all >= 3);
            slow.store();
            assertEquals(0, journal.prune());
            slow.seekEnd();
            slow.store();
            assertEquals(all - 2, journal.prune());
            assertEquals(2, journal.stats().segments());
        }
    }

    @Test
    void retentionDeletesByAge() {
        SetClock clock = new SetClock(1_000_000);
        Retention retention = Retention.FOREVER.withAge(Duration.ofSeconds(10));
        try (Journal journal = Journal.open(folder, Records.SMALL.withClock(clock).withRetention(retention))) {
            Records.append(journal, Records.numbered(6_000));
            int all = journal.stats().segments();
            assertTrue(all >= 3);
            clock.set(1_009_000);
            assertEquals(0, journal.prune());
            clock.set(1_011_000);
            assertEquals(all - 1, journal.prune());
            assertEquals(1, journal.stats().segments(), "never the newest");
        }
    }

    @Test
    void withoutLimitsWhatAllNamedReadersHaveReadIsDeleted() {
        try (Journal journal = Journal.open(folder, Records.SMALL.withRetention(Retention.FOREVER.withUnread()));
                Tailer tailer = journal.tailer("only")) {
            Records.append(journal, Records.numbered(6_000));
            assertTrue(journal.stats().segments() >= 3);
            Records.rest(tailer);
            tailer.store();
            journal.prune();
            assertEquals(1, journal.stats().segments());
        }
    }

    @Test
    void nothingStaysMappedOrOpenAfterClose() throws Exception {
        try (Journal journal = Journal.open(folder, Records.SMALL.withSync(Sync.interval(Duration.ofMillis(5))))) {
            Records.append(journal, Records.numbered(5_000));
            Records.rest(journal.tailer());
            journal.tailer("named").store();
            journal.appender();
            assertTrue(held() > 0);
        }
        assertEquals(0, held());
    }

    /// Mappings and descriptors of the folder.
    private long held() throws Exception {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"));
                Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            String name = folder.toString();
            return maps.filter(line -> line.contains(name)).count()
                    + descriptors.filter(each -> target(each).startsWith(name)).count();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (java.io.IOException e) {
            return "";
        }
    }

    @Test
    void nothingIsAllocatedForARecord() {
        byte[] body = new byte[32];
        long[] sum = new long[1];
        RecordHandler handler = (position, time, buffer, offset, length) -> sum[0] += length;
        try (Journal journal = Journal.open(folder);
                Appender appender = journal.appender();
                Tailer tailer = journal.tailer()) {
            long before = 0;
            int warm = 50_000;
            int measured = 100_000;
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            for (int i = 0; i < warm + measured; i++) {
                if (i == warm) {
                    before = threads.getCurrentThreadAllocatedBytes();
                }
                appender.append(body, 0, body.length);
                tailer.poll(handler, 10);
            }
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertEquals((long) (warm + measured) * body.length, sum[0]);
            assertTrue(allocated < measured, "bytes allocated for " + measured + " records: " + allocated);
        }
    }

    @Test
    void withEverySyncAppendersShareFlushes() throws Exception {
        int threads = 8;
        int each = 25;
        try (Journal journal = Journal.open(folder, Records.SMALL.withSync(Sync.every()))) {
            List<CompletableFuture<Void>> work = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                work.add(CompletableFuture.runAsync(
                        () -> Records.append(journal, Records.numbered(each)),
                        task -> Thread.ofPlatform().start(task)));
            }
            CompletableFuture.allOf(work.toArray(CompletableFuture[]::new)).get(1, TimeUnit.MINUTES);
            long flushes = journal.head().flushesDone();
            assertTrue(flushes >= each, flushes + " flushes");
            assertTrue(flushes < threads * each, flushes + " flushes for " + threads * each + " records");
        }
    }

    @Test
    void anIntervalFlushesByItself() throws Exception {
        try (Journal journal = Journal.open(folder, Records.SMALL.withSync(Sync.interval(Duration.ofMillis(10))))) {
            Records.append(journal, "one");
            while (journal.head().flushesDone() == 0) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void whatIsNoJournalIsNotReadAsOne() {
        SystemCallException e = assertThrows(
                SystemCallException.class, () -> Journal.open(folder, JournalOptions.DEFAULT.withReadOnly()));
        assertTrue(e.getMessage().contains("is no journal"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> JournalOptions.DEFAULT.withSegmentLength(100_000));
    }
}
