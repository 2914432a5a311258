package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.ProtocolException;
import io.sluice.ipc.Server;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Random;
import java.util.concurrent.FutureTask;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What comes through TLS: from programs that are not ours, and from those that are not friendly.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TlsStreamTest {
    private static final byte[] OVERSIZED = {23, 3, 3, (byte) 0xFF, (byte) 0xFF};

    @TempDir
    private static Path directory;
    private static String certificate;
    private static String trust;
    private static SSLContext context;

    @BeforeAll
    static void issue() throws GeneralSecurityException, IOException {
        Authority root = Authority.root("root");
        certificate = root.issue("server", "127.0.0.1").write(directory, "server");
        Path anchor = root.write(directory);
        trust = "trust=" + anchor;
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (X509Certificate each : Pem.certificates(Files.readAllBytes(anchor))) {
            store.setCertificateEntry("root", each);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        context = SSLContext.getInstance("TLSv1.3");
        context.init(null, factory.getTrustManagers(), new SecureRandom());
    }

    private static Endpoint bind(String framing) {
        return Ipc.bind("tls://127.0.0.1:0?framing=" + framing + "&" + certificate);
    }

    private static int port(String place) {
        return Integer.parseInt(place.substring(place.lastIndexOf(':') + 1));
    }

    private static String at(int port) {
        return "tls://127.0.0.1:" + port + "?" + trust;
    }

    /// A program that is not ours.
    private static SSLSocket program(Endpoint endpoint) throws IOException {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), port(endpoint.address().place()));
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(plain, "127.0.0.1", plain.getPort(), true);
        socket.startHandshake();
        return socket;
    }

    private static void say(SSLSocket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    // ---- programs that are not ours

    @Test
    void anEndThatTlsDoesNotSayIsALostPeerAndALineThatItCutIsNotHandedOver() throws Exception {
        try (Endpoint endpoint = bind("line")) {
            Socket plain = new Socket(InetAddress.getLoopbackAddress(), port(endpoint.address().place()));
            SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(plain, "127.0.0.1", plain.getPort(), false);
            say(socket, "one\ntw");
            try (Channel channel = endpoint.accept()) {
                assertEquals("one", channel.receive().text());
                plain.shutdownOutput();
                assertThrows(PeerLostException.class, channel::receive);
            }
            plain.close();
        }
    }

    @Test
    void anEndThatTlsSaysIsTheEndAndTheOtherDirectionGoesOn() throws Exception {
        try (Endpoint endpoint = bind("line");
                SSLSocket socket = program(endpoint)) {
            Channel channel = endpoint.accept();
            say(socket, "one\ntwo");
            socket.shutdownOutput();
            assertEquals("one", channel.receive().text());
            assertEquals("two", channel.receive().text());
            assertNull(channel.receive(), "the end");
            channel.send("still here".getBytes(StandardCharsets.US_ASCII));
            channel.close();
            assertEquals("still here\n", new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"block", "spin", "adaptive"})
    void allLinesOfOneRecordAreHandedOver(String wait) throws Exception {
        try (Endpoint endpoint = Ipc.bind("tls://127.0.0.1:0?framing=line&wait=" + wait + "&" + certificate);
                SSLSocket socket = program(endpoint);
                Channel channel = endpoint.accept()) {
            for (Thread.Builder kind : new Thread.Builder[] {Thread.ofPlatform(), Thread.ofVirtual()}) {
                say(socket, "a line of some length\n".repeat(700));
                FutureTask<Integer> lines = new FutureTask<>(() -> {
                    int length = 0;
                    for (int i = 0; i < 700; i++) {
                        length += channel.receive().bytes().length;
                    }
                    return length;
                });
                kind.start(lines);
                assertEquals(700 * 21, lines.get());
            }
        }
    }

    @Test
    void allLinesOfOneRecordAreServed() throws Exception {
        try (Server server = Ipc.serve("tls://127.0.0.1:0?framing=line&" + certificate,
                (channel, buffer, offset, length) -> channel.offer(buffer, offset, length));
                Socket plain = new Socket(InetAddress.getLoopbackAddress(), port(server.address().place()));
                SSLSocket socket = (SSLSocket) context.getSocketFactory()
                        .createSocket(plain, "127.0.0.1", plain.getPort(), true)) {
            String text = "a line of some length\n".repeat(700);
            say(socket, text);
            assertEquals(text,
                    new String(socket.getInputStream().readNBytes(text.length()), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void newKeysInMidStreamAreTakenAndAnswered() throws Exception {
        try (Endpoint endpoint = bind("line");
                SSLSocket socket = program(endpoint);
                Channel channel = endpoint.accept()) {
            InputStream in = socket.getInputStream();
            for (int i = 0; i < 50; i++) {
                say(socket, "line " + i + "\n");
                socket.startHandshake(); // of a TLS 1.3 connection: new keys, and the peer's too
                assertEquals("line " + i, channel.receive().text());
                channel.send(("back " + i).getBytes(StandardCharsets.US_ASCII));
                assertEquals("back " + i + "\n", new String(in.readNBytes(6 + ("" + i).length()),
                        StandardCharsets.US_ASCII));
            }
        }
    }

    @Test
    void recordsWithoutEndThatHoldNothingCutTheChannelOff() throws Exception {
        try (Endpoint endpoint = bind("line");
                SSLSocket socket = program(endpoint);
                Channel channel = endpoint.accept()) {
            for (int i = 0; i < 200; i++) {
                socket.startHandshake(); // new keys
            }
            TestPlace.assertMentions(assertThrows(ProtocolException.class, channel::receive), "64 records");
        }
    }

    // ---- somebody between the two ends

    private static void fill(byte[] bytes, long seed) {
        new Random(seed).nextBytes(bytes);
    }

    @Test
    void aFlippedBitCutsTheChannelOff() throws Exception {
        try (Endpoint endpoint = bind("length");
                Relay relay = new Relay(port(endpoint.address().place()));
                Channel client = Ipc.connect(at(relay.port()));
                Channel server = endpoint.accept()) {
            client.send(new byte[] {1});
            assertEquals(1, server.receive().bytes().length);
            relay.flipNext();
            client.send(new byte[] {2});
            TestPlace.assertMentions(assertThrows(ProtocolException.class, server::receive), "tls:", "TLS");
            TestPlace.assertMentions(assertThrows(ProtocolException.class, client::receive), "tls:", "bad_record_mac");
        }
    }

    @Test
    void aRecordThatIsTooLargeCutsTheChannelOff() throws Exception {
        try (Endpoint endpoint = bind("length");
                Relay relay = new Relay(port(endpoint.address().place()));
                Channel client = Ipc.connect(at(relay.port()));
                Channel server = endpoint.accept()) {
            client.send(new byte[] {1});
            assertEquals(1, server.receive().bytes().length);
            relay.inject(OVERSIZED);
            TestPlace.assertMentions(assertThrows(ProtocolException.class, server::receive), "65535", "16640");
        }
    }

    @Test
    void aCutInMidRecordIsALostPeer() throws Exception {
        try (Endpoint endpoint = bind("length");
                Relay relay = new Relay(port(endpoint.address().place()));
                Channel client = Ipc.connect(at(relay.port()));
                Channel server = endpoint.accept()) {
            client.send(new byte[5]);
            relay.cutAfter(7_000);
            client.send(new byte[10_000]);
            assertEquals(5, server.receive().bytes().length);
            assertThrows(PeerLostException.class, server::receive);
        }
    }

    @Test
    void randomRecordsAreRefusedWhateverTheyAre() throws Exception {
        Random random = new Random(TestPlace.seed("randomRecordsAreRefusedWhateverTheyAre"));
        try (Endpoint endpoint = bind("length")) {
            for (int round = 0; round < 30; round++) {
                try (Relay relay = new Relay(port(endpoint.address().place()));
                        Channel _ = Ipc.connect(at(relay.port()));
                        Channel server = endpoint.accept()) {
                    byte[] junk = new byte[random.nextInt(1, 3_000)];
                    fill(junk, random.nextLong());
                    if (random.nextBoolean()) { // in the shape of a record
                        byte[] header = {(byte) random.nextInt(20, 25), 3, 3, 0, (byte) random.nextInt()};
                        System.arraycopy(header, 0, junk, 0, Math.min(header.length, junk.length));
                    }
                    relay.inject(junk);
                    relay.cutAfter(0);
                    assertTrue(assertThrows(RuntimeException.class, server::receive).getMessage().contains("tls:"));
                }
            }
        }
    }

    @Test
    void garbageAndSilenceInsteadOfAHandshakeKeepNobodyOut() throws Exception {
        Random random = new Random(TestPlace.seed("garbageAndSilenceInsteadOfAHandshakeKeepNobodyOut"));
        try (Endpoint endpoint = bind("length")) {
            int port = port(endpoint.address().place());
            for (int round = 0; round < 30; round++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                byte[] junk = new byte[random.nextInt(1, 2_000)];
                random.nextBytes(junk);
                if (round % 3 == 0) {
                    junk[0] = 22;
                }
                socket.getOutputStream().write(junk);
                if (round % 2 == 0) {
                    socket.close(); // the others stay, and say nothing more
                }
            }
            try (Channel client = Ipc.connect(at(port));
                    Channel server = endpoint.accept()) {
                client.send(new byte[] {1});
                assertEquals(1, server.receive().bytes()[0]);
            }
        }
    }

    @Test
    void aHandshakeOfOneByteASecondIsCutOff() throws Exception {
        byte[] hello = {22, 3, 1, 1, 0, 1, 0, 0, (byte) 0xFC, 3, 3, 1, 2, 3, 4};
        try (Endpoint endpoint = bind("length")) {
            Socket slow = new Socket(InetAddress.getLoopbackAddress(), port(endpoint.address().place()));
            OutputStream out = slow.getOutputStream();
            FutureTask<Boolean> trickle = new FutureTask<>(() -> {
                for (byte each : hello) {
                    try {
                        out.write(each);
                    } catch (IOException e) {
                        return true;
                    }
                    Thread.sleep(1_000);
                }
                return false;
            });
            Thread.ofVirtual().start(trickle);
            slow.setSoTimeout(30_000);
            int read = 0;
            try {
                while (read >= 0) {
                    read = slow.getInputStream().read();
                }
            } catch (SocketException e) {
                read = -1; // a reset says the same
            }
            slow.close();
            assertTrue(read < 0 && trickle.get(), "it was cut off before it was done");
        }
    }
}
