package io.sluice.ipc.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.Endpoint;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.UnsafeDirectoryException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/// A runtime directory in which others could put a socket of their own is refused, by those who bind and by those who
/// connect, before anything is looked for or made in it.
final class ShmDirectoryTest {
    private static final String ADDRESS = "shm:orders?connect-timeout=20ms";
    private static final int SOMEBODY_ELSE = 65534;

    @RegisterExtension
    final TestPlace place = new TestPlace();

    private void assertRefused(Path directory, String... words) {
        String before = System.setProperty("ipc.dir", directory.toString());
        try {
            for (Executable use : List.<Executable>of(() -> Ipc.bind(ADDRESS), () -> Ipc.connect(ADDRESS))) {
                UnsafeDirectoryException e = assertThrows(UnsafeDirectoryException.class, use);
                TestPlace.assertMentions(e, directory.toString(), "ipc.dir");
                TestPlace.assertMentions(e, words);
            }
        } finally {
            System.setProperty("ipc.dir", before);
        }
        assertEquals(List.of(), place.files());
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    @Test
    void aLinkIsRefusedThoughItLeadsToASafeDirectory(@TempDir Path temporary) throws IOException {
        Path link = Files.createSymbolicLink(temporary.resolve("link"), place.directory());
        assertRefused(link, "a symbolic link");
    }

    @Test
    void aDirectoryThatOthersMayWriteToIsRefusedUntilItIsMended() throws IOException {
        mode(place.directory(), "rwx----w-");
        assertRefused(place.directory(), "0702", "chmod go-w");
        mode(place.directory(), "rwxrwx---");
        assertRefused(place.directory(), "0770", "chmod go-w");
        mode(place.directory(), "rwx------");
        try (Endpoint endpoint = Ipc.bind(ADDRESS)) {
            assertTrue(endpoint.isOpen());
        }
    }

    @Test
    void somebodyElsesDirectoryIsRefused(@TempDir Path temporary) throws IOException {
        assumeTrue(Files.getAttribute(temporary, "unix:uid").equals(0), "only root can give a directory away");
        Path theirs = Files.createDirectory(temporary.resolve("theirs"));
        Files.setAttribute(theirs, "unix:uid", SOMEBODY_ELSE, LinkOption.NOFOLLOW_LINKS);
        assertRefused(theirs, "belongs to the user " + SOMEBODY_ELSE);
    }

    @Test
    void aPlaceForMemoryThatIsNotThereIsRefusedAndNothingIsLeft() {
        place.useMemory(place.directory().resolve("nowhere"));
        InvalidAddressException e = assertThrows(InvalidAddressException.class, () -> Ipc.bind(ADDRESS));
        TestPlace.assertMentions(e, "ipc.shm.dir", place.directory().resolve("nowhere").toString());
        assertEquals(List.of(), place.files());
    }
}
