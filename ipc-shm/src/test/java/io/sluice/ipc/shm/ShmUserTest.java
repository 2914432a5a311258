package io.sluice.ipc.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Server;
import io.sluice.ipc.ServerHandler;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Who may talk to whom, with processes of two users: root, who runs the tests, and nobody. `SO_PEERCRED`, unix(7).
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ShmUserTest {
    private static final int NOBODY = 65534;
    private static final String NOGROUP = "nogroup";
    private static final int ANOTHER_GROUP = 1;

    @RegisterExtension
    final TestPlace place = new TestPlace();

    @TempDir
    Path readable;

    /// Lets everybody look into the test's directories, and copies the classes to where everybody can read them.
    @BeforeEach
    void openTheDoors() throws IOException, InterruptedException {
        assumeTrue(Files.getAttribute(readable, "unix:uid").equals(0), "needs root, to be somebody else");
        assumeTrue(run("setpriv", "--version") == 0, "needs setpriv(1)");
        assumeTrue(
                Files.exists(Path.of("/etc/group")) && Files.readString(Path.of("/etc/group")).contains(NOGROUP + ":"),
                "needs a group named " + NOGROUP);
        for (Path directory : List.of(place.directory(), place.memory(), readable)) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private static int run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1;
        }
    }

    private String readableClassPath() throws IOException {
        StringJoiner classPath = new StringJoiner(File.pathSeparator);
        int number = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path from = Path.of(entry);
            if (Files.exists(from)) {
                Path to = readable.resolve(number++ + "-" + from.getFileName());
                copy(from, to);
                classPath.add(to.toString());
            }
        }
        return classPath.toString();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Path copy = to.resolve(from.relativize(path).toString());
                boolean isDirectory = Files.isDirectory(path);
                Files.copy(path, isDirectory || !from.equals(path) ? copy : to);
                Files.setPosixFilePermissions(
                        copy, PosixFilePermissions.fromString(isDirectory ? "rwxr-xr-x" : "rw-r--r--"));
            }
        }
    }

    private PeerJvm nobody(int group, String... arguments) throws IOException {
        return PeerJvm.start(
                List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + group, "--clear-groups"),
                readableClassPath(),
                arguments);
    }

    private String nobodyConnects(int group, String address) throws IOException {
        try (PeerJvm jvm = nobody(group, "connect", address)) {
            return jvm.line();
        }
    }

    /// An echo server that tells who its first client is.
    private static final class Greeter implements ServerHandler {
        final CompletableFuture<String> first = new CompletableFuture<>();

        @Override
        public void onOpen(Channel channel) {
            first.complete(channel.peer().user().orElse("unproved"));
        }

        @Override
        public boolean onMessage(Channel channel, DirectBuffer buffer, int offset, int length) {
            return channel.offer(buffer, offset, length);
        }
    }

    private static void assertSays(String said, String... words) {
        for (String word : words) {
            assertTrue(said != null && said.contains(word), () -> "'" + word + "' is missing in: " + said);
        }
    }

    private static void assertEchoes(String address) throws InterruptedException {
        try (Channel channel = Ipc.connect(address)) {
            channel.send(new byte[] {1});
            assertEquals(1, channel.receive(Eventually.GENEROUS).length());
        }
    }

    @Test
    void anotherUserIsToldWhoseTheDirectoryIs() throws Exception {
        String address = TestPlace.address();
        try (Server _ = Ipc.serve(address, new Greeter())) {
            assertSays(nobodyConnects(NOBODY, address),
                    "UnsafeDirectoryException", place.directory().toString(), "belongs to the user 0",
                    "runs as " + NOBODY, "ipc.dir");
            assertEchoes(address);
        }
    }

    @Test
    void anotherUserCannotOpenTheSocketOfAnEndpointWithoutAGroup() throws Exception {
        String address = TestPlace.address();
        try (Server _ = Ipc.serve(address, new Greeter())) {
            assertSays(nobodyConnects(NOBODY, address + "?group=" + NOGROUP),
                    "AuthenticationException", address, "may not use", socket(address).toString(), "?group=NAME");
            assertEchoes(address);
        }
    }

    /// Whoever opens the socket's file to the world has not opened the endpoint.
    @Test
    void anotherUserIsRefusedByTheServerThoughItsSocketIsOpenToTheWorld() throws Exception {
        String address = TestPlace.address();
        Greeter greeter = new Greeter();
        try (Server server = Ipc.serve(address, greeter)) {
            Files.setPosixFilePermissions(socket(address), PosixFilePermissions.fromString("rw-rw-rw-"));
            assertSays(nobodyConnects(NOBODY, address + "?group=" + NOGROUP),
                    "AuthenticationException", address, "is for user root", "runs as nobody", "?group=NAME");
            assertEquals(0, server.channels(), "channels");
            assertTrue(!greeter.first.isDone(), "no channel was opened");
            assertEchoes(address);
        }
    }

    @Test
    void aMemberOfTheGroupTalksAndBothKnowWhoTheOtherIs() throws Exception {
        String address = TestPlace.address() + "?group=" + NOGROUP;
        Greeter greeter = new Greeter();
        try (Server server = Ipc.serve(address, greeter)) {
            assertEquals("1 byte from root", nobodyConnects(NOBODY, address));
            assertEquals("nobody", greeter.first.join());
            Eventually.equal("channels", 0, server::channels);
            assertEchoes(address);
        }
    }

    @Test
    void whoIsNotInTheGroupCannotOpenTheSocket() throws Exception {
        String address = TestPlace.address() + "?group=" + NOGROUP;
        try (Server _ = Ipc.serve(address, new Greeter())) {
            assertSays(nobodyConnects(ANOTHER_GROUP, address), "AuthenticationException", "may not use",
                    socket(address).toString());
            assertEchoes(address);
        }
    }

    @Test
    void whatAGroupSharesIsNotForTheWorld() throws Exception {
        String address = TestPlace.address() + "?group=" + NOGROUP;
        try (Server _ = Ipc.serve(address, new Greeter())) {
            for (String file : place.files()) {
                assertEquals(
                        Set.of("rw-rw----", NOGROUP),
                        Set.of(PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(file))),
                                Files.getAttribute(Path.of(file), "posix:group").toString()),
                        file);
            }
        }
    }

    @Test
    void aServerThatIsNotTheOwnerOfItsDirectoryIsNotTrusted() throws Exception {
        String address = TestPlace.address();
        give(place.directory(), NOBODY);
        give(place.memory(), NOBODY);
        try (PeerJvm _ = nobody(NOBODY, "serve", address).awaitUp()) {
            give(place.directory(), 0);
            AuthenticationException e = assertThrows(AuthenticationException.class, () -> Ipc.connect(address));
            TestPlace.assertMentions(e, address, "is run by nobody", place.directory().toString());
        }
        Ipc.bind(address).close(); // clears the dead one's socket
        for (String left : place.files()) {
            assertTrue(left.startsWith(place.memory() + "/sluice-" + NOBODY), left);
            Files.delete(Path.of(left)); // another user's memory, which is not ours to clear
        }
    }

    @Test
    void aGroupThatDoesNotExistIsNamedAndNothingIsLeft() {
        String address = TestPlace.address() + "?group=no-such-group";
        InvalidAddressException e = assertThrows(InvalidAddressException.class, () -> Ipc.bind(address));
        TestPlace.assertMentions(e, address, "no-such-group", "getent group");
        assertEquals(List.of(), place.files());
    }

    private static void give(Path path, int user) throws IOException {
        Files.setAttribute(path, "unix:uid", user, LinkOption.NOFOLLOW_LINKS);
    }

    private Path socket(String address) {
        String name = address.substring("shm:".length());
        return place.socket(name.contains("?") ? name.substring(0, name.indexOf('?')) : name);
    }
}
