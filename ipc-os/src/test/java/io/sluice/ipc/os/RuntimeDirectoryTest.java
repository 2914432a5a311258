package io.sluice.ipc.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.UnsafeDirectoryException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// inode(7) for owners and modes, unix(7) for the length of a path.
class RuntimeDirectoryTest {
    private static final int SOMEBODY_ELSE = 65534;
    private static final int MAX_PATH = 106;

    @TempDir
    Path temporary;

    private Path directory;

    @BeforeEach
    void nameDirectory() {
        assumeTrue(Libc.POSIX);
        directory = temporary.resolve("run");
    }

    @AfterEach
    void forgetSetting() {
        System.clearProperty("ipc.dir");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private Path created(String mode) throws IOException {
        Files.createDirectory(directory);
        return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));
    }

    private static void give(Path path, int uid) throws IOException {
        assumeTrue(Libc.effectiveUser() == 0, "only root can give a file away");
        Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
    }

    private void assertRefused(String... words) {
        for (Callable<?> attempt : List.<Callable<?>>of(
                () -> RuntimeDirectory.forBind(directory), () -> RuntimeDirectory.forConnect(directory, false))) {
            String message = assertThrows(UnsafeDirectoryException.class, attempt::call).getMessage();
            assertTrue(message.contains(directory.toString()), message);
            assertTrue(message.contains("ipc.dir"), message);
            for (String word : words) {
                assertTrue(message.contains(word), message);
            }
        }
    }

    @Test
    void isCreatedForItsUserAlone() throws IOException {
        assertEquals(directory, RuntimeDirectory.forBind(directory).path());
        assertEquals("rwx------", mode(directory));
    }

    @Test
    void isCreatedWithThoseAboveIt() throws IOException {
        Path deep = directory.resolve("a/b");
        RuntimeDirectory.forBind(deep);
        assertEquals("rwx------", mode(directory));
        assertEquals("rwx------", mode(deep));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwx------", "rwxr-x---", "rwxr-xr-x"})
    void isTakenAsItIsIfNobodyElseMayWriteToIt(String mode) throws IOException {
        created(mode);
        RuntimeDirectory.forBind(directory);
        RuntimeDirectory.forConnect(directory, false);
        assertEquals(mode, mode(directory));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxrwx---", "rwx----w-", "rwxrwxrwx"})
    void isRefusedIfOthersMayWriteToIt(String mode) throws IOException {
        created(mode);
        assertRefused("chmod go-w");
        assertThrows(UnsafeDirectoryException.class, () -> RuntimeDirectory.forConnect(directory, true));
    }

    @Test
    void isRefusedIfItIsALink() throws IOException {
        Path real = Files.createDirectory(temporary.resolve("real"));
        Files.createSymbolicLink(directory, real);
        assertRefused("a symbolic link");
        assertTrue(Files.isSymbolicLink(directory));
        try (var entries = Files.list(real)) {
            assertEquals(0, entries.count());
        }
    }

    @Test
    void isRefusedIfItIsALinkToNowhere() throws IOException {
        Path nowhere = temporary.resolve("nowhere");
        Files.createSymbolicLink(directory, nowhere);
        assertRefused("a symbolic link");
        assertFalse(Files.exists(nowhere));
    }

    @Test
    void isRefusedIfItIsAFile() throws IOException {
        Files.createFile(directory);
        assertRefused("a file");
    }

    @Test
    void isRefusedIfItIsSomebodyElses() throws IOException {
        give(created("rwx------"), SOMEBODY_ELSE);
        assertRefused("belongs to the user " + SOMEBODY_ELSE);
    }

    @Test
    void maySomebodyElsesForThoseWhoConnectInAGroup() throws IOException {
        give(created("rwxr-x---"), SOMEBODY_ELSE);
        assertEquals(directory, RuntimeDirectory.forConnect(directory, true).path());
    }

    @Test
    void isNotCreatedByThoseWhoConnect() {
        assertEquals(directory, RuntimeDirectory.forConnect(directory, false).path());
        assertFalse(Files.exists(directory));
    }

    @Test
    void thatCannotBeCreatedSaysWhy() throws IOException {
        Path file = Files.createFile(temporary.resolve("file"));
        SystemCallException e =
                assertThrows(SystemCallException.class, () -> RuntimeDirectory.forBind(file.resolve("below")));
        assertTrue(e.getMessage().contains("ipc.dir"), e.getMessage());
    }

    @Test
    void isCreatedOnceByManyAtOnce() throws Exception {
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Future<RuntimeDirectory>> all = threads.invokeAll(IntStream.range(0, 64)
                    .<Callable<RuntimeDirectory>>mapToObj(i -> () -> RuntimeDirectory.forBind(directory))
                    .toList());
            for (Future<RuntimeDirectory> one : all) {
                assertEquals(directory, one.get().path());
            }
        }
    }

    @Test
    void isWhereTheSettingSays() {
        System.setProperty("ipc.dir", directory.toString());
        assertEquals(directory, RuntimeDirectory.forBind().path());
        assertEquals(directory, RuntimeDirectory.forConnect(false).path());
    }

    @Test
    void isAbsoluteEvenIfTheSettingIsNot() {
        assertEquals(
                Path.of("some/where").toAbsolutePath(),
                RuntimeDirectory.locate(Optional.of("some/./where"), Optional.empty()));
    }

    @Test
    void isInTheSessionsDirectoryIfThatIsThisUsers() throws IOException {
        created("rwx------");
        assertEquals(
                directory.resolve("sluice"),
                RuntimeDirectory.locate(Optional.empty(), Optional.of(directory.toString())));
    }

    @Test
    void isNotInTheSessionsDirectoryOfAnotherUser() throws IOException {
        give(created("rwx------"), SOMEBODY_ELSE);
        assertEquals(
                Path.of("/tmp/sluice-0"),
                RuntimeDirectory.locate(Optional.empty(), Optional.of(directory.toString())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "relative", "/does/not/exist"})
    void isNotInASessionsDirectoryThatIsNone(String xdg) {
        assertEquals(
                Path.of("/tmp/sluice-" + Libc.effectiveUser()),
                RuntimeDirectory.locate(Optional.empty(), Optional.of(xdg)));
    }

    @Test
    void isInTmpWhereThereIsNoSession() {
        assertEquals(
                Path.of("/tmp/sluice-" + Libc.effectiveUser()),
                RuntimeDirectory.locate(Optional.empty(), Optional.empty()));
    }

    @Test
    void knowsTheUserAsTheSystemDoes() throws IOException {
        assertEquals(Files.getAttribute(Files.createFile(temporary.resolve("mine")), "unix:uid"),
                (int) Libc.effectiveUser());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "orders", "orders.eu-1_x", "7"})
    void holdsTheSocketsOfNames(String name) {
        assertEquals(
                directory.resolve(name + ".shm"),
                RuntimeDirectory.forConnect(directory, false).socket(Address.parse("shm:" + name), ".shm"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../x", "a/b", "/etc/passwd", ".hidden", "-a", "a b", "ä", "a\n", "a:b"})
    void refusesPlacesThatAreNoNames(String place) {
        InvalidAddressException e = assertThrows(
                InvalidAddressException.class,
                () -> RuntimeDirectory.forConnect(directory, false).socket(Address.parse("shm:" + place), ".shm"));
        assertTrue(e.getMessage().startsWith("shm:" + place + ": "), e.getMessage());
        assertTrue(e.getMessage().contains("letters, digits"), e.getMessage());
    }

    /// The longest path that is accepted can be bound, and one more byte is refused.
    @Test
    void refusesPathsThatAreTooLongForASocket() throws IOException {
        RuntimeDirectory run = RuntimeDirectory.forBind(directory);
        int room = MAX_PATH - directory.toString().length() - 1 - ".s".length();
        assumeTrue(room > 0, "the temporary directory's path is too long itself");
        Path longest = run.socket(Address.parse("shm:" + "n".repeat(room)), ".s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(longest));
        }
        Address tooLong = Address.parse("shm:" + "n".repeat(room + 1));
        String message = assertThrows(InvalidAddressException.class, () -> run.socket(tooLong, ".s")).getMessage();
        assertTrue(message.contains(" 107 bytes") && message.contains("106") && message.contains("ipc.dir"), message);
    }

    @Test
    void countsTheBytesOfAPathAndNotItsLetters() {
        assumeTrue(Libc.bytes(Path.of("ä")).length == 2, "the file system's encoding is not UTF-8");
        RuntimeDirectory run = RuntimeDirectory.forConnect(Path.of("/" + "ä".repeat(60)), false);
        assertThrows(InvalidAddressException.class, () -> run.socket(Address.parse("shm:a"), ".s"));
    }

    @Test
    void saysHowToAllowNativeAccessWhereItIsDenied() throws Exception {
        try (Child child = Child.startWith(
                List.of("--illegal-native-access=deny"), "capabilities", directory.toString())) {
            assertEquals("false", child.line());
            String message = child.line();
            assertTrue(message.contains("UnsupportedException"), message);
            assertTrue(message.contains("--enable-native-access=ALL-UNNAMED"), message);
        }
        try (Child child = Child.start("capabilities", directory.toString())) {
            assertEquals("true", child.line());
            assertEquals(directory.toString(), child.line());
        }
    }
}
