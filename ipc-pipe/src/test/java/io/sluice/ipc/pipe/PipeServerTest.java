package io.sluice.ipc.pipe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.Server;
import io.sluice.ipc.os.Fifo;
import io.sluice.ipc.os.stream.PolledStream;
import io.sluice.ipc.os.stream.RendezvousNames;
import io.sluice.ipc.os.stream.Request;
import io.sluice.ipc.stream.StreamChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A server of `pipe:` among many clients, and among strangers.
@Timeout(120)
final class PipeServerTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @RegisterExtension
    final TestPlace place = new TestPlace();

    private final String name = TestPlace.address().substring("pipe:".length());
    private final String address = "pipe:" + name;

    private Server echo() {
        return Ipc.serve(address, (channel, buffer, offset, length) -> channel.offer(buffer, offset, length));
    }

    private static void assertEchoes(Channel channel, byte[] message) throws InterruptedException {
        channel.send(message);
        assertArrayEquals(message, channel.receive(LONG).bytes());
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(thread -> thread.startsWith("ipc-"))
                .sorted()
                .toList();
    }

    @Test
    void allClientsAreWaitedForAndServedInOneThread() throws Exception {
        TreeSet<String> serving = new TreeSet<>();
        List<Channel> clients = new ArrayList<>();
        try (Server server = Ipc.serve(address, (channel, buffer, offset, length) -> {
            synchronized (serving) {
                serving.add(Thread.currentThread().toString());
            }
            return channel.offer(buffer, offset, length);
        })) {
            clients.add(Ipc.connect(address));
            assertEchoes(clients.getFirst(), new byte[] {0});
            List<String> withOne = threads();
            for (int i = 1; i < 100; i++) {
                clients.add(Ipc.connect(address));
            }
            for (int i = 0; i < clients.size(); i++) {
                assertEchoes(clients.get(i), new byte[] {(byte) i});
            }
            assertEquals(100, server.channels());
            assertEquals(withOne, threads());
            synchronized (serving) {
                assertEquals(1, serving.size(), serving::toString);
            }
        } finally {
            clients.forEach(Channel::close);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "link", "directory"})
    void aRequestForWhatIsNoPipeIsForgottenAndWhatItNamesIsLeftAlone(String kind) throws Exception {
        String id = RendezvousNames.newId();
        Path in = place.directory().resolve(name + "." + id + ".in");
        Path out = place.directory().resolve(name + "." + id + ".out");
        Path elsewhere = place.directory().resolve("elsewhere");
        Fifo.makeOnly(elsewhere);
        for (Path path : List.of(in, out)) {
            switch (kind) {
                case "file" -> Files.writeString(path, "mine");
                case "link" -> Files.createSymbolicLink(path, elsewhere);
                default -> Files.createDirectory(path);
            }
        }
        try (Server server = echo()) {
            Files.write(place.directory().resolve(name + ".pipe"), Request.of(id), StandardOpenOption.WRITE);
            try (Channel client = Ipc.connect(address)) {
                assertEchoes(client, new byte[] {1, 2, 3});
                assertEquals(1, server.channels());
            }
        }
        if (kind.equals("file")) {
            assertEquals("mine", Files.readString(in));
            assertEquals("mine", Files.readString(out));
        }
        for (Path path : List.of(in, out, elsewhere)) {
            Files.delete(path); // each is still there
        }
    }

    @Test
    void aPeerThatIsGoneInTheMiddleOfAMessageIsLostToWhoSendsIt() throws Exception {
        try (Endpoint endpoint = Ipc.bind(address);
                Channel client = Ipc.connect(address);
                Channel server = endpoint.accept(LONG)) {
            FutureTask<Void> sending = new FutureTask<>(() -> {
                server.send(new byte[5_000_000]);
                return null;
            });
            Thread.ofPlatform().start(sending);
            PolledStream stream = (PolledStream) ((StreamChannel) client).stream();
            Eventually.equal("a part of the message is there", true, () -> stream.conduit().input().unread() > 1_000);
            stream.close(); // behind the channel's back: without a word, as by a SIGKILL
            ExecutionException failed = assertThrows(ExecutionException.class, sending::get);
            assertInstanceOf(PeerLostException.class, failed.getCause());
            assertThrows(PeerLostException.class, () -> server.receive(LONG));
            try (Channel next = Ipc.connect(address);
                    Channel accepted = endpoint.accept(LONG)) {
                next.send(new byte[] {1});
                assertArrayEquals(new byte[] {1}, accepted.receive(LONG).bytes());
            }
        }
    }
}
