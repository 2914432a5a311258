package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.TimedOutException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a peer of `udp:` that is not ours, or not friendly, costs: nobody but itself.
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UdpBadPeerTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private Endpoint endpoint;

    @BeforeEach
    void bind() {
        endpoint = Ipc.bind("udp://127.0.0.1:0?max-message=1000&keepalive=2s");
    }

    @AfterEach
    void othersAreNotDisturbed() throws Exception {
        try (Endpoint _ = endpoint;
                Channel client = Ipc.connect(endpoint.address());
                Channel server = endpoint.accept(SOON)) {
            client.send(new byte[] {1});
            assertEquals(1, server.receive(SOON).bytes()[0]);
        }
    }

    private Channel accept() throws InterruptedException {
        return assertDoesNotTakeForever(endpoint.accept(SOON));
    }

    private static Channel assertDoesNotTakeForever(Channel channel) {
        assertNotNull(channel, "a channel");
        return channel;
    }

    private static int next(Channel channel) throws InterruptedException {
        return channel.receive(SOON).bytes()[0];
    }

    private void nobodyIsLetIn() throws InterruptedException {
        assertNull(endpoint.accept(Duration.ofMillis(100)), "who was let in");
    }

    @Test
    void aFloodOfHellosDrawsLessThanWasSentAndLetsNobodyIn() throws Exception {
        try (RawPeer peer = new RawPeer(endpoint)) {
            for (int i = 0; i < 3_000; i++) {
                peer.client = i;
                peer.send(peer.hello(null));
            }
            int answers = 0;
            while (peer.receive(300) != null) {
                answers++;
            }
            assertTrue(answers > 0, "some are answered");
            assertTrue(peer.receivedBytes < peer.sentBytes / 4,
                    () -> peer.receivedBytes + " bytes came back for " + peer.sentBytes);
            nobodyIsLetIn();
        }
    }

    @Test
    void whatIsNoHelloIsNotAnswered() throws Exception {
        try (RawPeer peer = new RawPeer(endpoint)) {
            peer.client = 7;
            peer.send(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            peer.send(ByteBuffer.allocate(0));
            peer.send(ByteBuffer.wrap(Arrays.copyOf(peer.hello(null).array(), 255)));
            peer.send(peer.ofSession(RawPeer.ENDED, 0, 0));
            peer.send(ByteBuffer.allocate(60_000));
            assertNull(peer.receive(300), "an answer");
        }
    }

    @Test
    void whoHasNoChannelHereIsToldSoInNoMoreBytesThanItSent() throws Exception {
        try (RawPeer peer = new RawPeer(endpoint)) {
            peer.session = 4711;
            for (int type : new int[] {RawPeer.DATA, RawPeer.PING, RawPeer.BYE}) {
                peer.send(peer.ofSession(type, 1, 0));
                ByteBuffer answer = peer.await(RawPeer.ENDED);
                assertEquals(4711, answer.getLong(4), "the session");
            }
            assertEquals(peer.sentBytes, peer.receivedBytes, "bytes back");
        }
    }

    @Test
    void aCookieCountsFromItsOwnAddressForItsOwnClientAndOnce() throws Exception {
        try (RawPeer peer = new RawPeer(endpoint);
                RawPeer thief = new RawPeer(endpoint)) {
            peer.client = 1;
            byte[] cookie = peer.askForCookie();
            thief.client = 1;
            thief.send(thief.hello(cookie));
            assertNotEquals(
                    Arrays.toString(cookie), Arrays.toString(RawPeer.cookie(thief.await(RawPeer.COOKIE))), "its own");
            peer.client = 2;
            peer.send(peer.hello(cookie));
            peer.await(RawPeer.COOKIE);
            nobodyIsLetIn();
            ByteBuffer hello = peer.open(3);
            accept().close();
            peer.await(RawPeer.BYE);
            peer.send(peer.ofSession(RawPeer.ENDED, 0, 0));
            for (int i = 0; i < 5; i++) {
                peer.send(hello); // overheard, and said again
            }
            nobodyIsLetIn();
        }
    }

    @Test
    void anAnswerThatGotLostIsGivenAgain() throws Exception {
        try (RawPeer peer = new RawPeer(endpoint)) {
            ByteBuffer hello = peer.open(5);
            peer.send(hello);
            assertEquals(peer.session, peer.await(RawPeer.WELCOME).getLong(20), "the same session");
            accept();
            nobodyIsLetIn();
            peer.sendData(1, 42);
            Eventually.equal("nothing more is given away", null, () -> {
                try {
                    peer.send(hello);
                    return peer.receive(200);
                } catch (java.io.IOException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    @Test
    void messagesComeOnceInTheOrderOfTheirArrivalAndGapsAreCounted() throws Exception {
        try (RawPeer peer = new RawPeer(endpoint)) {
            peer.open(1);
            Channel channel = accept();
            for (int number : new int[] {1, 3, 2, 2, 3, 1, 6, 6}) {
                peer.sendData(number, number);
            }
            for (int expected : new int[] {1, 3, 2, 6}) {
                assertEquals(expected, next(channel));
            }
            assertThrows(TimedOutException.class, () -> channel.receive(Duration.ofMillis(100)));
            assertEquals(2, channel.stats().lost(), "4 and 5");
            peer.sendData(5, 5);
            assertEquals(5, next(channel), "one that is late");
            Eventually.equal("lost", 1L, () -> channel.stats().lost());
            peer.send(peer.ofSession(RawPeer.PING, 10, 0));
            Eventually.equal("lost, after the peer has said that it sent ten", 5L, () -> channel.stats().lost());
            peer.send(peer.ofSession(RawPeer.BYE, 12, 0));
            assertNull(channel.receive(SOON), "the end");
            assertEquals(7, channel.stats().lost(), "of twelve that were sent five came");
            peer.await(RawPeer.ENDED);
        }
    }

    @Test
    void aMessageBeyondTheLimitIsLost() throws Exception {
        try (RawPeer peer = new RawPeer(endpoint)) {
            peer.open(1);
            Channel channel = accept();
            peer.send(peer.ofSession(RawPeer.DATA, 1, 1_001));
            peer.send(peer.ofSession(RawPeer.DATA, 2, 40_000));
            peer.send(ByteBuffer.wrap(Arrays.copyOf(peer.ofSession(RawPeer.DATA, 3, 0).array(), 19)));
            peer.sendData(4, 4);
            assertEquals(4, next(channel));
            assertEquals(3, channel.stats().lost());
        }
    }

    @Test
    void aByeFromAnotherAddressOrOfAnotherSessionEndsNothing() throws Exception {
        try (RawPeer peer = new RawPeer(endpoint);
                RawPeer forger = new RawPeer(endpoint)) {
            peer.open(1);
            Channel channel = accept();
            forger.session = peer.session;
            forger.send(forger.ofSession(RawPeer.BYE, 0, 0));
            forger.sendData(1, 66);
            forger.await(RawPeer.ENDED);
            long session = peer.session;
            peer.session++;
            peer.send(peer.ofSession(RawPeer.BYE, 0, 0));
            peer.session = session;
            peer.sendData(1, 1);
            assertEquals(1, next(channel), "the first message, of the real peer");
            assertEquals(0, channel.stats().lost());
        }
    }

    @Test
    void aPeerThatVanishesIsAskedAndThenGivenUp() throws Exception {
        try (RawPeer peer = new RawPeer(endpoint)) {
            peer.open(1);
            peer.sendData(1, 1);
            Channel channel = accept();
            peer.await(RawPeer.PING);
            assertEquals(1, next(channel));
            TestPlace.assertMentions(
                    assertThrows(PeerLostException.class, () -> channel.receive(SOON)), "nothing was heard", "2s");
        }
    }

    @Test
    void aPeerThatStartsAnewOnTheSamePortHasANewChannelAndItsOldOneIsLost() throws Exception {
        try (RawPeer peer = new RawPeer(endpoint)) {
            peer.open(1);
            Channel old = accept();
            long oldSession = peer.session;
            peer.open(2);
            Channel anew = accept();
            TestPlace.assertMentions(
                    assertThrows(PeerLostException.class, () -> old.receive(SOON)), "started anew");
            long session = peer.session;
            peer.session = oldSession;
            peer.sendData(1, 66);
            peer.session = session;
            peer.sendData(1, 2);
            assertEquals(2, next(anew), "the first message of the new session");
        }
    }

    @Test
    void anotherVersionIsRefusedInWords() throws Exception {
        try (RawPeer peer = new RawPeer(endpoint)) {
            peer.send(peer.hello(null).put(2, (byte) 7));
            ByteBuffer refused = peer.await(RawPeer.REFUSED);
            byte[] words = new byte[refused.getInt(16)];
            refused.get(20, words);
            assertTrue(new String(words, StandardCharsets.UTF_8).contains("version 1"));
            assertTrue(peer.receivedBytes < peer.sentBytes);
        }
    }

    /// A socket that another program has: silent, or answering as the test says.
    private static final class Other implements AutoCloseable {
        final DatagramSocket socket;

        Other() throws Exception {
            socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        }

        String address() {
            return "udp://127.0.0.1:" + socket.getLocalPort();
        }

        DatagramPacket await(int type) throws Exception {
            while (true) {
                DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
                socket.receive(packet);
                if (packet.getData()[3] == type) {
                    return packet;
                }
            }
        }

        void answer(DatagramPacket to, ByteBuffer with) throws Exception {
            socket.send(new DatagramPacket(with.array(), with.limit(), to.getSocketAddress()));
        }

        static long client(DatagramPacket hello) {
            return ByteBuffer.wrap(hello.getData()).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong(4);
        }

        /// Lets one client in, as an endpoint would.
        void welcome(long session) throws Exception {
            DatagramPacket hello = await(RawPeer.HELLO);
            answer(hello, RawPeer.datagram(RawPeer.COOKIE, 44).putLong(4, client(hello)));
            hello = await(RawPeer.HELLO);
            answer(hello, RawPeer.datagram(RawPeer.WELCOME, 60)
                    .putLong(4, client(hello))
                    .putInt(12, 500)
                    .putLong(20, session));
        }

        void inBackground(Work work) {
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    work.run();
                } catch (Exception e) {
                    e.printStackTrace();
                }
            });
        }

        @FunctionalInterface
        interface Work {
            void run() throws Exception;
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    @Test
    void whoDoesNotAnswerIsNoListener() throws Exception {
        try (Other silent = new Other()) {
            TestPlace.assertMentions(
                    assertThrows(
                            NoListenerException.class,
                            () -> Ipc.connect(silent.address() + "?connect-timeout=300ms")),
                    "nobody answered within 300ms", "firewall");
        }
    }

    @Test
    void aRefusalIsToldToTheClient() throws Exception {
        try (Other other = new Other()) {
            other.inBackground(() -> {
                DatagramPacket hello = other.await(RawPeer.HELLO);
                byte[] words = "not today".getBytes(StandardCharsets.US_ASCII);
                other.answer(hello, RawPeer.datagram(RawPeer.REFUSED, 29)
                        .putLong(4, Other.client(hello))
                        .putInt(16, words.length)
                        .put(20, words));
            });
            TestPlace.assertMentions(
                    assertThrows(HandshakeException.class, () -> Ipc.connect(other.address())), "not today");
        }
    }

    @Test
    void aServerThatHasForgottenItsClientSaysSo() throws Exception {
        try (Other other = new Other()) {
            other.inBackground(() -> {
                other.welcome(9);
                DatagramPacket data = other.await(RawPeer.DATA);
                other.answer(data, RawPeer.datagram(RawPeer.ENDED, 20).putLong(4, 8)); // of another session
                other.answer(data, RawPeer.datagram(RawPeer.ENDED, 20).putLong(4, 9));
            });
            try (Channel channel = Ipc.connect(other.address())) {
                assertEquals(500, channel.capabilities().maxMessage(), "the smaller limit");
                channel.send(new byte[] {1});
                TestPlace.assertMentions(
                        assertThrows(PeerLostException.class, () -> channel.receive(SOON)), "no such channel");
            }
        }
    }

    @Test
    void aServerWhoseProcessIsGoneIsLostWithTheNextMessage() throws Exception {
        try (Other other = new Other()) {
            other.inBackground(() -> {
                other.welcome(9);
                other.await(RawPeer.PING);
                other.socket.close();
            });
            try (Channel channel = Ipc.connect(other.address() + "?keepalive=forever")) {
                assertThrows(PeerLostException.class, () -> {
                    while (true) {
                        channel.send(new byte[] {1});
                        Thread.sleep(1);
                    }
                });
            }
        }
    }

    /// Datagrams that are nearly right, from a peer that has a channel and from one that has none.
    @Test
    void mutatedDatagramsCostNothingButTheirOwnChannel() throws Exception {
        long seed = TestPlace.seed("mutatedDatagramsCostNothingButTheirOwnChannel");
        Random random = new Random(seed);
        int count = Boolean.getBoolean("ipc.soak") ? 500_000 : 20_000;
        try (RawPeer peer = new RawPeer(endpoint);
                RawPeer stranger = new RawPeer(endpoint)) {
            peer.open(1);
            Channel channel = accept();
            stranger.session = peer.session;
            for (int i = 0; i < count; i++) {
                RawPeer from = random.nextInt(4) == 0 ? peer : stranger;
                from.client = random.nextLong();
                ByteBuffer datagram = random.nextBoolean()
                        ? from.hello(random.nextBoolean() ? new byte[32] : null)
                        : from.ofSession(random.nextInt(12), random.nextLong(), random.nextInt(100));
                byte[] bytes = datagram.array();
                for (int m = random.nextInt(4); m > 0; m--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
                from.send(ByteBuffer.wrap(Arrays.copyOf(bytes, random.nextInt(8) == 0
                        ? random.nextInt(bytes.length + 40)
                        : bytes.length)));
                if (i % 64 == 0) {
                    while (channel.isOpen() && poll(channel) > 0) {
                        Thread.onSpinWait();
                    }
                }
            }
            while (stranger.receive(300) != null) {
                Thread.onSpinWait();
            }
            assertTrue(stranger.receivedBytes <= stranger.sentBytes,
                    () -> stranger.receivedBytes + " bytes came back for " + stranger.sentBytes);
            nobodyIsLetIn();
        }
    }

    private static int poll(Channel channel) {
        try {
            return channel.poll((_, _, length) -> assertTrue(length <= 1_000, "the limit"), 100);
        } catch (PeerLostException e) {
            return 0; // what it was sent said so
        }
    }
}
