package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Message;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.ProtocolException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a peer that is not ours, or not friendly, costs: its own connection.
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BadPeerTest {
    private static final int MAX = 10_000;

    private Endpoint endpoint;

    @BeforeEach
    void bind() {
        endpoint = Ipc.bind("tcp://127.0.0.1:0?max-message=" + MAX);
    }

    @AfterEach
    void othersAreNotDisturbed() throws Exception {
        try (Endpoint _ = endpoint) {
            exchange();
        }
    }

    private void exchange() throws InterruptedException {
        try (Channel client = Ipc.connect(endpoint.address());
                Channel server = endpoint.accept(Eventually.GENEROUS)) {
            client.send(new byte[] {1});
            assertEquals(1, server.receive().bytes()[0]);
        }
    }

    private Socket socket() throws IOException {
        String place = endpoint.address().place();
        return new Socket(
                InetAddress.getLoopbackAddress(), Integer.parseInt(place.substring(place.lastIndexOf(':') + 1)));
    }

    private static byte[] hello(int version, int maxMessage) {
        return ByteBuffer.allocate(24)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("SLUICEST".getBytes(StandardCharsets.US_ASCII))
                .putInt(version)
                .putInt(0)
                .putInt(maxMessage)
                .putInt(0)
                .array();
    }

    private static byte[] frame(int length, int bytes) {
        return ByteBuffer.allocate(4 + bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(length).array();
    }

    /// A peer of its own making, past the handshake.
    private Socket greeted() throws IOException {
        Socket socket = socket();
        socket.getOutputStream().write(hello(1, MAX));
        assertEquals(24, socket.getInputStream().readNBytes(24).length);
        return socket;
    }

    private static void assertCutOff(Socket socket) throws IOException {
        socket.setSoTimeout((int) Eventually.GENEROUS.toMillis());
        try {
            while (socket.getInputStream().read() >= 0) {
                Thread.onSpinWait();
            }
        } catch (SocketException e) {
            // a reset says the same
        }
    }

    @Test
    void garbageInsteadOfAGreetingIsCutOffAtOnce() throws Exception {
        try (Socket socket = socket()) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertCutOff(socket);
        }
        try (Socket socket = socket()) {
            socket.getOutputStream().write(hello(7, MAX));
            assertCutOff(socket);
        }
    }

    @Test
    void anotherVersionIsNamedToTheClient() throws Exception {
        try (java.net.ServerSocket other = new java.net.ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> {
                try (Socket socket = other.accept()) {
                    socket.getOutputStream().write(hello(7, MAX));
                    assertCutOff(socket);
                } catch (IOException e) {
                    // it has gone
                }
            });
            TestPlace.assertMentions(
                    assertThrows(
                            HandshakeException.class, () -> Ipc.connect("tcp://127.0.0.1:" + other.getLocalPort())),
                    "version 7", "same version of Sluice");
        }
    }

    @Test
    void aGreetingOfOneByteASecondIsCutOff() throws Exception {
        byte[] hello = hello(1, MAX);
        try (Socket slow = socket()) {
            assertEquals(24, slow.getInputStream().readNBytes(24).length);
            slow.setSoTimeout(1_000);
            int said = 0;
            boolean cut = false;
            while (!cut && said < hello.length) {
                try {
                    slow.getOutputStream().write(hello[said++]);
                    cut = slow.getInputStream().read() < 0; // waits a second, unless it is over
                } catch (SocketTimeoutException e) {
                    continue;
                } catch (IOException e) {
                    cut = true;
                }
            }
            assertTrue(cut && said < hello.length, "it was cut off after " + said + " bytes");
        }
    }

    @Test
    void aFloodOfSilentClientsKeepsNobodyOut() throws Exception {
        List<Socket> flood = new ArrayList<>();
        try {
            for (int i = 0; i < 500; i++) {
                flood.add(socket());
            }
            exchange();
        } finally {
            for (Socket socket : flood) {
                socket.close();
            }
        }
    }

    @Test
    void aFrameBeyondTheLimitIsCutOffBeforeMemoryIsTakenForIt() throws Exception {
        for (int length : new int[] {MAX + 1, Integer.MAX_VALUE, -3, Integer.MIN_VALUE}) {
            try (Socket socket = greeted();
                    Channel channel = endpoint.accept()) {
                socket.getOutputStream().write(frame(length, 0));
                TestPlace.assertMentions(
                        assertThrows(ProtocolException.class, channel::receive), "" + length, "" + MAX);
                byte[] answer = socket.getInputStream().readNBytes(4);
                assertEquals(
                        -2, ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN).getInt(), "it is told why");
                assertCutOff(socket);
            }
        }
    }

    @Test
    void aPeerThatEndsInTheMiddleOfItsGreetingIsNobody() throws Exception {
        for (int said = 0; said < 24; said++) {
            try (Socket socket = socket()) {
                socket.getOutputStream().write(hello(1, MAX), 0, said);
                socket.shutdownOutput();
                assertCutOff(socket);
            }
        }
        assertNull(endpoint.accept(Duration.ZERO));
    }

    @Test
    void aPeerThatEndsInTheMiddleOfAFrameIsLostAfterWhatCameBefore() throws Exception {
        for (int said = 1; said < 4 + 5; said++) {
            try (Socket socket = greeted();
                    Channel channel = endpoint.accept()) {
                socket.getOutputStream().write(frame(3, 3));
                socket.getOutputStream().write(frame(5, 5), 0, said);
                socket.shutdownOutput();
                assertEquals(3, channel.receive().bytes().length);
                assertThrows(PeerLostException.class, channel::receive);
            }
        }
    }

    @Test
    void aFrameThatTricklesInKeepsNobodyWaiting() throws Exception {
        try (Socket socket = greeted();
                Channel channel = endpoint.accept()) {
            int[] seen = new int[1];
            byte[] frame = frame(3, 3);
            for (int i = 0; i < frame.length; i++) {
                assertEquals(0, channel.poll((_, _, _) -> seen[0]++, 1), "there is no whole message yet");
                socket.getOutputStream().write(frame[i]);
            }
            assertEquals(3, channel.receive().bytes().length);
        }
    }

    @Test
    void aResetInTheMiddleOfAFrameIsALostPeer() throws Exception {
        Socket socket = greeted();
        try (Channel channel = endpoint.accept()) {
            socket.getOutputStream().write(frame(5, 5));
            socket.getOutputStream().write(frame(1_000, 500));
            assertEquals(5, channel.receive().bytes().length);
            socket.setSoLinger(true, 0); // close(2) resets then
            socket.close();
            assertThrows(PeerLostException.class, channel::receive);
        }
    }

    @Test
    void randomBytesBehindAGoodGreetingAreMessagesOrAnError() throws Exception {
        Random random = new Random(TestPlace.seed("randomBytesBehindAGoodGreetingAreMessagesOrAnError"));
        for (int round = 0; round < 100; round++) {
            try (Socket socket = greeted();
                    Channel channel = endpoint.accept()) {
                byte[] bytes = new byte[random.nextInt(4, 5_000)];
                random.nextBytes(bytes);
                for (int at = 0; at + 4 <= bytes.length && random.nextInt(4) > 0;) {
                    bytes[at + 1] = bytes[at + 2] = bytes[at + 3] = 0; // a frame of up to 255 bytes
                    at += 4 + (bytes[at] & 0xFF);
                }
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
                try {
                    Message message;
                    while ((message = channel.receive(Eventually.GENEROUS)) != null) {
                        assertTrue(message.bytes().length <= MAX);
                    }
                } catch (ProtocolException | PeerLostException e) {
                    assertTrue(e.getMessage().contains("tcp:"), e.getMessage());
                }
            }
        }
    }

    @Test
    void aPeerThatStopsReadingIsRefusedMoreAndCostsABoundedAmount() throws Exception {
        try (Socket socket = greeted();
                Channel channel = endpoint.accept()) {
            long accepted = 0;
            long deadline = System.nanoTime() + Duration.ofMillis(300).toNanos();
            while (System.nanoTime() - deadline < 0) {
                if (channel.offer(new byte[MAX])) {
                    accepted += MAX;
                    deadline = System.nanoTime() + Duration.ofMillis(300).toNanos();
                }
            }
            assertTrue(accepted < 64 << 20, accepted + " bytes");
            socket.setSoLinger(true, 0);
        }
    }
}
