package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SecretTest {
    private static final String WORDS = "the secret that both of them know";

    @TempDir
    Path directory;
    private Path secret;
    private Path other;

    @BeforeEach
    void write() throws IOException {
        secret = file("secret", WORDS);
        other = file("other", "another secret, that only one knows");
    }

    private Path file(String name, String text) throws IOException {
        Path file = Files.writeString(directory.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private Endpoint bind() {
        return Ipc.bind("tcp://127.0.0.1:0?secret-file=" + secret);
    }

    private static int port(Endpoint endpoint) {
        return Integer.parseInt(endpoint.address().place().replaceFirst(".*:", ""));
    }

    @Test
    void whoHasTheSecretIsLetIn() throws Exception {
        try (Endpoint endpoint = bind();
                Channel client = Ipc.connect(endpoint.address());
                Channel server = endpoint.accept()) {
            client.send(new byte[] {1});
            assertEquals(1, server.receive().bytes()[0]);
        }
    }

    @Test
    void aWrongSecretAMissingOneAndOneTooManyAreRefusedOnBothSides() throws Exception {
        try (Endpoint endpoint = bind()) {
            TestPlace.assertMentions(
                    assertThrows(
                            AuthenticationException.class,
                            () -> Ipc.connect(endpoint.address().with("secret-file", other.toString()))),
                    endpoint.address().withoutOptions(), "same contents on both sides");
            TestPlace.assertMentions(
                    assertThrows(HandshakeException.class, () -> Ipc.connect(endpoint.address().withoutOptions())),
                    "?secret-file=");
            assertNull(endpoint.accept(Duration.ofMillis(50)), "nobody was let in");
        }
        try (Endpoint open = Ipc.bind("tcp://127.0.0.1:0")) {
            TestPlace.assertMentions(
                    assertThrows(
                            AuthenticationException.class,
                            () -> Ipc.connect(open.address().with("secret-file", secret.toString()))),
                    "does not prove", "insists");
        }
    }

    @Test
    void aSecretThatIsNoneIsRefusedBeforeAnythingElse() throws Exception {
        Path open = file("open", WORDS);
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        TestPlace.assertMentions(refusal(open.toString()), "chmod 600");
        TestPlace.assertMentions(refusal(file("short", "short").toString()), "5 bytes", "/dev/urandom");
        TestPlace.assertMentions(refusal(directory.resolve("missing").toString()), "missing", "cannot be read");
        TestPlace.assertMentions(refusal(secret + "&framing=line"), "framing=line");
    }

    private static InvalidAddressException refusal(String option) {
        return assertThrows(
                InvalidAddressException.class, () -> Ipc.bind("tcp://127.0.0.1:0?secret-file=" + option));
    }

    /// A client that has recorded all that another one said, and says it again.
    @Test
    void aReplayIsRefused() throws Exception {
        try (Endpoint endpoint = bind()) {
            String address = "127.0.0.1:" + port(endpoint);
            byte[] nonce = new byte[32];
            byte[] proof;
            try (Socket first = connect(endpoint)) {
                byte[] serverNonce = exchangeNonces(first, nonce);
                proof = proof('c', nonce, serverNonce, address);
                first.getOutputStream().write(proof);
                assertEquals(1, readInt(first.getInputStream()), "the real one is believed");
                assertArrayEquals(proof('s', nonce, serverNonce, address), first.getInputStream().readNBytes(32));
            }
            try (Socket second = connect(endpoint)) {
                exchangeNonces(second, nonce);
                second.getOutputStream().write(proof);
                assertEquals(0, readInt(second.getInputStream()), "the replayed one is not");
                assertArrayEquals(new byte[32], second.getInputStream().readNBytes(32), "and learns nothing");
            }
        }
    }

    @Test
    void aProofForAnotherAddressOrForTheOtherRoleIsRefused() throws Exception {
        try (Endpoint endpoint = bind()) {
            for (char role : new char[] {'s', 'c'}) {
                try (Socket socket = connect(endpoint)) {
                    byte[] nonce = new byte[32];
                    byte[] serverNonce = exchangeNonces(socket, nonce);
                    int port = role == 's' ? port(endpoint) : port(endpoint) + 1;
                    socket.getOutputStream().write(proof(role, nonce, serverNonce, "127.0.0.1:" + port));
                    assertEquals(0, readInt(socket.getInputStream()));
                }
            }
        }
    }

    /// An impostor without the secret, who has the client prove things to itself.
    @Test
    void aReflectionIsRefused() throws Exception {
        try (java.net.ServerSocket impostor = new java.net.ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread mirror = Thread.ofPlatform().daemon().start(() -> {
                try (Socket socket = impostor.accept()) {
                    socket.getInputStream().transferTo(socket.getOutputStream());
                } catch (IOException e) {
                    // the client has gone
                }
            });
            TestPlace.assertMentions(
                    assertThrows(
                            AuthenticationException.class,
                            () -> Ipc.connect("tcp://127.0.0.1:" + impostor.getLocalPort() + "?secret-file=" + secret)),
                    "own nonce");
            mirror.join();
        }
    }

    @Test
    void anImpostorThatSaysYesWithoutTheSecretIsRefused() throws Exception {
        try (java.net.ServerSocket impostor = new java.net.ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> {
                try (Socket socket = impostor.accept()) {
                    exchangeNonces(socket, new byte[32]);
                    socket.getInputStream().readNBytes(32);
                    socket.getOutputStream().write(new byte[] {1, 0, 0, 0});
                    socket.getOutputStream().write(new byte[32]);
                    socket.getInputStream().transferTo(new ByteArrayOutputStream());
                } catch (IOException e) {
                    // the client has gone
                }
            });
            TestPlace.assertMentions(
                    assertThrows(
                            AuthenticationException.class,
                            () -> Ipc.connect("tcp://127.0.0.1:" + impostor.getLocalPort() + "?secret-file=" + secret)),
                    "impostor");
        }
    }

    private static Socket connect(Endpoint endpoint) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port(endpoint));
    }

    private static byte[] exchangeNonces(Socket socket, byte[] nonce) throws IOException {
        ByteBuffer opening = ByteBuffer.allocate(44).order(ByteOrder.LITTLE_ENDIAN);
        opening.put("SLUICEAU".getBytes(StandardCharsets.US_ASCII)).putInt(1).put(nonce);
        socket.getOutputStream().write(opening.array());
        byte[] theirs = socket.getInputStream().readNBytes(44);
        assertEquals("SLUICEAU", new String(theirs, 0, 8, StandardCharsets.US_ASCII));
        return Arrays.copyOfRange(theirs, 12, 44);
    }

    private static int readInt(InputStream in) throws IOException {
        return ByteBuffer.wrap(in.readNBytes(4)).order(ByteOrder.LITTLE_ENDIAN).getInt();
    }

    private static byte[] proof(char role, byte[] client, byte[] server, String address) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(WORDS.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
        mac.update("sluice challenge".getBytes(StandardCharsets.US_ASCII));
        mac.update((byte) role);
        mac.update(client);
        mac.update(server);
        return mac.doFinal(address.getBytes(StandardCharsets.US_ASCII));
    }
}
