package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.Server;
import io.sluice.ipc.tck.PeerProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients and servers that are killed, or stopped and killed, at any moment of their lives: while their JVM starts, while they
/// connect, while they speak. The other side learns it, goes on, and keeps nothing. With `ipc.soak=true` 500 times each.
///
/// That what was sent before is received whole is in the contract, `PeerDeath`.
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketCrashTest {
    private static final int ROUNDS = Boolean.getBoolean("ipc.soak") ? 500 : 2;
    private static final int CLIENTS = 4;

    @RegisterExtension
    final TestPlace place = new TestPlace();

    private static Server echo(String address) {
        return Ipc.serve(address, (channel, buffer, offset, length) -> channel.offer(buffer, offset, length));
    }

    private static void assertEchoes(Channel channel) throws InterruptedException {
        channel.send(new byte[] {1, 2, 3});
        assertEquals(3, channel.receive(Eventually.GENEROUS).length());
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("ipc-"))
                .count();
    }

    /// What this process holds once all is closed is no more than it held before, when a thread of the warming up may still
    /// have been on its way out.
    private static void assertNothingLeft(long descriptors, long threads) throws Exception {
        Eventually.holds("threads of ours end", () -> threads() <= threads);
        Eventually.holds("descriptors are given back", () -> Descriptors.open() <= descriptors);
    }

    /// Has what stays open for ever opened: what the classes and the libraries come from.
    private static void warmUp(String address) throws Exception {
        try (Server _ = echo(address);
                Channel client = Ipc.connect(address);
                PeerProcess peer = PeerProcess.start()) {
            peer.ask("connect " + address);
            assertEchoes(client);
        }
    }

    /// Lets a process live for a random while, stops it before its end now and then, and kills it.
    private static void killAtRandom(PeerProcess peer, Random random) throws Exception {
        TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
        if (random.nextInt(3) == 0) {
            peer.signal("STOP");
            TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
        }
        peer.kill();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void clientsKilledAtAnyMomentLeaveNothingAndDisturbNobody(String scheme) throws Exception {
        Random random = new Random(TestPlace.seed("clientsKilledAtAnyMomentLeaveNothingAndDisturbNobody"));
        String address = TestPlace.address(scheme);
        warmUp(address);
        long descriptors = Descriptors.open();
        long threads = threads();
        try (Server server = echo(address); Channel bystander = Ipc.connect(address)) {
            for (int round = 0; round < ROUNDS; round++) {
                try (PeerProcess victim = PeerProcess.start()) {
                    victim.tell("connect " + address);
                    if (round % 2 == 0) {
                        victim.answer();
                        victim.ask("stream 1 0 " + (random.nextBoolean() ? 100 : 100_000)); // and never reads an echo
                    } else {
                        TimeUnit.MILLISECONDS.sleep(random.nextInt(600)); // its JVM starts, and it connects
                    }
                    killAtRandom(victim, random);
                }
                assertEchoes(bystander);
                Eventually.equal("channels", 1, server::channels);
            }
        }
        assertNothingLeft(descriptors, threads);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void aServerKilledAtAnyMomentIsLostToItsClientsAndItsAddressIsFree(String scheme) throws Exception {
        Random random = new Random(
                TestPlace.seed("aServerKilledAtAnyMomentIsLostToItsClientsAndItsAddressIsFree"));
        String address = TestPlace.address(scheme);
        warmUp(address);
        long descriptors = Descriptors.open();
        long threads = threads();
        int lost = 0;
        for (int round = 0; round < ROUNDS; round++) {
            List<FutureTask<Boolean>> clients = new ArrayList<>();
            CountDownLatch greeted = new CountDownLatch(1);
            AtomicBoolean killed = new AtomicBoolean();
            try (PeerProcess victim = PeerProcess.start()) {
                victim.tell("serve " + address);
                for (int i = 0; i < CLIENTS; i++) {
                    FutureTask<Boolean> client = new FutureTask<>(() -> isLost(address, greeted, killed));
                    (i % 2 == 0 ? Thread.ofPlatform().daemon() : Thread.ofVirtual()).start(client);
                    clients.add(client);
                }
                if (round % 2 == 0) {
                    assertTrue(greeted.await(Eventually.GENEROUS.toSeconds(), TimeUnit.SECONDS), victim::story);
                } else {
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(600));
                }
                killAtRandom(victim, random);
            }
            try (Server _ = echo(address)) {
                killed.set(true);
                for (FutureTask<Boolean> client : clients) {
                    lost += client.get(2 * Eventually.GENEROUS.toSeconds(), TimeUnit.SECONDS) ? 1 : 0;
                }
            }
        }
        assertTrue(lost > 0, "so many channels were lost: " + lost);
        assertNothingLeft(descriptors, threads);
    }

    /// Connects, and works until the end.
    ///
    /// @return whether the end was a loss; if not, it was the next server that has greeted this client
    private static boolean isLost(String address, CountDownLatch greeted, AtomicBoolean killed)
            throws InterruptedException {
        try (Channel channel = Ipc.connect(address + "?connect-timeout=1m")) {
            greeted.countDown();
            do {
                assertEchoes(channel);
            } while (!killed.get());
            return false;
        } catch (PeerLostException e) {
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void aServerThatIsStoppedIsNotDeadAndGoesOn(String scheme) throws Exception {
        String address = TestPlace.address(scheme);
        try (PeerProcess server = PeerProcess.start()) {
            server.ask("serve " + address);
            try (Channel client = Ipc.connect(address)) {
                assertEchoes(client);
                server.signal("STOP");
                client.send(new byte[] {4});
                NoListenerException silent = assertThrows(
                        NoListenerException.class, () -> Ipc.connect(address + "?connect-timeout=300ms"));
                TestPlace.assertMentions(silent, address, "somebody listens", "it is stopped");
                server.signal("CONT");
                assertEquals(4, client.receive(Eventually.GENEROUS).bytes()[0]);
                assertEchoes(client);
            }
            server.ask("unbind");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void aClientThatIsStoppedHoldsUpNobodyElse(String scheme) throws Exception {
        String address = TestPlace.address(scheme);
        try (Endpoint endpoint = Ipc.bind(address); PeerProcess victim = PeerProcess.start()) {
            victim.ask("connect " + address);
            try (Channel stopped = endpoint.accept()) {
                victim.signal("STOP");
                while (stopped.offer(new byte[10_000])) {
                    Thread.onSpinWait(); // until it has back pressure
                }
                try (Channel client = Ipc.connect(address); Channel other = endpoint.accept()) {
                    client.send(new byte[] {5});
                    assertEquals(5, other.receive(Eventually.GENEROUS).bytes()[0]);
                }
                victim.kill();
                Eventually.holds("its channel is lost", () -> {
                    try {
                        stopped.offer(new byte[1]);
                        return false;
                    } catch (PeerLostException e) {
                        return true;
                    }
                });
            }
        }
    }
}
