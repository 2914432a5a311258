package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Message;
import io.sluice.ipc.Server;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `bridge`, from a named pipe to shared memory, and to another machine.
@Timeout(120)
class BridgeCommandTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final String unique = "bridge-" + ProcessHandle.current().pid() + "-" + System.nanoTime() % 100_000;
    private final String from = "pipe:" + unique + "?connect-timeout=60s";
    private final String to = "shm:" + unique + "?connect-timeout=60s&capacity=64k";

    private IpcProcess start() throws Exception {
        return start(Address.parse(to));
    }

    private IpcProcess start(Address target) throws Exception {
        IpcProcess bridge = IpcProcess.start("bridge", from, target.toString());
        String line = bridge.awaitLine("bridging ");
        assertTrue(line.contains("pipe:" + unique) && line.contains(" to " + target.withoutOptions()), line);
        return bridge;
    }

    private static byte[] receive(Channel channel) throws InterruptedException {
        Message message = channel.receive(DEADLINE);
        return message == null ? null : message.bytes();
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm", "tcp"})
    void eachClientHasAChannelOfItsOwnBothWays(String scheme) throws Exception {
        String target = scheme.equals("shm") ? to : "tcp://127.0.0.1:0?connect-timeout=60s";
        try (Server server =
                Ipc.serve(target, (channel, buffer, offset, length) -> channel.offer(buffer, offset, length));
                IpcProcess _ = start(server.address())) {
            List<Channel> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                clients.add(Ipc.connect(from));
            }
            Random random = new Random(1);
            for (int i = 0; i < 300; i++) {
                byte[] message = new byte[random.nextInt(i % 10 == 0 ? 200_000 : 100)];
                random.nextBytes(message);
                Channel client = clients.get(i % 3);
                client.send(message);
                assertArrayEquals(message, receive(client), "echo " + i);
            }
            clients.forEach(Channel::close);
        }
    }

    @Test
    void whenOneSideClosesSoDoesTheOther() throws Exception {
        try (Endpoint endpoint = Ipc.bind(to);
                IpcProcess _ = start()) {
            Channel first = Ipc.connect(from);
            try (Channel server = endpoint.accept(DEADLINE)) {
                first.send(new byte[] {1});
                first.close();
                assertArrayEquals(new byte[] {1}, receive(server));
                assertNull(receive(server));
            }
            try (Channel client = Ipc.connect(from)) {
                Channel server = endpoint.accept(DEADLINE);
                server.send(new byte[] {2});
                server.close();
                assertArrayEquals(new byte[] {2}, receive(client));
                assertNull(receive(client));
            }
        }
    }

    @Test
    void backPressurePassesThrough() throws Exception {
        try (Endpoint endpoint = Ipc.bind(to);
                IpcProcess _ = start();
                Channel client = Ipc.connect(from);
                Channel server = endpoint.accept(DEADLINE)) {
            byte[] message = new byte[10_000];
            int accepted = 0;
            long quiet = System.nanoTime();
            while (System.nanoTime() - quiet < 500_000_000L) {
                if (client.offer(message)) {
                    accepted++;
                    quiet = System.nanoTime();
                    assertTrue(accepted < 1_000, "10 MB were accepted though nobody reads");
                } else {
                    Thread.sleep(1);
                }
            }
            for (int i = 0; i < accepted; i++) {
                assertEquals(message.length, receive(server).length);
            }
            client.send(new byte[] {9});
            assertArrayEquals(new byte[] {9}, receive(server));
        }
    }

    @Test
    void aTargetWhereNobodyListensIsSaidAndTheNextClientIsServed() throws Exception {
        String nobody = "shm:" + unique; // with a connect-timeout that is enough for the second client on a busy machine, too
        try (IpcProcess bridge = IpcProcess.start("bridge", from, nobody)) {
            bridge.awaitLine("bridging ");
            try (Channel client = Ipc.connect(from)) {
                assertNull(receive(client), "the end");
            }
            try (Endpoint endpoint = Ipc.bind(nobody);
                    Channel client = Ipc.connect(from);
                    Channel server = endpoint.accept(DEADLINE)) {
                client.send(new byte[] {3});
                assertArrayEquals(new byte[] {3}, receive(server));
            }
            bridge.terminate();
            String errors = bridge.end().err();
            assertTrue(errors.contains("ipc: shm:" + unique), errors);
            assertFalse(errors.contains("\tat "), errors);
        }
    }
}
