package io.sluice.ipc.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.UnsupportedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `io=stream`: the same journal by positioned reads and writes, and no mapping.
class JournalStreamTest {
    private static final JournalOptions STREAM = Records.SMALL.withIo(JournalOptions.Io.STREAM);

    @TempDir
    Path folder;

    /// What of the folder this process has mapped.
    private static List<String> mappings(Path of) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains(of.toString()))
                .toList();
    }

    private static List<byte[]> read(Tailer tailer) {
        List<byte[]> bodies = new ArrayList<>();
        RecordHandler add = (position, time, buffer, offset, length) -> {
            byte[] body = new byte[length];
            buffer.getBytes(offset, body);
            bodies.add(body);
        };
        while (tailer.poll(add, 100) > 0) {
            // On.
        }
        return bodies;
    }

    private static void appendInThreads(Journal journal, int threads, int each) throws InterruptedException {
        List<Thread> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int writer = t;
            all.add(Thread.ofPlatform().start(() -> {
                try (Appender appender = journal.appender()) {
                    for (int i = 0; i < each; i++) {
                        appender.append(Records.body(writer, i, 300));
                    }
                }
            }));
        }
        for (Thread thread : all) {
            thread.join();
        }
    }

    @Test
    void threadsAppendAndReadBothWaysAndSeekWithoutAnyMapping() throws Exception {
        try (Journal journal = Journal.open(folder, STREAM);
                Tailer early = journal.tailer();
                Tailer named = journal.tailer("somebody")) {
            appendInThreads(journal, 3, 1_000);
            assertEquals(3_000, read(early).size(), "read by a tailer that was there before");
            assertTrue(journal.stats().segments() > 1, "they fill several segments");
            List<Long> positions = new ArrayList<>();
            assertEquals(3_000, named.poll((position, time, buffer, offset, length) -> positions.add(position), 9_999));
            named.store();
            assertEquals(positions.getLast(), back(named, positions).getFirst(), "the last, backward");
            early.seek(positions.get(1_234));
            assertEquals(positions.get(1_234), early.position());
            early.seekTime(0);
            assertEquals(positions.getFirst(), early.position(), "the first that is not earlier than 1970");
            assertEquals(3_000, journal.verify(damage -> {}).records());
            assertFalse(early.await(Duration.ZERO) && read(early).isEmpty());
            assertEquals(List.of(), mappings(folder), "what is mapped");
        }
    }

    private static List<Long> back(Tailer tailer, List<Long> forward) {
        List<Long> backward = new ArrayList<>();
        tailer.pollBackward((position, time, buffer, offset, length) -> backward.add(position), 9_999);
        assertEquals(forward.reversed(), backward);
        return backward;
    }

    @Test
    void aProcessThatIsKilledWhileItStreamsLosesNothingThatItHadAppended() throws Exception {
        int writer = 7;
        for (int round = 0; round < 3; round++) {
            Path path = folder.resolve("round" + round);
            long published = 0;
            try (Child child = Child.start("append", path, writer, 2_000, 0, "STREAM")) {
                for (String line; published < 500 * (round + 1) && (line = child.line()) != null;) {
                    published = Long.parseLong(line);
                }
                child.kill();
            }
            try (Journal journal = Journal.open(path, STREAM); Tailer tailer = journal.tailer()) {
                List<byte[]> bodies = read(tailer);
                assertTrue(bodies.size() >= published, bodies.size() + " of " + published);
                for (int i = 0; i < bodies.size(); i++) {
                    assertArrayEquals(Records.body(writer, i, 2_000), bodies.get(i), "record " + i);
                }
                try (Appender appender = journal.appender()) {
                    appender.append(new byte[] {1});
                }
                assertEquals(1, read(tailer).size(), "it goes on");
            }
        }
    }

    @Test
    void whatWasStreamedCanBeMappedLaterAndTheOtherWayRoundButNotAtTheSameTime() throws Exception {
        for (JournalOptions.Io io : new JournalOptions.Io[] {
            JournalOptions.Io.STREAM, JournalOptions.Io.MAPPED, JournalOptions.Io.STREAM
        }) {
            try (Journal journal = Journal.open(folder, Records.SMALL.withIo(io));
                    Appender appender = journal.appender()) {
                appender.append(new byte[] {1, 2, 3});
                JournalOptions.Io other =
                        io == JournalOptions.Io.STREAM ? JournalOptions.Io.MAPPED : JournalOptions.Io.STREAM;
                HandshakeException refused =
                        assertThrows(HandshakeException.class, () -> Journal.open(folder, Records.SMALL.withIo(other)));
                assertTrue(refused.getMessage().contains("io="), refused::getMessage);
                try (Journal reader = Journal.open(folder, Records.SMALL.withIo(other).withReadOnly());
                        Tailer tailer = reader.tailer()) {
                    assertFalse(read(tailer).isEmpty(), "a reader may do as it likes");
                }
            }
        }
        try (Journal journal = Journal.open(folder, Records.SMALL); Tailer tailer = journal.tailer()) {
            assertEquals(3, read(tailer).size());
        }
    }

    /// On a real file system of another program: bindfs(1), through FUSE.
    @Test
    void onAMountOfAnotherProgramItStreamsByItself() throws Exception {
        Path real = Files.createDirectory(folder.resolve("real"));
        Path mount = Files.createDirectory(folder.resolve("mount"));
        assumeTrue(Files.exists(Path.of("/dev/fuse")) && run("bindfs", "--no-allow-other", real, mount),
                "bindfs mounts");
        try {
            Path path = mount.resolve("journal");
            assertThrows(
                    UnsupportedException.class,
                    () -> Journal.open(path, Records.SMALL.withIo(JournalOptions.Io.MAPPED)));
            try (Journal journal = Journal.open(path, Records.SMALL);
                    Tailer tailer = journal.tailer();
                    Child child = Child.start("append", path, 9, 500, 0)) {
                appendInThreads(journal, 2, 200);
                long published = 0;
                for (String line; published < 300 && (line = child.line()) != null;) {
                    published = Long.parseLong(line);
                }
                child.kill();
                int count = read(tailer).size();
                assertTrue(count >= 400 + published, count + " of 400 and " + published);
                assertEquals(List.of(), mappings(folder), "what is mapped");
            }
        } finally {
            run("umount", "-l", mount); // whoever was killed may not be gone altogether
        }
    }

    private static boolean run(Object... words) throws InterruptedException {
        List<String> command = new ArrayList<>();
        for (Object word : words) {
            command.add(word.toString());
        }
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // no such program
        }
    }
}
