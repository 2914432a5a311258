package io.sluice.ipc.file;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.os.DiskFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Pages come ahead of appenders that are fast, and of no others.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class PretoucherTest {
    private static final byte[] RECORD = new byte[16 << 10];

    @TempDir
    Path folder;

    private static boolean isRunning() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("ipc-journal-pages"));
    }

    /// How many bytes behind the last record have pages.
    private int ahead(Journal journal, Appender appender) {
        int segmentLength = journal.head().segmentLength();
        try (Arena arena = Arena.ofConfined();
                DiskFile file = DiskFile.open(
                        journal.folder().segment(appender.position() / segmentLength), DiskFile.Access.READ)) {
            MemorySegment head = file.map(4096, arena);
            return SegmentLayout.reserved(SegmentBuffer.of(head))
                    - (int) (appender.position() % segmentLength);
        } catch (NoSuchFileException e) {
            throw new AssertionError(e);
        }
    }

    private void append(Appender appender, int bytes) {
        for (int i = 0; i < bytes; i += RECORD.length) {
            appender.append(RECORD);
        }
    }

    /// On a busy machine an appender may not be fast in the first attempt.
    @Test
    void pagesComeAheadOfAFastAppender() throws Exception {
        JournalOptions options = JournalOptions.DEFAULT.withRetention(Retention.FOREVER.withBytes(256 << 20));
        try (Journal journal = Journal.open(folder, options);
                Appender appender = journal.appender()) {
            Eventually.holds("pages ahead", () -> {
                append(appender, Pretoucher.AHEAD);
                return ahead(journal, appender) > Pretoucher.AHEAD / 2;
            });
            assertTrue(isRunning());
        }
        assertFalse(isRunning(), "the thread ends with the journal");
    }

    @Test
    void aSlowAppenderHasNoThread() throws Exception {
        try (Journal journal = Journal.open(folder);
                Appender appender = journal.appender()) {
            append(appender, 1 << 16);
            Thread.sleep(100); // this is what makes it slow, on any machine
            append(appender, 1 << 20);
            assertFalse(isRunning());
        }
    }
}
