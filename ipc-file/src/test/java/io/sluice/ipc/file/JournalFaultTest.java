package io.sluice.ipc.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.DamagedException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.NoSpaceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Files that are cut, damaged, deleted or not ours, disks that are full, and clocks that jump.
@Timeout(180)
final class JournalFaultTest {
    private static final int SEGMENT = SegmentLayout.MIN_LENGTH;
    private static final int FIRST = SegmentLayout.records(SEGMENT);

    @TempDir
    private Path folder;

    private Path segment(int number) {
        return new Folder(folder).segment(number);
    }

    @Test
    void aSegmentThatIsCutAnywhereInItsLast200BytesKeepsAllRecordsBefore() throws IOException {
        String[] texts = Records.numbered(30);
        long end = Records.append(folder, texts) + RecordLayout.span(texts[29].length());
        byte[] whole = Files.readAllBytes(segment(0));
        for (int cut = 1; cut <= 200; cut++) {
            byte[] rest = Arrays.copyOf(whole, (int) end - cut);
            Files.write(segment(0), rest);
            int intact = 30;
            int recordEnd = (int) end;
            while (recordEnd > rest.length) {
                recordEnd -= RecordLayout.span(texts[--intact].length());
            }
            List<String> expected = List.of(texts).subList(0, intact);
            assertEquals(expected, Records.all(folder), "read only, cut by " + cut);
            try (Journal journal = Journal.open(folder, Records.SMALL); Tailer tailer = journal.tailer()) {
                boolean torn = recordEnd < rest.length && !isZero(rest, recordEnd);
                assertEquals(torn ? 1 : 0, journal.recovered().size(), "reported, cut by " + cut);
                assertEquals(expected, Records.rest(tailer), "cut by " + cut);
                Records.append(journal, "after");
                assertEquals(List.of("after"), Records.rest(tailer));
            }
            assertEquals(SEGMENT, Files.size(segment(0)));
        }
    }

    private static boolean isZero(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    @Test
    void aReaderOfACutSegmentGoesOnOnceItIsMended() throws IOException {
        Records.append(folder, "one", "two");
        try (FileChannel channel = FileChannel.open(segment(0), StandardOpenOption.WRITE)) {
            channel.truncate(FIRST + RecordLayout.span(3) + 12);
        }
        try (Journal reading = Journal.open(folder, JournalOptions.DEFAULT.withReadOnly());
                Tailer tailer = reading.tailer()) {
            assertEquals(List.of("one"), Records.rest(tailer));
            Records.append(folder, "three");
            assertEquals(List.of("three"), Records.rest(tailer));
        }
    }

    @Test
    void everyBitThatFlipsInAStretchOf4KiBIsDetected() throws IOException {
        int stretch = 4 << 10;
        byte[] body = new byte[104];
        int span = RecordLayout.span(body.length);
        try (Journal journal = Journal.open(folder, Records.SMALL); Appender appender = journal.appender()) {
            for (int i = 0; i <= stretch / span + 1; i++) {
                Arrays.fill(body, (byte) (i * 7));
                appender.append(body);
            }
        }
        byte[] whole = Files.readAllBytes(segment(0));
        try (Journal journal = Journal.open(folder, JournalOptions.DEFAULT.withReadOnly());
                Tailer present = journal.tailer()) {
            for (int bit = 0; bit < stretch * Byte.SIZE; bit++) {
                int at = FIRST + bit / Byte.SIZE;
                long record = FIRST + (at - FIRST) / span * span;
                writeByte(at, whole[at] ^ 1 << bit % Byte.SIZE);
                assertDamaged(present, record, span, bit);
                if (bit < stretch / 4 * Byte.SIZE) { // an open takes some 30 times as long as a look
                    try (Journal later = Journal.open(folder, JournalOptions.DEFAULT.withReadOnly());
                            Tailer newcomer = later.tailer()) {
                        assertDamaged(newcomer, record, span, bit);
                    }
                }
                writeByte(at, whole[at]);
            }
        }
    }

    /// Reads from the record before.
    private static void assertDamaged(Tailer tailer, long record, int span, int bit) {
        DamagedException damage = damageFrom(tailer, Math.max(FIRST, record - span), record);
        assertTrue(damage != null, () -> "bit " + bit + " is not detected");
        assertEquals(record, damage.position(), () -> "bit " + bit);
        assertEquals(record + span, damage.end(), () -> "nothing behind it is lost, bit " + bit);
    }

    /// Reads from a position up to a record.
    ///
    /// @return what the reader threw on the way, or null
    private static DamagedException damageFrom(Tailer tailer, long position, long record) {
        tailer.seek(position);
        try {
            while (tailer.poll((_, _, _, _, _) -> {}, 1) > 0 && tailer.position() <= record) {
                // On.
            }
            return null;
        } catch (DamagedException e) {
            return e;
        }
    }

    private void writeByte(long at, int value) throws IOException {
        try (FileChannel channel = FileChannel.open(segment(0), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {(byte) value}), at);
        }
    }

    @Test
    void aDamagedRecordIsFatalOrSkippedAsOneLikes() throws IOException {
        Records.append(folder, "one", "two", "three");
        long second = FIRST + RecordLayout.span(3);
        writeByte(second + RecordLayout.BODY_OFFSET, 'X');
        try (Journal journal = Journal.open(folder, Records.SMALL); Tailer tailer = journal.tailer()) {
            assertEquals("one", Records.next(tailer));
            for (int i = 0; i < 2; i++) {
                DamagedException e = assertThrows(DamagedException.class, () -> Records.next(tailer));
                assertEquals(second, e.position());
            }
            tailer.seek(second + 1);
            assertEquals("three", Records.next(tailer));
            List<Damage> damage = new ArrayList<>();
            tailer.skipDamage(damage::add).seekStart();
            assertEquals(List.of("one", "three"), Records.rest(tailer));
            assertEquals(List.of("three", "one"), Records.restBackward(tailer));
            assertEquals(second, damage.getFirst().position());
            Records.append(journal, "four");
            tailer.seekEnd();
            assertEquals(List.of("four"), Records.restBackward(tailer).subList(0, 1));
        }
    }

    @Test
    void behindADamagedLastRecordTheNextOneIsFound() throws IOException {
        try (Journal journal = Journal.open(folder, Records.SMALL);
                Appender appender = journal.appender();
                Tailer tailer = journal.tailer();
                Tailer skipping = journal.tailer()) {
            List<Damage> damage = new ArrayList<>();
            skipping.skipDamage(damage::add);
            appender.append(new byte[80]);
            writeByte(FIRST, 16); // its length is shorter now, and leads to zeros
            assertThrows(DamagedException.class, () -> Records.next(tailer));
            assertEquals(List.of(), Records.rest(skipping));
            appender.append("next".getBytes());
            DamagedException e = assertThrows(DamagedException.class, () -> Records.next(tailer));
            tailer.seek(e.end());
            assertEquals("next", Records.next(tailer));
            assertEquals(List.of("next"), Records.rest(skipping));
            assertEquals(1, damage.size());
        }
    }

    @Test
    void whatTheDeathOfTheMachineLeavesIsCutOrSealedAndNoSoundRecordIsLost() throws IOException {
        String[] texts = Records.numbered(40);
        Records.append(folder, texts);
        int span = RecordLayout.span(texts[20].length());
        int first10 = RecordLayout.span(texts[0].length()) * 10;
        // A page that never reached the disk, in the midst; and garbage behind the tail.
        try (FileChannel channel = FileChannel.open(segment(0), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(3 * span), FIRST + first10 + 10L * span);
            ByteBuffer garbage = ByteBuffer.allocate(5_000);
            Arrays.fill(garbage.array(), (byte) 0x41);
            channel.write(garbage, FIRST + first10 + 50L * span);
        }
        anotherBoot();
        List<String> expected = new ArrayList<>(List.of(texts));
        expected.subList(20, 23).clear();
        try (Journal journal = Journal.open(folder, Records.SMALL); Tailer tailer = journal.tailer()) {
            assertEquals(2, journal.recovered().size(), () -> journal.recovered().toString());
            List<Damage> damage = new ArrayList<>();
            tailer.skipDamage(damage::add);
            assertEquals(expected, Records.rest(tailer));
            assertEquals(1, damage.size());
            String[] more = Records.numbered(5_000);
            Records.append(journal, more);
            assertEquals(List.of(more), Records.rest(tailer), "what is appended where the garbage was");
        }
    }

    /// As if the machine had been started anew.
    private void anotherBoot() throws IOException {
        try (FileChannel channel = FileChannel.open(new Folder(folder).head(), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(8).putLong(0, 12345), HeadLayout.BOOT_OFFSET);
        }
    }

    @Test
    void theEndOfAnOlderSegmentThatNeverReachedTheDiskIsReported() throws IOException {
        Records.append(folder, Records.numbered(5_000));
        try (FileChannel channel = FileChannel.open(segment(1), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(SEGMENT / 2), SEGMENT / 2);
        }
        try (Journal journal = Journal.open(folder, Records.SMALL); Tailer tailer = journal.tailer()) {
            assertThrows(DamagedException.class, () -> Records.rest(tailer));
            assertTrue(tailer.position() / SEGMENT == 1);
            List<Damage> damage = new ArrayList<>();
            tailer.skipDamage(damage::add);
            assertEquals(Records.name(4999), Records.rest(tailer).getLast());
            assertEquals(2L * SEGMENT, damage.getFirst().end());
        }
    }

    @Test
    void aFullDiskIsAnExceptionAndAppendingGoesOnWhenThereIsRoom() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("small"), "1m")) {
            Path path = disk.path().resolve("journal");
            try (Journal journal = Journal.open(path, Records.SMALL.withSegmentLength(1 << 18));
                    Appender appender = journal.appender();
                    Tailer tailer = journal.tailer()) {
                disk.fill(700_000);
                Comparison comparison = new Comparison(1_000);
                int appended = 0;
                for (int round = 0; round < 3; round++) {
                    try {
                        while (true) {
                            appender.append(Records.body(1, appended, 1_000));
                            appended++;
                        }
                    } catch (NoSpaceException e) {
                        assertTrue(e.getMessage().contains(disk.path().toString()), e.getMessage());
                    }
                    while (tailer.poll(comparison, 10) > 0) {
                        // On.
                    }
                    assertEquals(appended, comparison.count());
                    assertTrue(journal.prune(tailer.position() - (1 << 18)) >= 0);
                    disk.makeRoom();
                    journal.prune(tailer.position());
                }
                assertTrue(appended > 2_000, appended + " records");
            }
            disk.fill(0);
            assertThrows(NoSpaceException.class, () -> Journal.open(disk.path().resolve("other"), Records.SMALL));
        }
    }

    @Test
    void aFolderThatMayOnlyBeReadIsReadAndRefusedToAppenders() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("mounted"), "1m")) {
            Path path = disk.path().resolve("journal");
            Records.append(path, "one", "two");
            disk.makeReadOnly();
            assertEquals(List.of("one", "two"), Records.all(path));
            AuthenticationException e = assertThrows(AuthenticationException.class, () -> Journal.open(path));
            assertTrue(e.getMessage().contains("reading only"), e.getMessage());
            try (Journal journal = Journal.open(path, JournalOptions.DEFAULT.withReadOnly())) {
                assertThrows(AuthenticationException.class, journal::appender);
            }
        }
    }

    @Test
    void timesDoNotDecreaseWhenTheClockJumpsBack() {
        SetClock clock = new SetClock(5_000_000);
        List<Long> times = new ArrayList<>();
        try (Journal journal = Journal.open(folder, Records.SMALL.withClock(clock));
                Appender appender = journal.appender();
                Tailer tailer = journal.tailer()) {
            for (int i = 0; i < 3_000; i++) {
                clock.set(i < 1_500 ? 5_000_000 + i : 1_000_000 + i);
                appender.append(Records.name(i).getBytes());
            }
            clock.set(5_010_000);
            Records.append(journal, "late");
            while (tailer.poll((_, time, _, _, _) -> times.add(time), 100) > 0) {
                // On.
            }
            assertEquals(times.stream().sorted().toList(), times);
            tailer.seekTime(5_001_000);
            assertEquals(Records.name(1000), Records.next(tailer));
            tailer.seekTime(5_001_500);
            assertEquals("late", Records.next(tailer));
        }
    }

    @Test
    void aSegmentThatIsDeletedUnderAReaderIsReadToItsEndWithoutALeak() throws IOException {
        String[] texts = Records.numbered(6_000);
        try (Journal journal = Journal.open(folder, Records.SMALL); Tailer tailer = journal.tailer()) {
            Records.append(journal, texts);
            assertEquals(Records.name(0), Records.next(tailer));
            int deleted = journal.prune(Long.MAX_VALUE);
            assertTrue(deleted >= 2);
            assertEquals(1, deletedMappings());
            List<Damage> damage = new ArrayList<>();
            List<String> read = new ArrayList<>();
            try {
                while (true) {
                    read.add(Records.next(tailer));
                }
            } catch (DamagedException e) {
                assertEquals(SEGMENT, e.position(), "the first segment was read to its end");
                assertEquals((long) deleted * SEGMENT, e.end());
            }
            assertEquals(List.of(texts).subList(1, 1 + read.size()), read);
            tailer.skipDamage(damage::add);
            assertEquals(Records.name(5999), Records.rest(tailer).getLast());
            assertEquals(1, damage.size());
            assertEquals(0, deletedMappings());
        }
    }

    private long deletedMappings() throws IOException {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.filter(line -> line.contains(folder.toString()) && line.endsWith("(deleted)")).count();
        }
    }

    @Test
    void aNamedReaderIsToldWhatWasDeletedBeforeItReadIt() {
        try (Journal journal = Journal.open(folder, Records.SMALL)) {
            Records.append(journal, Records.numbered(6_000));
            try (Tailer tailer = journal.tailer("slow")) {
                Records.next(tailer);
                tailer.store();
            }
            journal.prune(Long.MAX_VALUE);
            try (Tailer tailer = journal.tailer("slow")) {
                assertThrows(DamagedException.class, () -> Records.next(tailer));
                List<Damage> damage = new ArrayList<>();
                assertEquals(Records.name(5999), Records.rest(tailer.skipDamage(damage::add)).getLast());
                assertEquals(1, damage.size());
            }
        }
    }

    @Test
    void aFolderOfAnotherVersionIsRefusedAndLeftAsItIs() throws IOException {
        Records.append(folder, "one");
        Path head = new Folder(folder).head();
        byte[] bytes = Files.readAllBytes(head);
        bytes[8] = 2;
        Files.write(head, bytes);
        for (JournalOptions options : List.of(JournalOptions.DEFAULT, JournalOptions.DEFAULT.withReadOnly())) {
            HandshakeException e = assertThrows(HandshakeException.class, () -> Journal.open(folder, options));
            assertTrue(e.getMessage().contains("version 2"), e.getMessage());
        }
        assertEquals(2, Files.readAllBytes(head)[8]);
        Files.write(head, new byte[] {1, 2, 3});
        assertThrows(HandshakeException.class, () -> Journal.open(folder));
    }

    @Test
    void aSegmentOfAnotherVersionOrOfAnotherNumberIsRefused() throws IOException {
        Records.append(folder, Records.numbered(3_000));
        writeByte(8, 9);
        try (Journal journal = Journal.open(folder, Records.SMALL)) {
            assertThrows(HandshakeException.class, journal::tailer);
        }
        Files.copy(segment(1), segment(2), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThrows(HandshakeException.class, () -> Journal.open(folder));
    }

    @Test
    void aSymbolicLinkForASegmentIsRefused() throws IOException {
        Records.append(folder, "one");
        Path elsewhere = folder.resolve("elsewhere");
        Files.move(segment(0), elsewhere);
        Files.createSymbolicLink(segment(0), elsewhere);
        byte[] before = Files.readAllBytes(elsewhere);
        HandshakeException e = assertThrows(HandshakeException.class, () -> Journal.open(folder));
        assertTrue(e.getMessage().contains("symbolic link"), e.getMessage());
        assertThrows(HandshakeException.class, () -> Records.all(folder));
        assertFalse(Arrays.mismatch(before, Files.readAllBytes(elsewhere)) >= 0);
    }

    @Test
    void leftoversOfAMakerThatDiedAreMadeAnew() throws IOException {
        Files.write(Folder.draft(new Folder(folder).head()), new byte[10_000]);
        Files.write(Folder.draft(segment(0)), new byte[10]);
        Files.write(Folder.draft(segment(1)), new byte[SEGMENT]);
        String[] texts = Records.numbered(3_000);
        Records.append(folder, texts);
        assertEquals(List.of(texts), Records.all(folder));
        assertFalse(Files.exists(Folder.draft(segment(1))));
    }
}
