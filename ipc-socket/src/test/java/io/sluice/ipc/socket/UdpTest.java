package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.Server;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UdpTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private static void exchange(Endpoint endpoint, Channel client) throws Exception {
        try (Channel server = endpoint.accept(SOON)) {
            client.send(new byte[] {1});
            assertEquals(1, server.receive(SOON).bytes()[0]);
            server.send(new byte[] {2});
            assertEquals(2, client.receive(SOON).bytes()[0]);
        }
    }

    private static int port(Endpoint endpoint) {
        return Integer.parseInt(endpoint.address().place().replaceFirst(".*:", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"udp://127.0.0.1:0", "udp://:0", "udp://localhost:0", "udp://[::1]:0", "udp://*:0"})
    void thePortThatTheSystemChoseIsInTheAddressOfTheEndpoint(String address) throws Exception {
        try (Endpoint endpoint = Ipc.bind(address)) {
            assertTrue(endpoint.address().place().matches(".*:[1-9]\\d+"), endpoint.address().toString());
            try (Channel client = Ipc.connect(endpoint.address())) {
                exchange(endpoint, client);
            }
        }
    }

    @Test
    void severalAddressesAreTriedInTurn() throws Exception {
        try (Endpoint endpoint = Ipc.bind(Loopback.address("udp"));
                DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            String several = Loopback.address("udp") + ",127.0.0.1:" + silent.getLocalPort() + ","
                    + endpoint.address().place().substring(2);
            try (Channel client = Ipc.connect(several)) {
                exchange(endpoint, client);
                assertEquals(several, client.address().toString());
            }
            assertThrows(InvalidAddressException.class, () -> Ipc.bind(several));
        }
    }

    @Test
    void hostsThatAreNotThereAreSaidToBe() {
        TestPlace.assertMentions(
                assertThrows(NoListenerException.class, () -> Ipc.connect("udp://no-such-host.invalid:9000")),
                "no-such-host.invalid", "unknown");
        TestPlace.assertMentions(
                assertThrows(InvalidAddressException.class, () -> Ipc.connect("udp:orders")), "udp://127.0.0.1:9000");
    }

    @Test
    void aPortThatAnotherProgramHasIsInUse() throws Exception {
        try (DatagramSocket other = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            String address = "udp://127.0.0.1:" + other.getLocalPort();
            TestPlace.assertMentions(
                    assertThrows(AddressInUseException.class, () -> Ipc.bind(address)), address, "another port");
        }
    }

    @Test
    void theDefaultLimitFitsAnUnfragmentedPacketAndOneBeyondTheLimitIsRefusedBeforeAByteIsSent() throws Exception {
        try (Endpoint endpoint = Ipc.bind("udp://127.0.0.1:0");
                Channel client = Ipc.connect(endpoint.address());
                Channel server = endpoint.accept(SOON)) {
            int limit = client.capabilities().maxMessage();
            assertEquals(1_500 - 40 - 8 - 20 - 16, limit, "Ethernet less IPv6, UDP, header, and tag");
            assertThrows(MessageTooLargeException.class, () -> client.send(new byte[limit + 1]));
            assertThrows(MessageTooLargeException.class, () -> client.offer(new byte[limit + 1]));
            client.send(new byte[limit]);
            assertEquals(limit, server.receive(SOON).bytes().length, "the first that comes");
            assertEquals(0, server.stats().lost());
        }
    }

    @Test
    void theLargestMessageThatADatagramHoldsArrivesWhole() throws Exception {
        byte[] largest = new byte[65_507 - 20 - 16];
        new Random(5).nextBytes(largest);
        String most = "max-message=" + largest.length;
        try (Endpoint endpoint = Ipc.bind("udp://127.0.0.1:0?" + most);
                Channel client = Ipc.connect(endpoint.address());
                Channel server = endpoint.accept(SOON)) {
            client.send(largest);
            assertArrayEquals(largest, server.receive(SOON).bytes());
            server.send(largest);
            assertArrayEquals(largest, client.receive(SOON).bytes());
        }
        assertThrows(
                InvalidAddressException.class,
                () -> Ipc.bind("udp://127.0.0.1:0?max-message=" + (largest.length + 1)));
    }

    @Test
    void aSpinningReceiverReadsTheSocketItself() throws Exception {
        try (Endpoint endpoint = Ipc.bind("udp://127.0.0.1:0?wait=spin");
                Channel client = Ipc.connect(endpoint.address());
                Channel server = endpoint.accept(SOON)) {
            Thread echo = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < 2_000; i++) {
                        server.send(server.receive().bytes());
                    }
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            for (int i = 0; i < 2_000; i++) {
                client.send(new byte[] {(byte) i});
                assertEquals((byte) i, client.receive(SOON).bytes()[0]);
            }
            echo.join();
            assertEquals(0, client.stats().waits() + server.stats().waits(), "nobody sleeps");
        }
    }

    @Test
    void manyPeersShareOneSocketOfTheServerAndOneThread() throws Exception {
        try (Server server = Ipc.serve("udp://127.0.0.1:0", (channel, buffer, offset, length) -> channel
                .offer(buffer, offset, length))) {
            Channel[] clients = new Channel[200];
            for (int i = 0; i < clients.length; i++) {
                clients[i] = Ipc.connect(server.address());
            }
            for (int i = 0; i < clients.length; i++) {
                clients[i].send(new byte[] {(byte) i});
            }
            for (int i = 0; i < clients.length; i++) {
                assertEquals((byte) i, clients[i].receive(SOON).bytes()[0]);
            }
            assertEquals(clients.length, server.channels());
            for (Channel client : clients) {
                client.close();
            }
            Eventually.equal("channels", 0, server::channels);
        }
    }

    @Test
    void anEndpointThatIsBoundAgainKeepsTheOldChannelsAndItsNewOnesApart() throws Exception {
        Endpoint first = Ipc.bind("udp://127.0.0.1:0");
        try (Channel oldClient = Ipc.connect(first.address());
                Channel oldServer = first.accept(SOON)) {
            first.close();
            assertThrows(
                    NoListenerException.class,
                    () -> Ipc.connect(first.address().with("connect-timeout", "300ms")),
                    "the socket is there, and nobody listens");
            try (Endpoint second = Ipc.bind(first.address());
                    Channel client = Ipc.connect(second.address())) {
                assertThrows(AddressInUseException.class, () -> Ipc.bind(first.address()));
                exchange(second, client);
                oldClient.send(new byte[] {3});
                assertEquals(3, oldServer.receive(SOON).bytes()[0]);
            }
        }
        Ipc.bind(first.address()).close();
    }

    // ---- secrets

    @TempDir
    Path directory;

    private String secret(String words) throws Exception {
        Path file = Files.writeString(directory.resolve("secret" + words.hashCode()), words);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------")).toString();
    }

    @Test
    void whoHasTheSecretIsLetInAndNobodyElse() throws Exception {
        String ours = secret("the secret that both of them know");
        String other = secret("another secret, that only one knows");
        try (Endpoint endpoint = Ipc.bind("udp://127.0.0.1:0?secret-file=" + ours)) {
            try (Channel client = Ipc.connect(endpoint.address())) {
                exchange(endpoint, client);
            }
            TestPlace.assertMentions(
                    assertThrows(
                            AuthenticationException.class,
                            () -> Ipc.connect(endpoint.address().with("secret-file", other))),
                    "same contents on both sides");
            TestPlace.assertMentions(
                    assertThrows(
                            AuthenticationException.class,
                            () -> Ipc.connect(endpoint.address().withoutOptions())),
                    "insists");
            assertNull(endpoint.accept(Duration.ofMillis(50)), "who was let in");
        }
        try (Endpoint open = Ipc.bind("udp://127.0.0.1:0")) {
            assertThrows(
                    AuthenticationException.class, () -> Ipc.connect(open.address().with("secret-file", ours)));
        }
    }

    @Test
    void aWildcardEndpointKnowsTheAddressesThatItsClientsProveTheyReached() throws Exception {
        String ours = secret("the secret that both of them know");
        try (Endpoint endpoint = Ipc.bind("udp://*:0?secret-file=" + ours);
                Channel client = Ipc.connect("udp://127.0.0.1:" + port(endpoint) + "?secret-file=" + ours)) {
            exchange(endpoint, client);
        }
    }

    @Test
    void whoPassesOnWhatAClientSaysIsFoundOut() throws Exception {
        String ours = secret("the secret that both of them know");
        try (Endpoint endpoint = Ipc.bind("udp://127.0.0.1:0?secret-file=" + ours);
                Relay relay = new Relay(port(endpoint), 0)) {
            TestPlace.assertMentions(
                    assertThrows(
                            AuthenticationException.class,
                            () -> Ipc.connect("udp://127.0.0.1:" + relay.port() + "?secret-file=" + ours)),
                    "passes on");
        }
    }

    @Test
    void withoutASecretARelayIsAPeerLikeAnyOther() throws Exception {
        try (Endpoint endpoint = Ipc.bind("udp://127.0.0.1:0");
                Relay relay = new Relay(port(endpoint), 0);
                Channel client = Ipc.connect("udp://127.0.0.1:" + relay.port())) {
            exchange(endpoint, client);
        }
    }

    /// Every other datagram is lost, of the handshake and of the close as well.
    @Test
    void aChannelIsOpenedAndClosedThoughHalfOfTheDatagramsAreLost() throws Exception {
        try (Endpoint endpoint = Ipc.bind("udp://127.0.0.1:0?keepalive=5s");
                Relay relay = new Relay(port(endpoint), 2);
                Channel server = endpointOf(relay, endpoint)) {
            int count = 300;
            Channel client = clients.getFirst();
            for (int i = 0; i < count; i++) {
                client.send(new byte[] {(byte) i});
            }
            client.close();
            int received = 0;
            while (server.receive(SOON) != null) {
                received++;
            }
            assertEquals(count, received + server.stats().lost(), "received and lost");
            assertTrue(received > 0 && received < count * 3 / 4, "received: " + received);
        }
    }

    private final List<Channel> clients = new ArrayList<>();

    private Channel endpointOf(Relay relay, Endpoint endpoint) throws InterruptedException {
        clients.add(Ipc.connect("udp://127.0.0.1:" + relay.port() + "?connect-timeout=20s&keepalive=5s"));
        return endpoint.accept(SOON);
    }

    @AfterEach
    void closeClients() {
        clients.forEach(Channel::close);
    }

    /// Passes datagrams on between one client and an endpoint, all or one of several.
    private static final class Relay implements AutoCloseable {
        private final DatagramSocket front = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        private final DatagramSocket back = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        private final int passed;
        private volatile SocketAddress client;

        Relay(int server, int passed) throws SocketException {
            this.passed = passed;
            InetSocketAddress endpoint = new InetSocketAddress(InetAddress.getLoopbackAddress(), server);
            Thread.ofPlatform().daemon().start(() -> pass(front, back, endpoint));
            Thread.ofPlatform().daemon().start(() -> pass(back, front, null));
        }

        int port() {
            return front.getLocalPort();
        }

        private void pass(DatagramSocket from, DatagramSocket to, SocketAddress address) {
            int count = 0;
            DatagramPacket packet = new DatagramPacket(new byte[70_000], 70_000);
            try {
                while (true) {
                    packet.setLength(70_000);
                    from.receive(packet);
                    if (address != null) {
                        client = packet.getSocketAddress();
                    }
                    if (passed == 0 || ++count % passed == 0) {
                        packet.setSocketAddress(address == null ? client : address);
                        to.send(packet);
                    }
                }
            } catch (java.io.IOException e) {
                // closed
            }
        }

        @Override
        public void close() {
            front.close();
            back.close();
        }
    }

    @Test
    void aTagIsRightForItsKeyItsBytesAndItsLengthAlone() {
        byte[] key = new byte[32];
        key[5] = 1;
        ByteBuffer sealed = DatagramLayout.buffer(200);
        DatagramLayout.begin(sealed, DatagramLayout.DATA, 60).put(30, (byte) 7);
        new Seal(key).put(sealed);
        assertEquals(60 + Seal.LENGTH, sealed.limit());
        Seal check = new Seal(key);
        for (int i = 0; i < 60 + Seal.LENGTH; i++) {
            byte before = sealed.get(i);
            sealed.put(i, (byte) (before ^ 1));
            assertFalse(check.take(sealed.duplicate().order(sealed.order())), "with a changed byte " + i);
            sealed.put(i, before);
        }
        assertFalse(check.take(sealed.duplicate().limit(60 + Seal.LENGTH - 1)), "cut");
        assertFalse(check.take(sealed.duplicate().limit(10)), "too short for a tag");
        assertFalse(new Seal(new byte[32]).take(sealed.duplicate()), "with another key");
        assertTrue(check.take(sealed), "as it was");
        assertEquals(60, sealed.limit());
    }
}
