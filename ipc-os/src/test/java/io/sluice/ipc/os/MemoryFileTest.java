package io.sluice.ipc.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.NoSpaceException;
import io.sluice.ipc.SystemCallException;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// shm_overview(7), mmap(2), posix_fallocate(3).
@Timeout(120)
class MemoryFileTest {
    private static final int SIZE = 64 * 1024;

    @TempDir
    Path temporary;

    private final List<MemoryFile> files = new ArrayList<>();

    @BeforeEach
    void useATemporaryDirectory() {
        assumeTrue(Libc.POSIX);
        System.setProperty("ipc.shm.dir", temporary.toString());
    }

    @AfterEach
    void closeAll() {
        files.forEach(MemoryFile::close);
        System.clearProperty("ipc.shm.dir");
    }

    private MemoryFile create() {
        return closedLater(MemoryFile.create("orders", SIZE, Optional.empty()));
    }

    private MemoryFile open(MemoryFile file) throws NoSuchFileException {
        return closedLater(MemoryFile.open(file.path(), SIZE));
    }

    private MemoryFile closedLater(MemoryFile file) {
        files.add(file);
        return file;
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private long leftovers() throws IOException {
        try (var entries = Files.list(temporary)) {
            return entries.count();
        }
    }

    @Test
    void isNamedAfterItsUserAndItsOwnerAndChance() {
        String expected = "sluice-" + Libc.effectiveUser() + "-orders-[0-9a-f]{32}";
        Path one = create().path();
        Path two = create().path();
        assertTrue(one.getFileName().toString().matches(expected), one.toString());
        assertTrue(two.getFileName().toString().matches(expected), two.toString());
        assertFalse(one.equals(two));
        assertEquals(temporary, one.getParent());
    }

    @Test
    void isInDevShmUnlessToldOtherwise() {
        assumeTrue(Files.isDirectory(Path.of("/dev/shm")));
        System.clearProperty("ipc.shm.dir");
        assertEquals(Path.of("/dev/shm"), create().path().getParent());
    }

    @Test
    void isZeroAndAsLargeAsAskedFor() throws IOException {
        MemoryFile file = create();
        assertEquals(SIZE, Files.size(file.path()));
        assertEquals(SIZE, file.memory().byteSize());
        assertEquals(-1, file.memory().mismatch(java.lang.foreign.MemorySegment.ofArray(new byte[SIZE])));
    }

    @Test
    void needNotBeWholePages() throws IOException {
        MemoryFile file = closedLater(MemoryFile.create("odd", 4097, Optional.empty()));
        assertEquals(4097, Files.size(file.path()));
        assertEquals(4097, file.memory().byteSize());
    }

    @Test
    void isItsUsersAlone() throws IOException {
        MemoryFile file = create();
        assertEquals("rw-------", mode(file.path()));
        assertEquals(Files.getOwner(file.path()).getName(), file.owner());
        assertEquals(file.owner(), open(file).owner());
    }

    @Test
    void isItsGroupsTooIfAskedFor() throws IOException {
        String group = Files.readAttributes(temporary, PosixFileAttributes.class).group().getName();
        MemoryFile file = closedLater(MemoryFile.create("orders", SIZE, Optional.of(group)));
        assertEquals("rw-rw----", mode(file.path()));
        assertEquals(group, Files.readAttributes(file.path(), PosixFileAttributes.class).group().getName());
    }

    @Test
    void ofAGroupThatDoesNotExistIsRefusedAndNotLeftBehind() throws IOException {
        InvalidAddressException e = assertThrows(
                InvalidAddressException.class,
                () -> MemoryFile.create("orders", SIZE, Optional.of("no-such-group")));
        assertTrue(e.getMessage().contains("no-such-group"), e.getMessage());
        assertEquals(0, leftovers());
        assertEquals(0, Descriptors.open(temporary));
    }

    @Test
    void isTheSameMemoryForAnotherProcess() throws Exception {
        MemoryFile file = create();
        file.memory().set(ValueLayout.JAVA_INT, 0, 41);
        try (Child child = Child.start("open", file.path().toString(), Integer.toString(SIZE))) {
            assertEquals("done", child.line());
        }
        assertEquals(42, file.memory().get(ValueLayout.JAVA_INT, 0));
        assertTrue(Files.exists(file.path()), "who only opened it left it alone");
    }

    @Test
    void hasAllItsPagesBeforeItIsMapped() throws IOException {
        MemoryFile file = closedLater(MemoryFile.create("orders", 1 << 20, Optional.empty()));
        try (var lines = Files.lines(Path.of("/proc/self/smaps"))) {
            List<String> mapping = lines.dropWhile(line -> !line.contains(file.path().toString()))
                    .takeWhile(line -> !line.startsWith("VmFlags"))
                    .toList();
            assertTrue(mapping.contains("Rss:                1024 kB"), mapping.toString());
        }
    }

    @Test
    void thatDoesNotFitIsRefusedAndNotLeftBehind() throws Exception {
        Path small = mountTmpfs();
        try {
            System.setProperty("ipc.shm.dir", small.toString());
            MemoryFile half = MemoryFile.create("orders", 512 * 1024, Optional.empty());
            NoSpaceException e = assertThrows(
                    NoSpaceException.class, () -> MemoryFile.create("orders", 768 * 1024, Optional.empty()));
            for (String words : List.of(small.toString(), "768k asked", "512k is free", "?capacity=", "ipc.shm.dir")) {
                assertTrue(e.getMessage().contains(words), e.getMessage());
            }
            try (var entries = Files.list(small)) {
                assertEquals(List.of(half.path()), entries.toList());
            }
            assertEquals(1, Descriptors.open(small));
            half.close();
            MemoryFile.create("orders", 768 * 1024, Optional.empty()).close();
        } finally {
            run("umount", small.toString());
        }
    }

    @Test
    void thatIsLargerThanAnyDiskIsRefusedToo() throws IOException {
        assertThrows(NoSpaceException.class, () -> MemoryFile.create("orders", 1L << 62, Optional.empty()));
        assertEquals(0, leftovers());
    }

    private Path mountTmpfs() throws Exception {
        assumeTrue(Libc.effectiveUser() == 0 && Libc.LINUX, "only root can mount a file system");
        Path small = Files.createDirectory(temporary.resolve("small"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small.toString()) == 0, "it may not mount");
        return small;
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    @Test
    void goesNowhereButIntoADirectory() {
        System.setProperty("ipc.shm.dir", temporary.resolve("missing").toString());
        InvalidAddressException e = assertThrows(InvalidAddressException.class, this::create);
        assertTrue(e.getMessage().contains("ipc.shm.dir"), e.getMessage());
    }

    @Test
    void cannotBeEmptyOrNamedLikeAPath() {
        assertThrows(IllegalArgumentException.class, () -> MemoryFile.create("orders", 0, Optional.empty()));
        assertThrows(IllegalArgumentException.class, () -> MemoryFile.create("../orders", SIZE, Optional.empty()));
        assertThrows(IllegalArgumentException.class, () -> MemoryFile.create("", SIZE, Optional.empty()));
    }

    @Test
    void livesOnWithoutItsName() throws IOException {
        MemoryFile file = create();
        MemoryFile other = open(file);
        file.unlink();
        assertFalse(Files.exists(file.path()));
        assertEquals(0, Descriptors.open(temporary));
        file.memory().set(ValueLayout.JAVA_INT, 0, 7);
        assertEquals(7, other.memory().get(ValueLayout.JAVA_INT, 0));
        file.unlink();
    }

    @Test
    void isUnlinkedWhenItIsClosed() {
        MemoryFile file = create();
        file.close();
        file.close();
        assertTrue(file.tryClose());
        assertFalse(Files.exists(file.path()));
        assertThrows(IllegalStateException.class, () -> file.memory().get(ValueLayout.JAVA_INT, 0));
    }

    @Test
    void isNeverUnlinkedByWhoOpenedIt() throws IOException {
        MemoryFile file = create();
        MemoryFile other = open(file);
        other.unlink();
        other.close();
        assertTrue(Files.exists(file.path()));
    }

    @Test
    void leavesAnotherFileThatHasTakenItsName() throws IOException {
        MemoryFile file = create();
        Files.delete(file.path());
        Files.writeString(file.path(), "somebody else's");
        file.close();
        assertEquals("somebody else's", Files.readString(file.path()));
    }

    @Test
    void thatIsNotThereIsSaidSo() {
        Path missing = temporary.resolve("missing");
        assertEquals(
                missing.toString(),
                assertThrows(NoSuchFileException.class, () -> MemoryFile.open(missing, SIZE)).getFile());
    }

    @Test
    void ofAnotherSizeIsRefused() throws IOException {
        MemoryFile file = create();
        HandshakeException e =
                assertThrows(HandshakeException.class, () -> MemoryFile.open(file.path(), SIZE + 1));
        assertTrue(e.getMessage().contains(Integer.toString(SIZE)), e.getMessage());
        assertEquals(SIZE, Files.size(file.path()), "it was not made larger");
    }

    @Test
    void thatIsNoFileIsRefused() throws Exception {
        MemoryFile file = create();
        Path link = Files.createSymbolicLink(temporary.resolve("link"), file.path());
        assertThrows(HandshakeException.class, () -> MemoryFile.open(link, SIZE));
        assertThrows(HandshakeException.class, () -> MemoryFile.open(temporary, SIZE));
        Path pipe = temporary.resolve("pipe");
        assertEquals(0, run("mkfifo", pipe.toString()));
        assertThrows(HandshakeException.class, () -> MemoryFile.open(pipe, SIZE));
        assertThrows(HandshakeException.class, () -> MemoryFile.open(Path.of("/dev/zero"), SIZE));
    }

    @Test
    void thatThisUserMayNotReadAndWriteIsRefused() throws IOException {
        assumeTrue(Libc.effectiveUser() != 0, "root may read all");
        MemoryFile file = create();
        Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("r--r--r--"));
        AuthenticationException e =
                assertThrows(AuthenticationException.class, () -> MemoryFile.open(file.path(), SIZE));
        assertTrue(e.getMessage().contains("?group="), e.getMessage());
    }

    @Test
    void inADirectoryWhereThisUserMayNotCreateSaysSo() throws IOException {
        assumeTrue(Libc.effectiveUser() != 0, "root may write everywhere");
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            SystemCallException e = assertThrows(SystemCallException.class, this::create);
            assertTrue(e.getMessage().contains("Permission denied"), e.getMessage());
            assertTrue(e.getMessage().contains("ipc.shm.dir"), e.getMessage());
        } finally {
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void isCreatedAndOpenedByAnInterruptedThreadWhichStaysInterrupted() throws IOException {
        Thread.currentThread().interrupt();
        try (MemoryFile file = create();
                MemoryFile again = MemoryFile.open(file.path(), SIZE)) {
            assertEquals(SIZE, again.memory().byteSize());
        } finally {
            assertTrue(Thread.interrupted(), "the interrupt flag");
        }
    }

    @Test
    void thatIsStillWaitedInSaysSoAndIsClosedLater() throws Exception {
        MemoryFile file = create();
        Sleeper sleeper = Sleeper.start(file.memory(), 0, 0, 1, Long.MAX_VALUE).awaitAsleep();
        assertFalse(file.tryClose());
        assertFalse(Files.exists(file.path()), "it has lost its name all the same");
        IllegalStateException e = assertThrows(IllegalStateException.class, file::close);
        assertTrue(e.getMessage().contains("a thread waits"), e.getMessage());
        Futex.wake(file.memory(), 0, 1);
        sleeper.join();
        file.close();
        assertEquals(0, Descriptors.mapped(temporary));
    }

    @Test
    void closedUnderAThreadThatReadsItEndsThatReadWithAnException() throws Exception {
        for (int round = 0; round < 20; round++) {
            MemoryFile file = create();
            CountDownLatch reading = new CountDownLatch(1);
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread reader = Thread.ofPlatform().start(() -> {
                try {
                    for (long sum = 0;; sum += file.memory().get(ValueLayout.JAVA_LONG, 8)) {
                        reading.countDown();
                    }
                } catch (Throwable e) {
                    end.set(e);
                }
            });
            reading.await();
            file.close();
            reader.join();
            assertEquals(IllegalStateException.class, end.get().getClass());
        }
    }

    @Test
    void closedWhileOthersWakeInItWaitsForThem() throws Exception {
        assumeTrue(Futex.isSupported());
        for (int round = 0; round < 20; round++) {
            MemoryFile file = create();
            CountDownLatch waking = new CountDownLatch(1);
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread waker = Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        Futex.wake(file.memory(), 0, 1);
                        waking.countDown();
                    }
                } catch (Throwable e) {
                    end.set(e);
                }
            });
            waking.await();
            while (!file.tryClose()) {
                Thread.onSpinWait();
            }
            waker.join();
            assertEquals(IllegalStateException.class, end.get().getClass());
        }
    }

    @Test
    void leavesNothingOpenNothingMappedAndNoFile() throws IOException {
        for (int round = 0; round < 50; round++) {
            MemoryFile file = create();
            MemoryFile other = open(file);
            assertThrows(HandshakeException.class, () -> MemoryFile.open(file.path(), 1));
            assertEquals(1, Descriptors.open(temporary), "the creator's lock");
            assertEquals(2, Descriptors.mapped(temporary));
            if (round % 2 == 0) {
                file.unlink();
            }
            file.close();
            other.close();
        }
        assertEquals(0, Descriptors.open(temporary));
        assertEquals(0, Descriptors.mapped(temporary));
        assertEquals(0, leftovers());
    }
}
