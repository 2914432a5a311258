package io.sluice.ipc.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.DirectBuffer;

/// Records for tests: texts, and bodies that are computed from who wrote them and which they are.
final class Records {
    static final JournalOptions SMALL = JournalOptions.DEFAULT.withSegmentLength(SegmentLayout.MIN_LENGTH);
    static final int HEAD = 16;

    private Records() {}

    /// A body of at least 16 bytes: the writer, the number, and bytes that only they determine.
    static byte[] body(int writer, long number, int maxLength) {
        SplittableRandom random = new SplittableRandom(writer * 1_000_003L + number);
        byte[] body = new byte[HEAD + random.nextInt(maxLength - HEAD + 1)];
        random.nextBytes(body);
        for (int i = 0; i < Long.BYTES; i++) {
            body[i] = (byte) ((long) writer >>> 8 * i);
            body[Long.BYTES + i] = (byte) (number >>> 8 * i);
        }
        return body;
    }

    static byte[] bytes(DirectBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return bytes;
    }

    static long append(Path path, String... texts) {
        try (Journal journal = Journal.open(path, SMALL)) {
            return append(journal, texts);
        }
    }

    /// @return the position of the last
    static long append(Journal journal, String... texts) {
        long position = -1;
        try (Appender appender = journal.appender()) {
            for (String text : texts) {
                position = appender.append(text.getBytes(StandardCharsets.UTF_8));
            }
        }
        return position;
    }

    /// All that a tailer finds forward.
    static List<String> rest(Tailer tailer) {
        List<String> texts = new ArrayList<>();
        while (tailer.poll((position, time, buffer, offset, length) -> texts.add(text(buffer, offset, length)),
                10) > 0) {
            // On.
        }
        return texts;
    }

    /// All that a tailer finds backward.
    static List<String> restBackward(Tailer tailer) {
        List<String> texts = new ArrayList<>();
        while (tailer.pollBackward((position, time, buffer, offset, length) -> texts.add(text(buffer, offset, length)),
                7) > 0) {
            // On.
        }
        return texts;
    }

    static List<String> all(Path path) {
        try (Journal journal = Journal.open(path, JournalOptions.DEFAULT.withReadOnly());
                Tailer tailer = journal.tailer()) {
            return rest(tailer);
        }
    }

    static String next(Tailer tailer) {
        List<String> texts = new ArrayList<>();
        assertEquals(
                1, tailer.poll((position, time, buffer, offset, length) -> texts.add(text(buffer, offset, length)), 1));
        return texts.getFirst();
    }

    private static String text(DirectBuffer buffer, int offset, int length) {
        return new String(bytes(buffer, offset, length), StandardCharsets.UTF_8);
    }

    static String name(int number) {
        return String.format("record %9d", number);
    }

    static String[] numbered(int count) {
        String[] texts = new String[count];
        for (int i = 0; i < count; i++) {
            texts[i] = name(i);
        }
        return texts;
    }
}
