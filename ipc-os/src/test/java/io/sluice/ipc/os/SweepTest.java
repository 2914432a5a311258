package io.sluice.ipc.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the dead leave behind is removed, and nothing else; flock(2).
@Timeout(120)
class SweepTest {
    private static final int SIZE = 4096;
    private static final String RANDOM = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path temporary;

    @BeforeEach
    void useATemporaryDirectory() {
        assumeTrue(Libc.POSIX);
        System.setProperty("ipc.shm.dir", temporary.toString());
    }

    @AfterEach
    void forgetIt() {
        System.clearProperty("ipc.shm.dir");
    }

    private Child creator(String owner) throws IOException {
        return Child.startWith(
                List.of("-Dipc.shm.dir=" + temporary), "create", owner, Integer.toString(SIZE));
    }

    private Path named(String owner) {
        return temporary.resolve("sluice-" + Libc.effectiveUser() + "-" + owner + "-" + RANDOM);
    }

    @Test
    void leavesTheFilesOfThisProcess() {
        try (MemoryFile file = MemoryFile.create("orders", SIZE, Optional.empty())) {
            assertEquals(0, MemoryFile.sweep("orders"));
            assertTrue(Files.exists(file.path()));
        }
    }

    @Test
    void leavesTheFilesOfALivingProcessAndRemovesThemOnceItIsKilled() throws Exception {
        try (Child creator = creator("orders")) {
            Path path = Path.of(creator.line());
            assertEquals(0, MemoryFile.sweep("orders"));
            assertTrue(Files.exists(path));
            creator.signal("STOP");
            assertEquals(0, MemoryFile.sweep("orders"), "a stopped process is not a dead one");
            creator.kill();
            assertTrue(Files.exists(path));
            assertEquals(1, MemoryFile.sweep("orders"));
            assertFalse(Files.exists(path));
        }
    }

    @Test
    void leavesTheMemoryOfThoseWhoHaveItMappedStill() throws Exception {
        try (Child creator = creator("orders")) {
            try (MemoryFile file = MemoryFile.open(Path.of(creator.line()), SIZE)) {
                creator.kill();
                assertEquals(1, MemoryFile.sweep("orders"));
                file.memory().set(ValueLayout.JAVA_INT, 0, 7);
                assertEquals(7, file.memory().get(ValueLayout.JAVA_INT, 0));
            }
        }
    }

    @Test
    void removesAFileThatItsCreatorHadNoTimeToLock() throws IOException {
        Path path = Files.createFile(named("orders"));
        assertEquals(1, MemoryFile.sweep("orders"));
        assertFalse(Files.exists(path));
    }

    @Test
    void leavesWhatIsNotNamedExactlyLikeThat() throws IOException {
        List<Path> others = List.of(
                named("orders-2"),
                named("order"),
                named("ORDERS"),
                named("orders-" + RANDOM),
                temporary.resolve(named("orders").getFileName() + "0"),
                temporary.resolve(named("orders").getFileName() + ".txt"),
                temporary.resolve("sluice-" + (Libc.effectiveUser() + 1) + "-orders-" + RANDOM));
        for (Path other : others) {
            Files.createFile(other);
        }
        assertEquals(0, MemoryFile.sweep("orders"));
        for (Path other : others) {
            assertTrue(Files.exists(other), other.toString());
        }
    }

    @Test
    void leavesWhatIsNoFile() throws Exception {
        Path target = Files.createFile(temporary.resolve("target"));
        Path link = Files.createSymbolicLink(named("a"), target);
        Path directory = Files.createDirectory(named("b"));
        Path pipe = named("c");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        assertEquals(0, MemoryFile.sweep("a") + MemoryFile.sweep("b") + MemoryFile.sweep("c"));
        assertTrue(Files.isSymbolicLink(link) && Files.exists(target));
        assertTrue(Files.isDirectory(directory));
        assertTrue(Files.exists(pipe));
    }

    @Test
    void leavesTheFilesOfOtherUsers() throws IOException {
        assumeTrue(Libc.effectiveUser() == 0, "only root can give a file away");
        Path path = Files.createFile(named("orders"));
        Files.setAttribute(path, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);
        assertEquals(0, MemoryFile.sweep("orders"));
        assertTrue(Files.exists(path));
    }

    @Test
    void leavesNoDescriptorOpen() throws IOException {
        try (MemoryFile _ = MemoryFile.create("orders", SIZE, Optional.empty())) {
            Files.createFile(named("orders"));
            assertEquals(1, MemoryFile.sweep("orders"));
            assertEquals(1, Descriptors.open(temporary), "the creator's lock");
        }
    }

    @Test
    void refusesAnOwnerThatIsNoName() {
        assertThrows(IllegalArgumentException.class, () -> MemoryFile.sweep("*"));
    }

    @Test
    void thatTakesANewFileBeforeItsCreatorCouldLockItMakesTheCreatorStartAnew() throws IOException {
        Path path = named("orders");
        int creator = Libc.open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC, 0600);
        assertEquals(1, MemoryFile.sweep("orders"));
        assertTrue(SharedFile.claim(path, creator).isEmpty());
        assertEquals(0, Descriptors.open(temporary));
    }

    @Test
    void thatIsAboutToTakeANewFileMakesItsCreatorStartAnew() throws IOException {
        Path path = named("orders");
        int creator = Libc.open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC, 0600);
        int sweeper = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        assertEquals(0, Libc.flock(sweeper, Libc.LOCK_EX | Libc.LOCK_NB));
        assertTrue(SharedFile.claim(path, creator).isEmpty());
        assertTrue(Files.exists(path), "it is the sweeper's now");
        Libc.close(sweeper);
        assertEquals(0, Descriptors.open(temporary));
    }

    @Test
    void thatComesAfterTheCreatorIsRefused() {
        Path path = named("orders");
        int creator = Libc.open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC, 0600);
        SharedFile file = SharedFile.claim(path, creator).orElseThrow();
        assertEquals(0, MemoryFile.sweep("orders"));
        file.unlink();
    }

    /// Creators of this process, sweepers of this and another one: every file is there as long as its creator wants,
    /// though it is unlocked for a moment when it is new.
    @Test
    void neverTakesAFileFromALivingCreatorHoweverNewItIs() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        try (Child sweeper = Child.startWith(List.of("-Dipc.shm.dir=" + temporary), "sweep", "orders");
                var threads = Executors.newCachedThreadPool()) {
            assertEquals("sweeping", sweeper.line());
            Future<Integer> own = threads.submit(() -> {
                int removed = 0;
                while (!done.get()) {
                    removed += MemoryFile.sweep("orders");
                }
                return removed;
            });
            try {
                for (Future<Integer> creator : threads.invokeAll(IntStream.range(0, 4)
                        .<Callable<Integer>>mapToObj(i -> this::createMany)
                        .toList())) {
                    assertEquals(0, creator.get(), "files were swept away under their creator");
                }
            } finally {
                done.set(true);
            }
            sweeper.stop();
            System.out.println("SweepTest: of files just created, this process swept " + own.get() + ", the other "
                    + sweeper.line());
        }
        assertEquals(0, MemoryFile.sweep("orders"), "nothing was left behind");
        try (var entries = Files.list(temporary)) {
            assertEquals(0, entries.count());
        }
    }

    private int createMany() throws IOException {
        int lost = 0;
        for (int i = 0; i < 100; i++) {
            SharedFile file = SharedFile.create(temporary, "orders", SIZE, Optional.empty());
            lost += FileStatus.of(file.path()).isSameFileAs(file.created()) ? 0 : 1;
            Thread.yield();
            lost += Files.exists(file.path()) ? 0 : 1;
            file.unlink();
        }
        return lost;
    }
}
