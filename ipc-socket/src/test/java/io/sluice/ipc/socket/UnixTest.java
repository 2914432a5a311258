package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.SystemCallException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UnixTest {
    private static final String ME = System.getProperty("user.name");

    @RegisterExtension
    final TestPlace place = new TestPlace();

    @Test
    void theSocketFileIsThisUsersAloneAndGoesWithTheEndpoint() throws Exception {
        try (Endpoint _ = Ipc.bind("unix:orders")) {
            assertEquals(List.of("orders.unix"), place.files());
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(place.directory().resolve("orders.unix"))));
        }
        assertEquals(List.of(), place.files());
    }

    @Test
    void aPathIsTakenAsItIs(@TempDir Path directory) throws Exception {
        String address = "unix:" + directory.resolve("s");
        try (Endpoint endpoint = Ipc.bind(address);
                Channel client = Ipc.connect(address);
                Channel server = endpoint.accept()) {
            client.send(new byte[] {1});
            assertEquals(1, server.receive().bytes()[0]);
            assertEquals(ME, client.peer().user().orElseThrow());
            assertEquals(ME, server.peer().user().orElseThrow());
        }
        TestPlace.assertMentions(
                assertThrows(InvalidAddressException.class, () -> Ipc.bind("unix:" + directory.resolve("no/s"))),
                "there is no directory");
    }

    @Test
    void aFileThatADeadProcessLeftIsClearedAndOneThatIsNoSocketIsNot() throws Exception {
        Path file = place.directory().resolve("orders.unix");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(file));
        }
        assertTrue(Files.exists(file), "the JDK leaves it, as a dead process does");
        Ipc.bind("unix:orders").close();
        Files.writeString(file, "a user's");
        TestPlace.assertMentions(
                assertThrows(SystemCallException.class, () -> Ipc.bind("unix:orders")), file.toString(), "no socket");
        assertEquals("a user's", Files.readString(file));
        Files.delete(file);
    }

    @Test
    void aFileThatAnotherEndpointHasTakenOverIsLeftAlone() throws Exception {
        Endpoint first = Ipc.bind("unix:orders");
        Files.delete(place.directory().resolve("orders.unix"));
        try (Endpoint _ = Ipc.bind("unix:orders")) {
            first.close();
            assertEquals(List.of("orders.unix"), place.files());
        }
    }

    @Test
    void aUserWhoIsNotAllowedIsRefused() throws Exception {
        try (Endpoint _ = Ipc.bind("unix:orders?allow=nobody-else")) {
            TestPlace.assertMentions(
                    assertThrows(NoListenerException.class, () -> Ipc.connect("unix:orders?connect-timeout=2s")),
                    "unix:orders", "went away before it had greeted");
        }
        try (Endpoint _ = Ipc.bind("unix:orders")) {
            TestPlace.assertMentions(
                    assertThrows(AuthenticationException.class, () -> Ipc.connect("unix:orders?allow=nobody-else")),
                    "run by " + ME, "nobody-else");
        }
        try (Endpoint endpoint = Ipc.bind("unix:orders?allow=nobody," + ME);
                Channel _ = Ipc.connect("unix:orders");
                Channel server = endpoint.accept()) {
            assertTrue(server.isOpen());
        }
    }

    @Test
    void aGroupThatIsNotThereIsNamed() {
        TestPlace.assertMentions(
                assertThrows(InvalidAddressException.class, () -> Ipc.bind("unix:orders?group=no-such-group")),
                "no-such-group");
    }
}
