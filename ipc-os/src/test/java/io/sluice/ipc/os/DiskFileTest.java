package io.sluice.ipc.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.NoSpaceException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Files that outlive their processes, and locks on their bytes.
@Timeout(60)
final class DiskFileTest {
    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("file");
    }

    @Test
    void whatIsWrittenToAMappingIsInTheFile() throws IOException {
        try (DiskFile file = DiskFile.open(file(), DiskFile.Access.CREATE); Arena arena = Arena.ofShared()) {
            file.reserve(10_000);
            assertEquals(10_000, file.length());
            MemorySegment memory = file.map(10_000, arena);
            memory.set(ValueLayout.JAVA_BYTE, 9_999, (byte) 7);
            file.flush();
            DiskFile.syncDirectory(directory);
        }
        assertEquals(7, Files.readAllBytes(file())[9_999]);
        assertEquals(0, Descriptors.mapped(directory));
        assertEquals(0, Descriptors.open(directory));
    }

    @Test
    void aMappingOfAFileThatMayOnlyBeReadIsRead() throws IOException {
        Files.write(file(), new byte[] {1, 2, 3});
        try (DiskFile file = DiskFile.open(file(), DiskFile.Access.READ); Arena arena = Arena.ofConfined()) {
            assertEquals(3, file.map(3, arena).get(ValueLayout.JAVA_BYTE, 2));
        }
    }

    @Test
    void whatIsMissingOrNoFileIsRefused() throws IOException {
        assertThrows(NoSuchFileException.class, () -> DiskFile.open(file(), DiskFile.Access.WRITE));
        Files.createSymbolicLink(file(), directory.resolve("elsewhere"));
        assertThrows(HandshakeException.class, () -> DiskFile.open(file(), DiskFile.Access.CREATE));
        assertFalse(Files.exists(directory.resolve("elsewhere")));
        assertThrows(HandshakeException.class, () -> DiskFile.open(directory, DiskFile.Access.READ));
        assertEquals(0, Descriptors.open(directory));
    }

    @Test
    void moreThanTheDiskHasIsAnException() throws IOException {
        try (DiskFile file = DiskFile.open(file(), DiskFile.Access.CREATE)) {
            assertThrows(NoSpaceException.class, () -> file.reserve(1L << 50));
        }
    }

    @Test
    void aByteIsLockedByOneOpenFileAtATime() throws IOException {
        try (DiskFile one = DiskFile.open(file(), DiskFile.Access.CREATE);
                DiskFile two = DiskFile.open(file(), DiskFile.Access.WRITE)) {
            ByteLocks first = new ByteLocks(one);
            ByteLocks second = new ByteLocks(two);
            assertTrue(first.tryLock(1_000_000));
            assertTrue(first.tryLock(1_000_000), "its own again");
            assertFalse(second.tryLock(1_000_000));
            assertTrue(second.tryLock(1_000_001));
            assertTrue(second.isLockedByAnother(1_000_000, 1));
            assertFalse(first.isLockedByAnother(1_000_000, 1), "its own is not another's");
            assertTrue(first.isLockedByAnother(16, 0), "any from there on");
            DiskFile.open(file(), DiskFile.Access.WRITE).close();
            assertFalse(second.tryLock(1_000_000), "closing another descriptor gives nothing back");
            first.unlock(1_000_000);
            assertTrue(second.tryLock(1_000_000));
        }
    }

    @Test
    void theLocksOfAProcessThatIsKilledAreFree() throws Exception {
        try (DiskFile file = DiskFile.open(file(), DiskFile.Access.CREATE);
                Child child = Child.start("bytes", file().toString(), "17")) {
            assertEquals("locked", child.line());
            ByteLocks locks = new ByteLocks(file);
            assertTrue(locks.isLockedByAnother(17, 1));
            child.signal("STOP");
            assertFalse(locks.tryLock(17), "a stopped process holds what it has");
            child.kill();
            assertFalse(locks.isLockedByAnother(17, 1));
            assertTrue(locks.tryLock(17));
        }
    }
}
