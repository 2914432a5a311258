package io.sluice.ipc.shm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.Server;
import io.sluice.ipc.TimedOutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Processes that are killed at any moment: what they had sent is delivered, whole and in order; then they are lost; the
/// other side goes on and nothing is left behind. With `ipc.soak=true` there are 500 kills of clients in a row. Processes
/// that are stopped, not dead, are here too.
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ShmCrashTest {
    private static final boolean SOAK = Boolean.getBoolean("ipc.soak");
    private static final int CLIENT_KILLS = SOAK ? 500 : 10;
    private static final int SERVER_KILLS = SOAK ? 100 : 5;
    /// How many processes of clients run at the same time.
    private static final int AT_ONCE = 3;
    private static final int SERVER_CLIENTS = 8;
    /// Long enough to take a stopped process for a dead one by any heartbeat.
    private static final Duration A_WHILE = Duration.ofSeconds(1);

    @RegisterExtension
    final TestPlace place = new TestPlace();

    private static <T> FutureTask<T> start(Thread.Builder thread, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        thread.start(task);
        return task;
    }

    private static <T> T result(FutureTask<T> task) throws Exception {
        try {
            return task.get(Eventually.GENEROUS.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (Exception) e.getCause();
        }
    }

    private static Server echo(String address) {
        return Ipc.serve(address, (channel, buffer, offset, length) -> channel.offer(buffer, offset, length));
    }

    private static void assertEchoes(Channel channel) throws InterruptedException {
        channel.send(new byte[] {1, 2, 3});
        assertEquals(3, channel.receive(Eventually.GENEROUS).length());
    }

    @Test
    void clientsKilledAtRandomMomentsLoseNothingThatTheySentAndLeaveNothing(@TempDir Path ledgers) throws Exception {
        long seed = TestPlace.seed("clientsKilledAtRandomMomentsLoseNothingThatTheySentAndLeaveNothing");
        Random random = new Random(seed);
        String accepting = TestPlace.address();
        String serving = TestPlace.address();
        int channels = 0;
        try (Endpoint endpoint = Ipc.bind(accepting);
                CrashServer server = new CrashServer(endpoint, serving)) {
            try (Channel bystander = Ipc.connect(serving)) {
                Deque<Victim> running = new ArrayDeque<>();
                for (int i = 0; i < CLIENT_KILLS + AT_ONCE; i++) {
                    if (i < CLIENT_KILLS) {
                        running.add(Victim.start(accepting, serving, ledgers, seed + i));
                    }
                    if (i >= AT_ONCE) {
                        try (Victim victim = running.remove()) {
                            victim.killAtRandom(random);
                            channels += server.assertLost(victim);
                        }
                        assertEchoes(bystander);
                    }
                }
            }
            assertTrue(channels > CLIENT_KILLS, "channels that got to their first message: " + channels);
            server.assertNothingOpen();
            Eventually.equal("only the sockets and the doorbells are left", 4, () -> place.files().size());
            Eventually.equal("mapped are the doorbells only", 2L, place::mappings);
        }
        System.out.println(CLIENT_KILLS + " clients were killed, " + channels + " channels of theirs lost");
        place.assertNothingLeft();
    }

    @Test
    void aServerKilledAtAnyMomentIsLostToItsClientsAndItsAddressIsFreeAtOnce() throws Exception {
        Random random = new Random(
                TestPlace.seed("aServerKilledAtAnyMomentIsLostToItsClientsAndItsAddressIsFreeAtOnce"));
        String address = TestPlace.address();
        int lost = 0;
        for (int round = 0; round < SERVER_KILLS; round++) {
            try (PeerJvm server = PeerJvm.start(round % 2 == 0 ? "serve" : "serve-not", address)) {
                AtomicBoolean killed = new AtomicBoolean();
                CountDownLatch connected = new CountDownLatch(SERVER_CLIENTS);
                List<FutureTask<Boolean>> clients = new ArrayList<>();
                for (int i = 0; i < SERVER_CLIENTS; i++) {
                    int number = i;
                    Thread.Builder thread = i % 2 == 0 ? Thread.ofPlatform().daemon() : Thread.ofVirtual();
                    clients.add(start(thread, () -> isLost(address, number, killed, connected)));
                }
                if (random.nextInt(4) > 0) {
                    server.awaitUp();
                    int missing = random.nextInt(SERVER_CLIENTS);
                    Eventually.holds("clients are greeted", () -> connected.getCount() <= missing);
                }
                TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
                killed.set(true);
                server.kill();
                try (Server _ = echo(address);
                        Channel client = Ipc.connect(address)) {
                    assertEchoes(client);
                    assertTrue(connected.await(Eventually.GENEROUS.toSeconds(), TimeUnit.SECONDS),
                            "those that were not greeted by the dead server are greeted by the next one");
                }
                for (FutureTask<Boolean> client : clients) {
                    lost += result(client) ? 1 : 0;
                }
                assertEquals(List.of(), place.files());
            }
        }
        assertTrue(lost > 0, "no server lived long enough to open a channel");
        System.out.println(SERVER_KILLS + " servers were killed, " + lost + " channels of theirs lost");
        place.assertNothingLeft();
    }

    /// Connects and works until the end.
    ///
    /// @return whether the end was a loss; if not, it was the next server that greeted this client, and has closed in order
    private static boolean isLost(String address, int number, AtomicBoolean killed, CountDownLatch connected)
            throws InterruptedException {
        String options = "?connect-timeout=60s&wait=" + (number < 4 ? "block" : "adaptive");
        try (Channel channel = Ipc.connect(address + options)) {
            boolean hasToBeLost = !killed.get();
            connected.countDown();
            try {
                while (number % 4 > 1 || channel.receive() != null) {
                    channel.send(new byte[number % 2 == 0 ? 100 : 100_000]);
                }
                assertFalse(hasToBeLost, "the end came and not the loss");
                return false;
            } catch (ClosedException e) {
                assertFalse(hasToBeLost, "it was closed and not lost");
                return false;
            } catch (PeerLostException e) {
                assertThrows(PeerLostException.class, () -> channel.offer(new byte[1]));
                assertThrows(PeerLostException.class, () -> drain(channel));
                return true;
            }
        }
    }

    private static void drain(Channel channel) throws InterruptedException {
        while (channel.receive() != null) {
            // What it had sent is still there.
        }
    }

    @Test
    void aStoppedClientIsNotADeadOneAndKeepsNobodyElseWaiting(@TempDir Path ledgers) throws Exception {
        String accepting = TestPlace.address();
        String serving = TestPlace.address();
        try (Endpoint endpoint = Ipc.bind(accepting);
                CrashServer server = new CrashServer(endpoint, serving);
                Victim victim = Victim.start(accepting, serving, ledgers, 7)) {
            victim.jvm().awaitUp();
            Eventually.equal("channels at work", ShmPeer.CLIENTS, server::atWork);
            victim.jvm().stop();
            server.awaitAllOf(victim);
            var before = server.received(victim);
            try (Channel bystander = Ipc.connect(serving)) {
                long end = System.nanoTime() + A_WHILE.toNanos();
                while (System.nanoTime() - end < 0) {
                    assertEchoes(bystander);
                }
            }
            server.assertNothingSentSince(before, victim);
            assertEquals(ShmPeer.CLIENTS, server.atWork(), "and is not lost");
            victim.jvm().resume();
            Eventually.holds("it goes on", () -> {
                var now = server.received(victim);
                return before.keySet().stream()
                        .filter(number -> ShmPeer.Role.of(number).isReadAtOnce())
                        .allMatch(number -> ShmPeer.Role.of(number) == ShmPeer.Role.CLAIM
                                ? now.get(number) == ShmPeer.CLAIMS
                                : now.get(number) > before.get(number) + 1);
            });
            victim.jvm().kill();
            assertEquals(ShmPeer.CLIENTS, server.assertLost(victim));
        }
    }

    @Test
    void aStoppedServerKeepsItsAddressAndGoesOn() throws Exception {
        String address = TestPlace.address();
        try (PeerJvm server = PeerJvm.start("serve", address).awaitUp();
                Channel client = Ipc.connect(address)) {
            assertEchoes(client);
            server.stop();
            client.send(new byte[] {5});
            assertThrows(TimedOutException.class, () -> client.receive(A_WHILE));
            AddressInUseException inUse = assertThrows(AddressInUseException.class, () -> Ipc.bind(address));
            TestPlace.assertMentions(inUse, address, "a living process", place.socket(nameOf(address)).toString());
            HandshakeException silent = assertThrows(
                    HandshakeException.class, () -> Ipc.connect(address + "?connect-timeout=200ms"));
            TestPlace.assertMentions(silent, address, "200ms", "stopped or overloaded");
            server.resume();
            assertEquals(5, client.receive(Eventually.GENEROUS).bytes()[0]);
            assertEchoes(client);
            server.kill();
            assertThrows(PeerLostException.class, client::receive);
        }
        Ipc.bind(address).close();
    }

    private static String nameOf(String address) {
        return address.substring("shm:".length());
    }
}
