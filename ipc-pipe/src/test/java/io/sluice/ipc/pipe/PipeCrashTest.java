package io.sluice.ipc.pipe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Message;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// SIGKILL of either side at a random moment: what was sent before is received, whole and in order, then the loss; nothing
/// hangs, and nothing is left. With `ipc.soak=true` 500 times each.
@Timeout(value = 60, unit = TimeUnit.MINUTES)
final class PipeCrashTest {
    private static final int ROUNDS = Boolean.getBoolean("ipc.soak") ? 500 : 6;
    private static final Duration LONG = Duration.ofSeconds(60);

    @RegisterExtension
    final TestPlace place = new TestPlace();

    @TempDir
    Path directory;

    /// Receives a child's stream to its end, which is its death.
    private static void assertPrefixThenLoss(Channel channel) throws InterruptedException {
        int index = 0;
        try {
            for (Message message; (message = channel.receive(LONG)) != null; index++) {
                assertArrayEquals(Kid.message(index), message.bytes(), "message " + index);
            }
        } catch (PeerLostException e) {
            assertThrows(PeerLostException.class, () -> channel.send(new byte[1]));
            return;
        }
        throw new AssertionError("an end in order after " + index + " messages");
    }

    @Test
    void aChildKilledAtARandomMomentLeavesAPrefixOfItsStream() throws Exception {
        Random random = new Random(TestPlace.seed("aChildKilledAtARandomMomentLeavesAPrefixOfItsStream"));
        for (int round = 0; round < ROUNDS; round++) {
            try (ChildProcess child = ChildProcess.of(Kid.class, "stream").start()) {
                TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
                child.process().destroyForcibly();
                assertPrefixThenLoss(child.channel());
            }
        }
    }

    /// At any moment: while its JVM or its child's starts, and while they speak.
    @Test
    void aParentKilledAtARandomMomentEndsItsChildrenThatAreToldSo() throws Exception {
        Random random = new Random(TestPlace.seed("aParentKilledAtARandomMomentEndsItsChildrenThatAreToldSo"));
        int rounds = Math.max(4, ROUNDS / 3);
        for (int round = 0; round < rounds; round++) {
            Path end = directory.resolve("end" + round);
            Process parent = new ProcessBuilder(
                    Kid.command(List.of(), "parent", end.toString(), "stdio:?orphan=exit")).start();
            try {
                if (round % 2 == 0) {
                    parent.inputReader().readLine(); // the child has greeted its parent
                    TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
                } else {
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(1_500));
                }
            } finally {
                parent.destroyForcibly().waitFor();
            }
            String mark = end.toString();
            Eventually.equal("processes that know " + mark, 0L, () -> ProcessHandle.allProcesses()
                    .filter(process -> !Kid.isGone(process.pid()))
                    .filter(process -> process.info().arguments().map(List::of).orElse(List.of()).contains(mark))
                    .count());
        }
    }

    /// At any moment: while its JVM starts, while it is let in, while it streams.
    @Test
    void clientsKilledAtARandomMomentOfTheirLivesLeaveNothingAndTheServerGoesOn() throws Exception {
        Random random = new Random(TestPlace.seed("clientsKilledAtARandomMomentOfTheirLives"));
        String address = TestPlace.address();
        String name = address.substring("pipe:".length());
        try (Server server =
                Ipc.serve(address, (channel, buffer, offset, length) -> channel.offer(buffer, offset, length))) {
            for (int round = 0; round < ROUNDS; round++) {
                Eventually.equal("channels", 0, server::channels);
                Process client = client("stream-to", address).start();
                if (round % 2 == 0) {
                    Eventually.equal("channels", 1, server::channels);
                    TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
                } else {
                    TimeUnit.MILLISECONDS.sleep(300 + random.nextInt(700));
                }
                client.destroyForcibly().waitFor();
                if (round % 5 == 0) {
                    try (Channel channel = Ipc.connect(address)) {
                        channel.send(new byte[] {1});
                        assertTrue(channel.receive(LONG).length() == 1);
                    }
                }
            }
            Eventually.equal("channels", 0, server::channels);
            Eventually.equal("names", List.of(name + ".pipe"), () -> {
                try (Channel _ = Ipc.connect(address)) {
                    return place.files();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    @Test
    void aServerKilledAtARandomMomentIsLostAndItsNameIsFreeAtOnce() throws Exception {
        Random random = new Random(TestPlace.seed("aServerKilledAtARandomMomentIsLostAndItsNameIsFreeAtOnce"));
        String address = TestPlace.address();
        for (int round = 0; round < ROUNDS; round++) {
            Process server = client("serve-stream", address).start();
            try (Channel channel = Ipc.connect(address + "?connect-timeout=60s")) {
                TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
                server.destroyForcibly().waitFor();
                assertPrefixThenLoss(channel);
            } finally {
                server.destroyForcibly().waitFor();
            }
            try (Endpoint endpoint = Ipc.bind(address);
                    Channel client = Ipc.connect(address);
                    Channel accepted = endpoint.accept(LONG)) {
                client.send(new byte[] {9});
                assertArrayEquals(new byte[] {9}, accepted.receive(LONG).bytes());
            }
        }
    }

    private ProcessBuilder client(String... role) {
        ProcessBuilder builder = new ProcessBuilder(Kid.command(List.of(), role))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("IPC_DIR", place.directory().toString());
        return builder;
    }

    @Test
    void nothingIsLeftOfAServerThatIsKilledWhileClientsConnect() throws Exception {
        String address = TestPlace.address();
        for (int round = 0; round < Math.max(2, ROUNDS / 5); round++) {
            Process server = client("serve-stream", address).start();
            Ipc.connect(address + "?connect-timeout=60s").close();
            server.destroyForcibly().waitFor();
            assertThrows(NoListenerException.class, () -> Ipc.connect(address + "?connect-timeout=100ms"));
            Ipc.bind(address).close();
            assertTrue(place.files().isEmpty(), () -> place.files().toString());
        }
    }
}
