package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.Server;
import io.sluice.ipc.SystemCallException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TcpTest {
    private static void exchange(Endpoint endpoint, Channel client) throws Exception {
        try (Channel server = endpoint.accept()) {
            client.send(new byte[] {1});
            assertEquals(1, server.receive().bytes()[0]);
            server.send(new byte[] {2});
            assertEquals(2, client.receive().bytes()[0]);
        }
    }

    private static int port(String place) {
        return Integer.parseInt(place.substring(place.lastIndexOf(':') + 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "tcp://:0", "tcp://here.test:0", "tcp://[::1]:0", "tcp://*:0"})
    void thePortThatTheSystemChoseIsInTheAddressOfTheEndpoint(String address) throws Exception {
        Loopback.assumeHas(address);
        try (Endpoint endpoint = Ipc.bind(address)) {
            assertTrue(endpoint.address().place().matches(".*:[1-9]\\d+"), endpoint.address().toString());
            try (Channel client = Ipc.connect(endpoint.address())) {
                exchange(endpoint, client);
            }
        }
    }

    @Test
    void severalAddressesAreTriedInTurn() throws Exception {
        try (Endpoint endpoint = Ipc.bind(Loopback.address("tcp"))) {
            String nobody = Loopback.address("tcp");
            String both = nobody + "," + endpoint.address().place().substring(2);
            try (Channel client = Ipc.connect(both)) {
                exchange(endpoint, client);
                assertEquals(both, client.address().toString());
            }
            assertThrows(InvalidAddressException.class, () -> Ipc.bind(both));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp:orders", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:99999", "tcp://::1:9000",
        "tcp://127.0.0.1:x", "tcp://a:1,", "tcp://host/9000"})
    void whatIsNoHostAndPortIsRefusedWithAnExample(String address) {
        TestPlace.assertMentions(
                assertThrows(InvalidAddressException.class, () -> Ipc.bind(address)), address, "tcp://127.0.0.1:9000");
        TestPlace.assertMentions(
                assertThrows(InvalidAddressException.class, () -> Ipc.connect(address)), address, "tcp://[::1]:9000");
    }

    @Test
    void hostsThatAreNotThereAreSaidToBe() {
        TestPlace.assertMentions(
                assertThrows(NoListenerException.class, () -> Ipc.connect("tcp://nobody.test:9000")),
                "nobody.test", "unknown");
        TestPlace.assertMentions(
                assertThrows(InvalidAddressException.class, () -> Ipc.bind("tcp://nobody.test:9000")),
                "nobody.test", "unknown");
        TestPlace.assertMentions(
                // An address of the class that is reserved for ever: no machine has it.
                assertThrows(SystemCallException.class, () -> Ipc.bind("tcp://240.0.0.1:9000")),
                "240.0.0.1", "one of this machine's addresses");
        TestPlace.assertMentions(
                assertThrows(InvalidAddressException.class, () -> Ipc.connect("tcp://127.0.0.1:0")), "port 0");
    }

    @Test
    void aPortThatAnotherProgramHasIsInUse() throws Exception {
        String address = Loopback.address("tcp");
        String host = address.substring(6, address.lastIndexOf(':'));
        try (java.net.ServerSocket other = new java.net.ServerSocket()) {
            other.bind(new InetSocketAddress(host, port(address)));
            TestPlace.assertMentions(
                    assertThrows(AddressInUseException.class, () -> Ipc.bind(address)), address, "another port");
        }
    }

    @Test
    void whoListensButDoesNotGreetIsTold() throws Exception {
        try (java.net.ServerSocket silent = new java.net.ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String address = "tcp://127.0.0.1:" + silent.getLocalPort() + "?connect-timeout=300ms";
            TestPlace.assertMentions(
                    assertThrows(NoListenerException.class, () -> Ipc.connect(address)),
                    "somebody listens, but did not greet within 300ms", "?framing=line");
        }
    }

    @Test
    void aPlainProgramTalksInLines() throws Exception {
        try (Server server = Ipc.serve("tcp://127.0.0.1:0?framing=line", (channel, buffer, offset, length) -> channel
                .offer(buffer, offset, length));
                Socket plain = new Socket(InetAddress.getLoopbackAddress(), port(server.address().place()))) {
            plain.getOutputStream().write("one\ntwo\nlast".getBytes(StandardCharsets.US_ASCII));
            plain.shutdownOutput();
            assertEquals(
                    "one\ntwo\nlast\n", new String(plain.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void thePeersOutputMayEndWhileOursGoesOn() throws Exception {
        try (Endpoint endpoint = Ipc.bind("tcp://127.0.0.1:0?framing=raw");
                Socket plain = new Socket(InetAddress.getLoopbackAddress(), port(endpoint.address().place()))) {
            Channel channel = endpoint.accept();
            plain.getOutputStream().write(new byte[] {1, 2, 3});
            plain.shutdownOutput();
            assertEquals(3, channel.receive().bytes().length);
            assertNull(channel.receive(), "the end of what the peer sends");
            channel.send("still here".getBytes(StandardCharsets.US_ASCII));
            channel.close();
            assertEquals(
                    "still here", new String(plain.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void aCloseWithSomethingUnreadTakesNothingFromThePeer() throws Exception {
        try (Endpoint endpoint = Ipc.bind("tcp://127.0.0.1:0")) {
            for (int round = 0; round < 3; round++) {
                try (Channel client = Ipc.connect(endpoint.address())) {
                    Channel server = endpoint.accept();
                    client.send(new byte[100_000]); // which the server never reads
                    int sent = fill(server);
                    server.close();
                    assertGetsAll(client, sent);
                }
            }
        }
    }

    /// Offers until the system takes no more, also when it has moved what it has as far as it goes.
    ///
    /// @return how many messages it took, some 50 MB at most
    private static int fill(Channel channel) throws InterruptedException {
        int sent = 0;
        for (int refused = 0; refused < 100 && sent < 5_000;) {
            if (channel.offer(new byte[10_000])) {
                sent++;
            } else {
                refused++;
                Thread.sleep(1);
            }
        }
        return sent;
    }

    private static void assertGetsAll(Channel channel, int messages) throws InterruptedException {
        for (int i = 0; i < messages; i++) {
            assertEquals(10_000, channel.receive(Eventually.GENEROUS).length());
        }
        assertNull(channel.receive(Eventually.GENEROUS), "the end");
    }

    @Test
    void aPeerThatIsHeldUpSendingWhenThisSideClosesIsStillGivenAll() throws Exception {
        try (Endpoint endpoint = Ipc.bind("tcp://127.0.0.1:0");
                Channel client = Ipc.connect(endpoint.address())) {
            Channel server = endpoint.accept();
            int sent = fill(server);
            fill(client);
            FutureTask<Void> sending = new FutureTask<>(() -> {
                client.send(new byte[8_000_000]);
                return null;
            });
            Thread.ofPlatform().daemon().start(sending);
            Eventually.holds("it waits for room", () -> client.stats().waits() > 0);
            server.close();
            assertNull(sending.get(Eventually.GENEROUS.toSeconds(), TimeUnit.SECONDS));
            assertGetsAll(client, sent);
        }
    }

    @Test
    void aPeerThatSendsFasterThanItReadsIsStillGivenAll() throws Exception {
        try (Endpoint endpoint = Ipc.bind("tcp://127.0.0.1:0");
                Channel client = Ipc.connect(endpoint.address())) {
            Channel server = endpoint.accept();
            int sent = 200; // which the system takes, but not all of it at the client's side
            for (int i = 0; i < sent; i++) {
                server.send(new byte[10_000]);
            }
            server.close();
            fill(client);
            assertGetsAll(client, sent);
        }
    }
}
