package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.file.Appender;
import io.sluice.ipc.file.Journal;
import io.sluice.ipc.file.JournalOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `ipc journal`, while this process has the journal open.
@Timeout(120)
class JournalCommandTest {
    @TempDir
    Path folder;

    private Path orders() {
        return folder.resolve("orders");
    }

    private Journal journal() {
        return Journal.open(orders(), JournalOptions.DEFAULT.withSegmentLength(1 << 16));
    }

    private static void append(Journal journal, String... texts) {
        try (Appender appender = journal.appender()) {
            for (String text : texts) {
                appender.append(text.getBytes());
            }
        }
    }

    @Test
    void catPrintsRecordsFromAnyPlaceInBothDirections() {
        try (Journal journal = journal()) {
            append(journal, "one", "two", "three");
            assertEquals("one\ntwo\nthree\n", run(0, "cat").out());
            assertEquals("three\ntwo\n", run(0, "cat", "--reverse", "-n", "2").out());
            List<String> lines = run(0, "cat", "-p").lines();
            assertTrue(lines.get(1).endsWith("Z two"), lines.toString());
            String position = lines.get(1).split(" ")[0];
            String time = lines.get(1).split(" ")[1];
            assertEquals("two\nthree\n", run(0, "cat", "--from", position).out());
            assertTrue(run(0, "cat", "--from", time).out().endsWith("two\nthree\n"));
            assertTrue(run(1, "cat", "--from", "yesterday").err().contains("no position"));
        }
    }

    private IpcProcess.Result run(int status, String command, String... options) {
        String[] arguments = new String[3 + options.length];
        arguments[0] = "journal";
        arguments[1] = command;
        arguments[2] = orders().toString();
        System.arraycopy(options, 0, arguments, 3, options.length);
        IpcProcess.Result result = IpcProcess.runHere(arguments);
        assertEquals(status, result.status(), result.err());
        return result;
    }

    @Test
    void tailPrintsWhatIsAppendedMeanwhile() throws Exception {
        try (Journal journal = journal();
                IpcProcess tail = IpcProcess.start(
                        "journal", "tail", orders().toString(), "-n", "2", "--from", "0")) {
            append(journal, "first");
            append(journal, "second", "third");
            IpcProcess.Result result = tail.end("");
            assertEquals(0, result.status(), result.err());
            assertEquals("first\nsecond\n", result.out());
        }
    }

    @Test
    void verifyFindsDamageAndStatsAndLsTellWhatThereIs() throws IOException {
        long third;
        try (Journal journal = journal()) {
            append(journal, "one", "two", "three");
            journal.tailer("audit").store();
            third = journal.stats().end() - 24;
        }
        assertEquals("3 records of 11 bytes are sound, 0 stretches are damaged\n", run(0, "verify").out());
        try (FileChannel channel =
                FileChannel.open(orders().resolve("000000000000.segment"), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {'X'}), third - 24 + 16);
        }
        IpcProcess.Result damaged = run(1, "verify");
        assertEquals("2 records of 8 bytes are sound, 1 stretches are damaged\n", damaged.out());
        assertTrue(damaged.err().contains("positions " + (third - 24) + " to " + third), damaged.err());
        assertEquals("one\nthree\n", run(1, "cat").out());
        String stats = run(0, "stats").out();
        assertTrue(stats.contains("segments     1 of 64k"), stats);
        assertTrue(stats.contains("reader       audit is at "), stats);
        assertEquals(0, IpcProcess.runHere("journal", "ls", folder.toString()).status());
        assertTrue(IpcProcess.runHere("journal", "ls", folder.toString()).out().contains(orders().toString()));
    }

    @Test
    void truncateDeletesOldSegments() {
        try (Journal journal = journal()) {
            String[] texts = new String[5_000];
            java.util.Arrays.fill(texts, "some record or other");
            append(journal, texts);
            int segments = journal.stats().segments();
            assertEquals("0 segments deleted\n", run(0, "truncate").out());
            assertEquals(
                    segments - 1 + " segments deleted\n",
                    run(0, "truncate", "--before", Long.toString(journal.stats().end())).out());
            assertEquals(1, journal.stats().segments());
        }
    }

    @Test
    void whatIsNoJournalIsSaid() {
        IpcProcess.Result result = run(1, "cat");
        assertTrue(result.err().contains("is no journal"), result.err());
        assertEquals(2, IpcProcess.runHere("journal").status());
    }
}
