package io.sluice.ipc.shm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.ProtocolException;
import io.sluice.ipc.Server;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.os.MemoryFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the rendezvous says to those that do not speak its language.
@Timeout(120)
final class ShmHandshakeTest {
    private static final long PRODUCER_CLOSED = 384;
    private static final int CLOSED_IN_ORDER = 1;

    @RegisterExtension
    final TestPlace place = new TestPlace();

    private static Server echo(String address) {
        return Ipc.serve(address, (channel, buffer, offset, length) -> channel.offer(buffer, offset, length));
    }

    private SocketChannel dial(String address) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(place.socket(address.substring("shm:".length()))));
    }

    private static void assertEchoes(Channel channel, byte[] message) throws InterruptedException {
        channel.send(message);
        assertArrayEquals(message, channel.receive(Duration.ofSeconds(30)).bytes());
    }

    @Test
    void garbageIsCutOffAndDisturbsNobody() throws Exception {
        Random random = new Random(TestPlace.seed("garbageIsCutOffAndDisturbsNobody"));
        String address = TestPlace.address();
        try (Server _ = echo(address);
                Channel bystander = Ipc.connect(address)) {
            for (int i = 0; i < 300; i++) {
                byte[] garbage = new byte[Hello.LENGTH + random.nextInt(200)];
                random.nextBytes(garbage);
                try (SocketChannel socket = dial(address)) {
                    socket.write(ByteBuffer.wrap(garbage));
                    assertEquals(-1, readToEnd(socket), "the server has nothing to say to garbage");
                }
                assertEchoes(bystander, garbage);
            }
        }
    }

    private static int readToEnd(SocketChannel socket) {
        try {
            return socket.read(ByteBuffer.allocate(64));
        } catch (IOException reset) {
            return -1; // what we sent was not read before the end
        }
    }

    @Test
    void thoseThatSayNothingKeepNobodyOut() throws Exception {
        String address = TestPlace.address();
        List<SocketChannel> silent = new ArrayList<>();
        try (Server _ = echo(address)) {
            for (int i = 0; i < 200; i++) {
                silent.add(dial(address));
            }
            try (Channel channel = Ipc.connect(address + "?connect-timeout=30s")) {
                assertEchoes(channel, new byte[100]);
            }
        } finally {
            for (SocketChannel socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void aHelloByteByByteIsAHello() throws Exception {
        String address = TestPlace.address();
        try (Server _ = echo(address);
                SocketChannel socket = dial(address)) {
            ByteBuffer hello = new Hello(ShmLayout.VERSION, true, 1000).encode();
            while (hello.hasRemaining()) {
                socket.write(ByteBuffer.wrap(new byte[] {hello.get()}));
            }
            Welcome welcome = welcome(socket);
            assertEquals(Welcome.Status.ACCEPTED, welcome.status());
            assertEquals(1000, welcome.maxMessage());
        }
    }

    private static Welcome welcome(SocketChannel socket) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(10_000);
        socket.read(bytes);
        return Welcome.decode(bytes.flip());
    }

    /// Its last word may be under way when the endpoint closes: so its ring says that this is no death.
    @Test
    void aClientThatWasWelcomedReadsTheEndIfTheEndpointCloses() throws Exception {
        String address = TestPlace.address();
        Endpoint endpoint = Ipc.bind(address);
        try (SocketChannel socket = dial(address)) {
            socket.write(new Hello(ShmLayout.VERSION, true, 1000).encode());
            Welcome welcome = welcome(socket);
            try (MemoryFile memory = MemoryFile.open(Path.of(welcome.memory()), ShmLayout.length(welcome.capacity()))) {
                endpoint.close();
                assertEquals(-1, socket.read(ByteBuffer.allocate(1)));
                MemorySegment ring = ShmLayout.serverToClient(memory.memory(), welcome.capacity());
                assertEquals(CLOSED_IN_ORDER, ring.get(ValueLayout.JAVA_INT, PRODUCER_CLOSED));
                assertFalse(Files.exists(memory.path()));
            }
        } finally {
            endpoint.close();
        }
    }

    @Test
    void aClientOfAnotherVersionIsToldSo() throws Exception {
        String address = TestPlace.address();
        try (Server _ = echo(address);
                SocketChannel socket = dial(address)) {
            socket.write(new Hello(ShmLayout.VERSION + 1, true, 1000).encode());
            Welcome welcome = welcome(socket);
            assertEquals(Welcome.Status.OTHER_VERSION, welcome.status());
            assertTrue(welcome.memory().contains("version " + (ShmLayout.VERSION + 1)), welcome.memory());
        }
    }

    @Test
    void aServerOfAnotherVersionIsNamed() throws Exception {
        ByteBuffer answer = Welcome.refusal(Welcome.Status.ACCEPTED, "").encode();
        answer.putInt(8, ShmLayout.VERSION + 1);
        HandshakeException e = assertThrows(HandshakeException.class, () -> connectToAServerThatAnswers(answer));
        TestPlace.assertMentions(e, "version " + (ShmLayout.VERSION + 1), "this side " + ShmLayout.VERSION);
    }

    @Test
    void aServerThatAnswersGarbageIsNoServer() {
        byte[] garbage = new byte[200];
        new Random(1).nextBytes(garbage);
        HandshakeException e = assertThrows(
                HandshakeException.class, () -> connectToAServerThatAnswers(ByteBuffer.wrap(garbage)));
        TestPlace.assertMentions(e, "no Sluice endpoint");
    }

    @Test
    void memoryThatTheClientCannotSeeIsExplained() {
        Welcome elsewhere = new Welcome(
                ShmLayout.VERSION,
                Welcome.Status.ACCEPTED,
                true,
                1 << 16,
                1000,
                0,
                1,
                "/nowhere/sluice-memory",
                "/nowhere/sluice-doorbell");
        HandshakeException e =
                assertThrows(HandshakeException.class, () -> connectToAServerThatAnswers(elsewhere.encode()));
        TestPlace.assertMentions(e, "/nowhere/sluice-memory", "containers", "ipc.shm.dir");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectToAServerThatNeverAnswersCanBeInterrupted(boolean isVirtual) throws Exception {
        var path = place.socket("silent");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            CompletableFuture<Boolean> flagAfter = new CompletableFuture<>();
            Thread connecting = (isVirtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(() -> {
                try {
                    Ipc.connect("shm:silent?connect-timeout=forever").close();
                    flagAfter.completeExceptionally(new AssertionError("it was connected to nobody"));
                } catch (InterruptedException e) {
                    flagAfter.complete(Thread.currentThread().isInterrupted());
                } catch (RuntimeException e) {
                    flagAfter.completeExceptionally(e);
                }
            });
            try (SocketChannel client = server.accept()) {
                client.read(ByteBuffer.allocate(Hello.LENGTH));
                connecting.interrupt();
                assertFalse(flagAfter.get(Eventually.GENEROUS.toSeconds(), TimeUnit.SECONDS), "the interrupt flag");
                assertEquals(-1, readToEnd(client), "it has hung up");
            }
        } finally {
            Files.deleteIfExists(path);
        }
    }

    private void connectToAServerThatAnswers(ByteBuffer answer) throws Exception {
        String address = TestPlace.address();
        var path = place.socket(address.substring("shm:".length()));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            CompletableFuture<Integer> answered = CompletableFuture.supplyAsync(() -> {
                try (SocketChannel client = server.accept()) {
                    client.read(ByteBuffer.allocate(Hello.LENGTH));
                    client.write(answer);
                    return readToEnd(client);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            try {
                Ipc.connect(address).close();
            } finally {
                answered.join();
            }
        } finally {
            Files.deleteIfExists(path);
        }
    }

    @Test
    void garbageAfterTheHandshakeCostsThatChannelOnly() throws Exception {
        String address = TestPlace.address();
        try (Endpoint endpoint = Ipc.bind(address);
                SocketChannel rogue = dial(address)) {
            rogue.write(new Hello(ShmLayout.VERSION, true, 1000).encode());
            assertEquals(Welcome.Status.ACCEPTED, welcome(rogue).status());
            rogue.write(ByteBuffer.wrap(new byte[] {Welcome.MAPPED, 77}));
            try (Channel broken = endpoint.accept();
                    Channel client = Ipc.connect(address);
                    Channel server = endpoint.accept()) {
                ProtocolException e =
                        assertThrows(ProtocolException.class, () -> broken.receive(Duration.ofSeconds(30)));
                TestPlace.assertMentions(e, "77");
                client.send(new byte[] {1});
                assertArrayEquals(new byte[] {1}, server.receive(Duration.ofSeconds(30)).bytes());
            }
        }
    }

    @Test
    void aClientThatDiesAtAnyStepLeavesNothing() throws Exception {
        String address = TestPlace.address();
        try (Server server = echo(address)) {
            ByteBuffer hello = new Hello(ShmLayout.VERSION, true, 1000).encode();
            for (int length = 0; length <= Hello.LENGTH; length++) {
                try (SocketChannel socket = dial(address)) {
                    socket.write(hello.slice(0, length));
                }
            }
            try (SocketChannel socket = dial(address)) {
                socket.write(hello.slice());
                assertEquals(Welcome.Status.ACCEPTED, welcome(socket).status());
                socket.write(ByteBuffer.wrap(new byte[] {Welcome.MAPPED}));
                Eventually.equal("the channel is served", 1, server::channels);
            }
            Eventually.equal("the channel is closed", 0, server::channels);
            Eventually.equal("only the socket and the doorbell are left", 2, () -> place.files().size());
            Eventually.equal("the first slots are free again", List.of(0, 1), () -> slotsOfTheNextTwo(address));
        }
    }

    private List<Integer> slotsOfTheNextTwo(String address) {
        try (RawClient first = RawClient.connect(place.socket(address.substring("shm:".length())));
                RawClient second = RawClient.connect(place.socket(address.substring("shm:".length())))) {
            return List.of(first.slot(), second.slot());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aSlotIsFreeAgainWhenItsChannelIsClosedOnWhicheverSide() throws Exception {
        String address = TestPlace.address();
        try (Endpoint endpoint = Ipc.bind(address)) {
            for (boolean clientFirst : new boolean[] {true, false, true}) {
                RawClient client = RawClient.connect(place.socket(address.substring("shm:".length())));
                Channel server = endpoint.accept(Eventually.GENEROUS);
                assertEquals(0, client.slot());
                if (clientFirst) {
                    client.close();
                    assertThrows(PeerLostException.class, server::receive);
                    server.close();
                } else {
                    server.close();
                    client.close();
                }
            }
        }
    }

    @Test
    void somethingElseInThePlaceOfTheSocketIsLeftAlone() throws IOException {
        var path = place.socket("taken");
        Files.writeString(path, "precious");
        SystemCallException e = assertThrows(SystemCallException.class, () -> Ipc.bind("shm:taken"));
        TestPlace.assertMentions(e, path.toString(), "no socket");
        assertEquals("precious", Files.readString(path));
        Files.delete(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm:", "shm:a/b", "shm:..", "shm:../x", "shm:.hidden", "shm:a b"})
    void aBadNameIsRefusedBeforeAnythingIsMade(String address) {
        for (Executable use : List.<Executable>of(() -> Ipc.bind(address), () -> Ipc.connect(address))) {
            InvalidAddressException e = assertThrows(InvalidAddressException.class, use);
            TestPlace.assertMentions(e, address);
        }
        assertEquals(List.of(), place.files());
    }

    @Test
    void aNameTooLongForASocketIsRefusedWithItsLength() {
        String name = "n".repeat(120);
        int length = place.socket(name).toString().length();
        InvalidAddressException e = assertThrows(InvalidAddressException.class, () -> Ipc.bind("shm:" + name));
        TestPlace.assertMentions(e, "shm:" + name, length + " bytes", "shorten the name", "ipc.dir");
        assertEquals(List.of(), place.files());
    }

    @Test
    void nobodyThereIsSaidWithThePlaceThatWasLookedAt() {
        NoListenerException e =
                assertThrows(NoListenerException.class, () -> Ipc.connect("shm:nobody?connect-timeout=50ms"));
        TestPlace.assertMentions(e, "shm:nobody", place.socket("nobody").toString(), "50ms");
    }
}
