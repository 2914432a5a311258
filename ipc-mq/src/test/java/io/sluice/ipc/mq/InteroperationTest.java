package io.sluice.ipc.mq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.ipc.Address;
import io.sluice.ipc.mq.Foreign.Language;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A program in C and one in Python, which know nothing of Sluice, at the other end of a queue.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InteroperationTest {
    static Stream<Arguments> everyKindAndLanguage() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of(Language.values()).map(language -> Arguments.of(kind, language)));
    }

    /// What the foreign programs send as number `i`.
    private static byte[] numbered(int i) {
        byte[] bytes = new byte[i];
        for (int j = 0; j < i; j++) {
            bytes[j] = (byte) (i + j);
        }
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("everyKindAndLanguage")
    void whatAForeignProgramSendsIsReceivedByteForByte(Kind kind, Language language) throws Exception {
        int count = 40;
        try (TestQueue test = new TestQueue(kind);
                Foreign sender = Foreign.start(
                        language, kind.scheme, "send", Kind.foreign(test.place), Integer.toString(count))) {
            int[] last = new int[] {-1, -1, -1, -1, -1};
            for (int n = 0; n < count; n++) {
                QueueMessage message = test.queue.receive(Duration.ofSeconds(60));
                int i = message.length();
                assertArrayEquals(numbered(i), message.bytes());
                assertEquals(i % 4 + kind.first, message.label());
                assertEquals(last[i % 4] < 0 ? i % 4 : last[i % 4] + 4, i, "in order among those of its label");
                last[i % 4] = i;
            }
            sender.end();
            assertEquals(0, test.queue.stat().messages());
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindAndLanguage")
    void whatWeSendIsReceivedByAForeignProgramByteForByte(Kind kind, Language language) throws Exception {
        int count = 40;
        try (TestQueue test = new TestQueue(kind);
                Foreign receiver = Foreign.start(
                        language, kind.scheme, "receive", Kind.foreign(test.place), Integer.toString(count))) {
            for (int i = 0; i < count; i++) {
                test.queue.send(numbered(i), i % 4 + kind.first);
            }
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                expected.add(i % 4 + kind.first + " " + HexFormat.of().formatHex(numbered(i)));
            }
            // Of those that waited together, the higher priorities went first.
            assertEquals(
                    expected.stream().sorted().toList(),
                    receiver.end().stream().sorted().toList());
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindAndLanguage")
    void aForeignProgramAndWeTalkBothWays(Kind kind, Language language) throws Exception {
        try (TestQueue there = new TestQueue(kind);
                TestQueue back = new TestQueue(kind);
                Foreign echo = Foreign.start(
                        language, kind.scheme, "echo", Kind.foreign(there.place), Kind.foreign(back.place))) {
            for (int i = 1; i < 200; i++) {
                there.queue.send(numbered(i), kind.first + i % 3);
                QueueMessage answer = back.queue.receive(Duration.ofSeconds(60));
                assertArrayEquals(numbered(i), answer.bytes());
                assertEquals(kind.first + i % 3 + 1, answer.label());
            }
            there.queue.send(new byte[0]);
            assertEquals(0, back.queue.receive(Duration.ofSeconds(60)).length());
            echo.end();
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindAndLanguage")
    void prioritiesAndTypesMeanTheSameToBoth(Kind kind, Language language) throws Exception {
        try (TestQueue test = new TestQueue(kind)) {
            for (int label : new int[] {2, 9, 5}) {
                test.queue.send(new byte[] {(byte) label}, label);
            }
            String[] receive = kind == Kind.MQ
                    ? new String[] {kind.scheme, "receive", Kind.foreign(test.place), "1"}
                    : new String[] {kind.scheme, "receive", Kind.foreign(test.place), "1", "9"};
            try (Foreign receiver = Foreign.start(language, receive)) {
                assertEquals(List.of("9 09"), receiver.end(), "the highest priority, or the type asked for");
            }
            assertEquals(kind == Kind.MQ ? 5 : 2, test.queue.receive(Duration.ZERO).label());
        }
    }

    @Test
    void theKeyOfAFileIsThatOfFtok() throws Exception {
        Path file = Files.createTempFile("ipc-key", "");
        try (Foreign ftok = Foreign.start(Language.C, "key", file.toString())) {
            int key = QueueName.of(Address.parse("sysv:" + file)).key();
            assertEquals(List.of(Integer.toString(key)), ftok.end());
        } finally {
            Files.delete(file);
        }
    }
}
