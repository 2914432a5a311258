package io.sluice.ipc.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Processes that are killed at any moment, and processes that are stopped: what the dead had sent is received, whole and
/// in order, then they are lost; the other side goes on; and what is left in the folder are the messages that are kept.
/// With `ipc.soak=true` clients and servers are killed 500 times each.
@Timeout(value = 90, unit = TimeUnit.MINUTES)
final class FileCrashTest {
    private static final boolean SOAK = Boolean.getBoolean("ipc.soak");
    private static final int BOTH_KILLS = SOAK ? 50 : 1;
    private static final int CLIENTS = 3;
    /// So that segments are short, and channels often killed while one is begun.
    private static final String SHORT = "?max-message=64k";
    /// Long enough to take a stopped process for a dead one by any heartbeat.
    private static final Duration A_WHILE = Duration.ofMillis(700);

    @TempDir
    private Path folder;

    private final Random random = random();

    private static Random random() {
        long seed = Long.getLong("ipc.seed", System.nanoTime() & 0xFFFF_FFFFL);
        System.out.println("FileCrashTest: repeat with -Dipc.seed=" + seed);
        return new Random(seed);
    }

    private static int kills(JournalOptions.Io io) {
        int few = io == JournalOptions.Io.MAPPED ? 3 : 1;
        return SOAK ? 250 : few;
    }

    private static String option(JournalOptions.Io io) {
        return "&io=" + io.name().toLowerCase(Locale.ROOT);
    }

    private EndpointFolder files(String name) {
        return new EndpointFolder(folder.resolve(name), name);
    }

    private static void assertEchoes(Channel channel) throws InterruptedException {
        channel.send(new byte[] {1, 2, 3});
        assertEquals(3, channel.receive(Eventually.GENEROUS).length());
    }

    private static Server echo(String address) {
        return Ipc.serve(address, (channel, buffer, offset, length) -> channel.offer(buffer, offset, length));
    }

    @ParameterizedTest
    @EnumSource(names = {"MAPPED", "STREAM"})
    void clientsKilledAtRandomMomentsLoseNothingThatTheySentAndLeaveTheirMessagesOnly(JournalOptions.Io io)
            throws Exception {
        EndpointFolder keeping = files("keeping");
        EndpointFolder forgetting = files("forgetting");
        String accepting = "file:" + keeping.path() + SHORT + option(io);
        String serving = "file:" + forgetting.path() + SHORT + "&keep=0s" + option(io);
        int channels = 0;
        try (Survivor survivor = new Survivor(accepting, serving); Channel bystander = Ipc.connect(serving)) {
            for (int round = 0; round < kills(io); round++) {
                Path file = folder.resolve("ledger" + round);
                FilePeer.Ledger ledger = new FilePeer.Ledger(file);
                try (Child child = FilePeer.clients(file, 1, FilePeer.SEND + accepting, FilePeer.SEND + accepting,
                        FilePeer.ECHO + serving)) {
                    if (round % 3 < 2) {
                        assertEquals("up", child.line());
                        TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
                    } else {
                        TimeUnit.MILLISECONDS.sleep(200 + random.nextInt(400)); // as it starts and shakes hands
                    }
                    child.kill();
                }
                awaitNobody(keeping, 0);
                awaitNobody(forgetting, 1);
                Eventually.holds("all channels of the dead have ended",
                        () -> survivor.heard.stream().allMatch(Heard::isOver));
                survivor.heard.forEach(each -> each.assertLost(ledger));
                assertKept(keeping, survivor.heard.stream().filter(each -> each.writer() < 3).toList(), "to-server");
                assertEquals(1, EndpointFolder.names(forgetting.channels()).stream()
                        .filter(id -> Files.exists(forgetting.channel(id).resolve("to-server")))
                        .count(), "only the bystander's channel is left");
                assertEchoes(bystander);
                channels += survivor.heard.size();
                survivor.heard.clear();
                Files.delete(file);
            }
        }
        assertTrue(channels > kills(io), "channels that were lost: " + channels);
        for (String address : List.of(accepting, serving)) {
            Ipc.bind(address).close();
        }
        assertEquals(List.of(), EndpointFolder.names(keeping.channels()), "what the next bind has left");
        assertEquals(List.of(), EndpointFolder.names(forgetting.channels()));
    }

    /// Waits until the endpoint has answered all that ask, and has let all channels go but some.
    private static void awaitNobody(EndpointFolder files, int but) throws Exception {
        Eventually.equal("requests", List.of(), () -> EndpointFolder.names(files.asks()));
        Eventually.equal("channels of the living", but, () -> (int) EndpointFolder.names(files.channels()).stream()
                .map(files::channel)
                .filter(channel -> isLocked(channel.resolve("client")) || isLocked(channel.resolve("server")))
                .count());
    }

    private static boolean isLocked(Path file) {
        return EndpointFolder.isLocked(file, 0, 0);
    }

    /// What channels have left is what was heard of them, and deleted by whoever has no use for it any more. Beside it there
    /// may be what the next bind deletes: of clients that died before they asked.
    private static void assertKept(EndpointFolder files, List<Heard> heard, String direction) throws Exception {
        Map<Integer, Long> expected = new TreeMap<>();
        heard.stream().filter(each -> each.count() > 0).forEach(each -> expected.put(each.writer(), each.count()));
        Map<Integer, Long> kept = new TreeMap<>();
        for (String id : EndpointFolder.names(files.channels())) {
            Path channel = files.channel(id);
            if (Files.exists(channel.resolve(direction))) {
                Heard said = Heard.kept(channel.resolve(direction));
                if (said.writer() != Heard.NOBODY) {
                    kept.put(said.writer(), said.count());
                } else {
                    assertSaidSomething(channel); // it heard of us, and died before it said anything
                }
                assertEquals(Set.of("client", "server", "state", "to-client", "to-server"),
                        Set.copyOf(EndpointFolder.names(channel)));
                for (String journal : List.of("to-client", "to-server")) {
                    assertFalse(isLocked(channel.resolve(journal).resolve("journal.lock")), "a lock is held");
                }
                EndpointFolder.delete(channel);
            }
        }
        assertEquals(expected, kept, "messages that are kept, by their writers");
    }

    private static void assertSaidSomething(Path channel) {
        boolean empty = true;
        for (String name : List.of("to-client", "to-server")) {
            try (Journal journal = Journal.open(channel.resolve(name), JournalOptions.DEFAULT.withReadOnly())) {
                empty &= journal.isEmpty();
            }
        }
        assertFalse(empty, "a channel that has carried nothing is left");
    }

    @ParameterizedTest
    @EnumSource(names = {"MAPPED", "STREAM"})
    void aServerKilledAtAnyMomentIsLostToItsClientsAndItsAddressIsFreeAtOnce(JournalOptions.Io io) throws Exception {
        int lost = 0;
        for (int round = 0; round < kills(io); round++) {
            EndpointFolder files = files("round" + round);
            boolean keeps = round % 2 == 0;
            String address = "file:" + files.path() + SHORT + option(io) + (keeps ? "" : "&keep=0s");
            Path file = folder.resolve("ledger" + round);
            FilePeer.Ledger ledger = new FilePeer.Ledger(file);
            List<Heard> clients = new ArrayList<>();
            AtomicBoolean killed = new AtomicBoolean();
            CountDownLatch connected = new CountDownLatch(CLIENTS);
            List<Heard> haveToBeLost = new CopyOnWriteArrayList<>();
            try (Child child = FilePeer.server(file, 1, address)) {
                for (int i = 0; i < CLIENTS; i++) {
                    Heard heard = new Heard();
                    clients.add(heard);
                    Thread.Builder thread = i % 2 == 0 ? Thread.ofPlatform().daemon() : Thread.ofVirtual();
                    thread.start(() -> receive(address, heard, killed, connected, haveToBeLost));
                }
                if (round % 3 < 2 && round + 1 < kills(io)) {
                    assertEquals("up", child.line());
                    TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
                } else {
                    Eventually.holds("a client is connected", () -> connected.getCount() < CLIENTS);
                }
                killed.set(true);
                child.kill();
            }
            try (Server _ = echo(address); Channel client = Ipc.connect(address)) {
                assertEchoes(client);
                assertTrue(connected.await(Eventually.GENEROUS.toSeconds(), TimeUnit.SECONDS),
                        "whom the dead server did not greet is greeted by the next one");
                Eventually.holds("its channels are lost", () -> haveToBeLost.stream().allMatch(Heard::isOver));
            }
            Eventually.holds("all channels have ended", () -> clients.stream().allMatch(Heard::isOver));
            for (Heard heard : clients) {
                if (!heard.isClosed() || haveToBeLost.contains(heard)) {
                    heard.assertLost(ledger);
                    lost++;
                }
            }
            awaitNobody(files, 0);
            deleteEchoes(files, keeps ? 1 : 0);
            assertKept(files, keeps ? clients : List.of(), "to-client");
            assertEquals(List.of(), EndpointFolder.names(files.channels()), "left by clients, all of which live");
            EndpointFolder.delete(files.path());
        }
        assertTrue(lost > 0, "no server lived long enough to open a channel");
    }

    private static void receive(String address, Heard heard, AtomicBoolean killed, CountDownLatch connected,
            List<Heard> haveToBeLost) {
        try {
            Channel channel = Ipc.connect(address + "&connect-timeout=60s");
            if (!killed.get()) {
                haveToBeLost.add(heard);
            }
            connected.countDown();
            heard.all(channel);
        } catch (IpcException | InterruptedException e) {
            heard.over(e);
        }
    }

    /// Deletes the channels whose messages are not those of a [FilePeer].
    private static void deleteEchoes(EndpointFolder files, int expected) {
        int deleted = 0;
        for (String id : EndpointFolder.names(files.channels())) {
            Path channel = files.channel(id);
            try (Journal journal =
                    Journal.open(channel.resolve("to-server"), JournalOptions.DEFAULT.withReadOnly())) {
                if (journal.isEmpty()) {
                    continue;
                }
            }
            EndpointFolder.delete(channel);
            deleted++;
        }
        assertEquals(expected, deleted, "channels of the next server that are kept");
    }

    @Test
    void whenBothSidesAreKilledTheNextBindFindsTheirMessagesAndDeletesAllElse() throws Exception {
        for (int round = 0; round < 2 * BOTH_KILLS; round++) {
            EndpointFolder files = files("round" + round);
            boolean keeps = round % 2 == 0;
            String address = "file:" + files.path() + SHORT + (keeps ? "" : "&keep=0s");
            Path serverFile = folder.resolve("server" + round);
            Path clientFile = folder.resolve("client" + round);
            try (Child server = FilePeer.server(serverFile, 1, address);
                    Child client = FilePeer.clients(clientFile, 1, FilePeer.SEND + address, FilePeer.SEND + address)) {
                assertEquals("up", server.line());
                if (random.nextInt(4) > 0) {
                    assertEquals("up", client.line());
                }
                TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
                server.kill();
                client.kill();
            }
            Ipc.bind(address).close();
            assertEquals(List.of(), EndpointFolder.names(files.asks()));
            List<String> channels = EndpointFolder.names(files.channels());
            assertTrue(keeps || channels.isEmpty(), () -> "left behind though nothing is kept: " + channels);
            for (String id : channels) {
                assertAllOf(files.channel(id).resolve("to-client"), serverFile);
                assertAllOf(files.channel(id).resolve("to-server"), clientFile);
            }
            EndpointFolder.delete(files.path());
        }
    }

    private static void assertAllOf(Path journal, Path ledger) throws Exception {
        Heard kept = Files.exists(journal) ? Heard.kept(journal) : new Heard();
        if (kept.writer() != Heard.NOBODY) {
            Heard.assertAllOf(new FilePeer.Ledger(ledger), kept.writer(), kept.count());
        }
    }

    @Test
    void aStoppedClientIsNotADeadOneAndKeepsNobodyElseWaiting() throws Exception {
        String accepting = "file:" + files("accepting").path() + SHORT;
        String serving = "file:" + files("serving").path() + SHORT;
        Path file = folder.resolve("ledger");
        try (Survivor survivor = new Survivor(accepting, serving);
                Channel bystander = Ipc.connect(serving);
                Child child = FilePeer.clients(file, 1, FilePeer.SEND + accepting, FilePeer.ECHO + serving)) {
            assertEquals("up", child.line());
            Eventually.equal("channels at work", 2, survivor.heard::size);
            child.signal("STOP");
            long start = System.nanoTime();
            while (System.nanoTime() - start < A_WHILE.toNanos()) {
                assertEchoes(bystander);
            }
            assertFalse(survivor.heard.stream().anyMatch(Heard::isOver), "taken for dead");
            List<Long> before = survivor.heard.stream().map(Heard::count).toList();
            child.signal("CONT");
            for (int i = 0; i < 2; i++) {
                int number = i;
                Eventually.holds("it goes on", () -> survivor.heard.get(number).count() > before.get(number) + 2);
            }
            child.kill();
            Eventually.holds("it is lost", () -> survivor.heard.stream().allMatch(Heard::isOver));
            FilePeer.Ledger ledger = new FilePeer.Ledger(file);
            survivor.heard.forEach(heard -> heard.assertLost(ledger));
        }
    }

    @Test
    void aStoppedServerKeepsItsAddressAndGoesOn() throws Exception {
        EndpointFolder files = files("orders");
        String address = "file:" + files.path() + SHORT;
        Path file = folder.resolve("ledger");
        Heard heard = new Heard();
        try (Child child = FilePeer.server(file, 1, address)) {
            assertEquals("up", child.line());
            Channel channel = Ipc.connect(address);
            Thread.ofPlatform().daemon().start(() -> heard.all(channel));
            Eventually.holds("it works", () -> heard.count() > 0);
            child.signal("STOP");
            assertThrows(AddressInUseException.class, () -> Ipc.bind(address));
            HandshakeException silent = assertThrows(
                    HandshakeException.class,
                    () -> Ipc.connect(address + "&connect-timeout=" + A_WHILE.toMillis() + "ms"));
            assertTrue(silent.getMessage().contains("stopped or overloaded"), silent::getMessage);
            assertEquals(List.of(), EndpointFolder.names(files.asks()), "asks of who has given up");
            assertEquals(1, EndpointFolder.names(files.channels()).size(), "channels");
            assertFalse(heard.isOver(), "taken for dead");
            long before = heard.count();
            child.signal("CONT");
            Eventually.holds("it goes on", () -> heard.count() > before + 2);
            child.kill();
            Eventually.holds("it is lost", heard::isOver);
            heard.assertLost(new FilePeer.Ledger(file));
        }
        Ipc.bind(address).close();
    }
}
