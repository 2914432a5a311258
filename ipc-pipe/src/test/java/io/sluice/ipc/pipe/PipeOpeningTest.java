package io.sluice.ipc.pipe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.Peer;
import io.sluice.ipc.ProtocolException;
import io.sluice.ipc.Server;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.UnsupportedException;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.Fifo;
import io.sluice.ipc.os.stream.PolledStream;
import io.sluice.ipc.os.stream.RendezvousNames;
import io.sluice.ipc.os.stream.Request;
import io.sluice.ipc.stream.StreamChannel;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What `pipe:` makes of strangers, of what is in its way, and of clients that die while they are let in.
@Timeout(120)
final class PipeOpeningTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @RegisterExtension
    final TestPlace place = new TestPlace();

    private final String name = TestPlace.address().substring("pipe:".length());
    private final String address = "pipe:" + name;

    private static Server echo(String address) {
        return Ipc.serve(address, (channel, buffer, offset, length) -> channel.offer(buffer, offset, length));
    }

    private static void assertEchoes(Channel channel, byte[] message) throws InterruptedException {
        channel.send(message);
        assertArrayEquals(message, channel.receive(LONG).bytes());
    }

    private void assertEchoes() throws InterruptedException {
        try (Channel channel = Ipc.connect(address + "?connect-timeout=60s")) {
            assertEchoes(channel, new byte[] {1, 2, 3});
        }
    }

    private Path requests() {
        return place.directory().resolve(name + ".pipe");
    }

    private Path in(String id) {
        return place.directory().resolve(name + "." + id + ".in");
    }

    private Path out(String id) {
        return place.directory().resolve(name + "." + id + ".out");
    }

    private void write(byte[] bytes) throws IOException {
        try (OutputStream requests = Files.newOutputStream(requests(), StandardOpenOption.WRITE)) {
            requests.write(bytes);
        }
    }

    @Test
    void namesAreGoneAsSoonAsBothSidesHoldThePipes() throws Exception {
        try (Server _ = echo(address);
                Channel channel = Ipc.connect(address)) {
            assertEquals(List.of(name + ".pipe"), place.files());
            assertEchoes(channel, new byte[100_000]);
        }
        assertEquals(List.of(), place.files());
    }

    @Test
    void garbageInThePipeOfRequestsDisturbsNobody() throws Exception {
        Random random = new Random(TestPlace.seed("garbageInThePipeOfRequestsDisturbsNobody"));
        try (Server _ = echo(address);
                Channel bystander = Ipc.connect(address)) {
            for (int i = 0; i < 200; i++) {
                byte[] garbage = new byte[1 + random.nextInt(300)];
                random.nextBytes(garbage);
                write(garbage);
                assertEchoes(bystander, garbage);
            }
            write("\n".getBytes()); // or the next request would be the rest of a line
            assertEchoes();
        }
    }

    @Test
    void aRequestWithoutPipesBehindItIsForgotten() throws Exception {
        try (Server _ = echo(address)) {
            for (int i = 0; i < 10; i++) {
                write(Request.of(RendezvousNames.newId()));
            }
            assertEchoes();
        }
    }

    /// The steps of [RendezvousConnect]; after each of them the client is gone.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void aClientThatDiesAfterAnyStepLeavesNothingAndDisturbsNobody(int steps) throws Exception {
        try (Server _ = echo(address)) {
            for (int i = 0; i < 5; i++) {
                dieAfter(steps);
            }
            Eventually.equal("names", List.of(name + ".pipe"), () -> {
                try {
                    assertEchoes();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                return place.files();
            });
        }
    }

    private void dieAfter(int steps) throws Exception {
        String id = RendezvousNames.newId();
        List<Descriptor> open = new ArrayList<>();
        try {
            Descriptor out = Fifo.make(out(id)).orElseThrow().reader();
            open.add(out);
            if (steps > 1) {
                Fifo.makeOnly(in(id));
            }
            if (steps > 2) {
                write(Request.of(id));
            }
            if (steps > 3) {
                PolledStream stream = PipeConduit.stream(out, null, Peer.UNKNOWN);
                stream.awaitReadable(LONG.toNanos());
            }
            if (steps > 4) {
                open.add(Fifo.openToWrite(in(id)).orElseThrow());
            }
            if (steps > 5) {
                Fifo.unlink(in(id));
            }
            if (steps > 6) {
                Fifo.unlink(out(id));
            }
        } finally {
            open.forEach(Descriptor::close);
        }
    }

    @Test
    void whatDeadClientsLeftIsClearedByTheNextBindAndWhatLivingOnesHaveIsNot() throws Exception {
        String dead = RendezvousNames.newId();
        String alive = RendezvousNames.newId();
        Fifo.make(out(dead)).orElseThrow().reader().close();
        Fifo.makeOnly(in(dead));
        Fifo living = Fifo.make(out(alive)).orElseThrow();
        Fifo.makeOnly(in(alive));
        try (Endpoint _ = Ipc.bind(address)) {
            assertEquals(
                    List.of(name + ".pipe", in(alive).getFileName().toString(), out(alive).getFileName().toString()),
                    place.files().stream()
                            .sorted((a, b) -> Integer.compare(a.length(), b.length()) != 0
                                    ? Integer.compare(a.length(), b.length())
                                    : a.compareTo(b))
                            .toList());
        } finally {
            Fifo.unlink(in(alive));
            living.unlink();
            living.reader().close();
        }
    }

    @Test
    void aPipeOfADeadOwnerIsTakenOver() throws Exception {
        Fifo.makeOnly(requests());
        assertThrows(NoListenerException.class, () -> Ipc.connect(address + "?connect-timeout=50ms"));
        try (Server _ = echo(address)) {
            assertEchoes();
        }
    }

    @Test
    void aFileInTheWayIsNamedAndLeftAlone() throws Exception {
        Files.writeString(requests(), "mine");
        TestPlace.assertMentions(
                assertThrows(AddressInUseException.class, () -> Ipc.bind(address)), address, "a file", "take it away");
        TestPlace.assertMentions(
                assertThrows(SystemCallException.class, () -> Ipc.connect(address)), "a file", "not a named pipe");
        assertEquals("mine", Files.readString(requests()));
        Files.delete(requests());
    }

    @Test
    void aSymbolicLinkInTheWayIsNamedAndNotFollowed() throws Exception {
        Path elsewhere = place.directory().resolve("elsewhere");
        Fifo.makeOnly(elsewhere);
        Files.createSymbolicLink(requests(), elsewhere);
        TestPlace.assertMentions(
                assertThrows(AddressInUseException.class, () -> Ipc.bind(address)), address, "a symbolic link");
        assertThrows(SystemCallException.class, () -> Ipc.connect(address));
        assertTrue(Files.isSymbolicLink(requests()));
        Files.delete(requests());
        Files.delete(elsewhere);
    }

    @Test
    void aPipeOfAnotherUserIsNamedAndLeftAlone() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can give files away");
        Fifo.makeOnly(requests());
        assertEquals(0, new ProcessBuilder("chown", "12345", requests().toString()).start().waitFor());
        TestPlace.assertMentions(
                assertThrows(AddressInUseException.class, () -> Ipc.bind(address)), "of the user 12345");
        assertTrue(Files.exists(requests()));
        Files.delete(requests());
    }

    @Test
    void aClientThatIsStoppedInTheMiddleKeepsNobodyOut() throws Exception {
        String id = RendezvousNames.newId();
        Fifo silent = Fifo.make(out(id)).orElseThrow();
        try (Server _ = echo(address)) {
            Fifo.makeOnly(in(id));
            write(Request.of(id));
            assertEchoes();
        } finally {
            silent.reader().close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage", "version", "after"})
    void aClientThatSpeaksGarbageIsCutOffAndDisturbsNobody(String what) throws Exception {
        byte[] words =
                switch (what) {
                    case "garbage" -> "this is no greeting at all".getBytes();
                    case "version" -> Kid.hello(77);
                    default -> ByteBuffer.allocate(28).put(Kid.hello(1)).put(new byte[] {-1, -1, -1, 127}).array();
                };
        try (Endpoint endpoint = Ipc.bind(address)) {
            String id = RendezvousNames.newId();
            Descriptor out = Fifo.make(out(id)).orElseThrow().reader();
            Fifo.makeOnly(in(id));
            write(Request.of(id));
            PolledStream stream = PipeConduit.stream(out, null, Peer.UNKNOWN);
            stream.awaitReadable(LONG.toNanos());
            try (OutputStream in = Files.newOutputStream(in(id), StandardOpenOption.WRITE)) {
                in.write(words);
                if (what.equals("after")) {
                    try (Channel broken = endpoint.accept(LONG)) {
                        ProtocolException e = assertThrows(ProtocolException.class, () -> broken.receive(LONG));
                        TestPlace.assertMentions(e, "2147483647", "limit");
                    }
                }
                Eventually.equal("the server has cut it off", true, () -> readToEnd(stream));
            } finally {
                stream.close();
                Fifo.unlink(in(id));
                Fifo.unlink(out(id));
            }
            try (Channel client = Ipc.connect(address);
                    Channel server = endpoint.accept(LONG)) {
                client.send(new byte[] {1});
                assertArrayEquals(new byte[] {1}, server.receive(LONG).bytes());
            }
        }
    }

    private static boolean readToEnd(PolledStream stream) {
        var bytes = Arena.ofAuto().allocate(100);
        int read;
        do {
            read = stream.read(bytes, 0, 100);
        } while (read > 0);
        return read < 0;
    }

    @Test
    void aSideThatIsCutOffIsToldSo() throws Exception {
        try (Endpoint endpoint = Ipc.bind(address);
                Channel client = Ipc.connect(address);
                Channel server = endpoint.accept(LONG)) {
            // What no Sluice end sends: straight into the pipe, behind the channel's back.
            PolledStream stream = (PolledStream) ((StreamChannel) client).stream();
            var garbage = Arena.ofAuto().allocate(8).fill((byte) -7);
            stream.write(garbage, 0, 8);
            assertThrows(ProtocolException.class, () -> server.receive(LONG));
            ProtocolException e = assertThrows(ProtocolException.class, () -> client.receive(LONG));
            TestPlace.assertMentions(e, "the peer has cut this channel off");
            assertThrows(ProtocolException.class, () -> client.send(new byte[1]));
        }
    }

    @Test
    void aServerThatNeverAnswersIsNotWaitedForBeyondTheDeadline() throws Exception {
        Fifo silent = Fifo.make(requests()).orElseThrow();
        try {
            NoListenerException e = assertThrows(
                    NoListenerException.class, () -> Ipc.connect(address + "?connect-timeout=200ms"));
            TestPlace.assertMentions(e, "did not let this client in");
        } finally {
            silent.unlink();
            silent.reader().close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"in", "out"})
    void messagesMayGoOneWayOnly(String direction) throws Exception {
        try (Endpoint endpoint = Ipc.bind(address + "?direction=" + direction);
                Channel client = Ipc.connect(address);
                Channel server = endpoint.accept(LONG)) {
            Channel from = direction.equals("in") ? client : server;
            Channel to = direction.equals("in") ? server : client;
            for (int i = 0; i < 1_000; i++) {
                from.send(Kid.message(i));
                assertArrayEquals(Kid.message(i), to.receive(LONG).bytes());
            }
            assertThrows(UnsupportedException.class, () -> to.send(new byte[1]));
            assertThrows(UnsupportedException.class, () -> to.offer(new byte[1]));
            assertThrows(UnsupportedException.class, () -> to.tryClaim(1));
            assertThrows(UnsupportedException.class, from::receive);
            assertThrows(UnsupportedException.class, () -> from.poll((buffer, offset, length) -> {}, 1));
            assertEquals(false, from.capabilities().has(Capability.BIDIRECTIONAL));
            from.close();
            assertNull(to.receive(LONG));
        }
    }

    @Test
    void bothSidesWantingTheSameDirectionIsRefused() throws Exception {
        try (Endpoint _ = Ipc.bind(address + "?direction=in")) {
            HandshakeException e =
                    assertThrows(HandshakeException.class, () -> Ipc.connect(address + "?direction=out"));
            TestPlace.assertMentions(e, address, "receive only");
        }
    }

    @Test
    void aOneWayServerServesAndSeesItsClientsEnd() throws Exception {
        AtomicInteger arrived = new AtomicInteger();
        try (Server server = Ipc.serve(address + "?direction=in", (channel, buffer, offset, length) -> {
            arrived.addAndGet(length);
            return true;
        })) {
            try (Channel client = Ipc.connect(address)) {
                client.send(new byte[7]);
            }
            Eventually.equal("bytes", 7, arrived::get);
            Eventually.equal("channels", 0, server::channels);
        }
        try (Server server = Ipc.serve(address + "?direction=out", (channel, buffer, offset, length) -> true)) {
            Channel client = Ipc.connect(address);
            Eventually.equal("channels", 1, server::channels);
            client.close();
            Eventually.equal("channels", 0, server::channels);
        }
    }

    @Test
    void aNameIsCheckedBeforeAnythingIsMade() {
        for (String wrong : List.of("pipe:", "pipe:a/b", "pipe:../x")) {
            assertThrows(InvalidAddressException.class, () -> Ipc.bind(wrong));
            assertThrows(InvalidAddressException.class, () -> Ipc.connect(wrong));
        }
    }
}
