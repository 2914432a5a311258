package io.sluice.ipc.shm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.Message;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.ProtocolException;
import io.sluice.ipc.Server;
import io.sluice.ipc.ServerHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A client that writes whatever it likes into the memory that it shares with a server, while messages flow: that costs
/// its own channel, which ends with a clear exception or as the client says, and nobody else's; never the JVM. With
/// `ipc.soak=true` there are many more of them.
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ShmScribbleTest {
    private static final int CLIENTS = Boolean.getBoolean("ipc.soak") ? 5_000 : 80;
    /// Small rings, of which a scribble hits more.
    private static final String SMALL = "?capacity=4k&max-message=100k&wait=";

    @RegisterExtension
    final TestPlace place = new TestPlace();

    private final Queue<Throwable> ends = new ConcurrentLinkedQueue<>();

    /// An echo that remembers how channels end.
    private final class Echo implements ServerHandler {
        @Override
        public boolean onMessage(Channel channel, DirectBuffer buffer, int offset, int length) {
            return channel.offer(buffer, offset, length);
        }

        @Override
        public void onClose(Channel channel, IpcException cause) {
            if (cause != null) {
                ends.add(cause);
            }
        }
    }

    private static void assertEchoes(Channel channel, Random random) throws InterruptedException {
        byte[] message = new byte[random.nextInt(10_000)];
        random.nextBytes(message);
        channel.send(message);
        assertArrayEquals(message, channel.receive(Eventually.GENEROUS).bytes());
    }

    private RawClient connect(String address) throws Exception {
        return RawClient.connect(place.socket(address.substring("shm:".length(), address.indexOf('?'))));
    }

    /// Sends and takes messages, and scribbles between them, and from another thread at the same time.
    private void scribble(String address, Random random) throws Exception {
        try (RawClient client = connect(address)) {
            long seed = random.nextLong();
            int scribbles = 1 + random.nextInt(200);
            FutureTask<Void> beside = start(() -> {
                Random own = new Random(seed);
                for (int i = 0; i < scribbles; i++) {
                    client.scribble(own);
                    Thread.yield();
                }
                return null;
            });
            for (int i = 0; i < scribbles; i++) {
                client.offer(random.nextInt(client.capacity() / 2 - 16));
                if (random.nextInt(3) == 0) {
                    client.drain();
                }
                if (random.nextInt(20) == 0) {
                    client.scribble(random);
                }
            }
            beside.get();
        } catch (IOException e) {
            // It was cut off while it told the server to wake up.
        }
    }

    private static <T> FutureTask<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    /// A channel ends because the peer broke the protocol, or because it is gone; whatever else it was is a mistake.
    private void assertEndsAreClear() {
        int broken = 0;
        for (Throwable end : ends) {
            if (end instanceof ProtocolException) {
                broken++;
                assertTrue(end.getMessage().contains("cut"), end::toString);
            } else if (!isThePeersEnd(end)) {
                throw new AssertionError("a scribbling client's channel ended with", end);
            }
        }
        System.out.println(CLIENTS + " scribbling clients; the protocol was found broken " + broken + " times");
        assertTrue(broken > CLIENTS / 20, () -> CLIENTS + " scribbling clients were found out too seldom");
    }

    /// In order, if the client has scribbled that.
    private static boolean isThePeersEnd(Throwable end) {
        return end instanceof PeerLostException
                || end instanceof ClosedException && end.getMessage().endsWith("the peer has closed the channel");
    }

    @Test
    void aClientThatScribblesCostsAServerThatClientAlone() throws Exception {
        Random random = new Random(TestPlace.seed("aClientThatScribblesCostsAServerThatClientAlone"));
        for (String wait : List.of("adaptive", "block")) {
            String address = TestPlace.address() + SMALL + wait;
            try (Server server = Ipc.serve(address, new Echo());
                    Channel bystander = Ipc.connect(address)) {
                for (int i = 0; i < CLIENTS / 2; i++) {
                    scribble(address, random);
                    assertEchoes(bystander, random);
                }
                Eventually.equal("channels", 1, server::channels);
                assertEchoes(bystander, random);
            }
        }
        assertEndsAreClear();
    }

    @SuppressWarnings("try") // the bystander closes first: that ends its server's part
    @Test
    void aClientThatScribblesCostsThoseThatWaitForItThatClientAlone() throws Exception {
        Random random = new Random(TestPlace.seed("aClientThatScribblesCostsThoseThatWaitForItThatClientAlone"));
        String address = TestPlace.address() + SMALL + "block";
        FutureTask<Void> echo;
        try (Endpoint endpoint = Ipc.bind(address);
                Channel bystander = Ipc.connect(address)) {
            Channel friend = endpoint.accept();
            echo = start(() -> echo(friend));
            List<FutureTask<Void>> victims = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                boolean isVirtual = i % 2 == 0;
                FutureTask<Void> victim = new FutureTask<>(() -> work(endpoint.accept(Eventually.GENEROUS), isVirtual));
                victims.add(victim);
                Thread.ofPlatform().daemon().start(victim);
                scribble(address, random);
                assertEchoes(bystander, random);
            }
            for (FutureTask<Void> victim : victims) {
                victim.get(Eventually.GENEROUS.toSeconds(), TimeUnit.SECONDS);
            }
            assertEchoes(bystander, random);
        }
        echo.get(Eventually.GENEROUS.toSeconds(), TimeUnit.SECONDS);
        assertEndsAreClear();
    }

    private static Void echo(Channel channel) throws InterruptedException {
        try (channel) {
            for (Message message; (message = channel.receive()) != null;) {
                channel.send(message.bytes());
            }
            return null;
        }
    }

    /// Receives in one thread and sends in another until both have come to their end.
    private Void work(Channel channel, boolean isVirtual) throws Exception {
        try (channel) {
            FutureTask<Void> sender = new FutureTask<>(() -> {
                until(channel, () -> {
                    channel.send(new byte[1_000]);
                    return true;
                });
                return null;
            });
            (isVirtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon()).start(sender);
            until(channel, () -> channel.receive() != null);
            sender.get(Eventually.GENEROUS.toSeconds(), TimeUnit.SECONDS);
        }
        return null;
    }

    private void until(Channel channel, Callable<Boolean> step) throws Exception {
        try {
            while (step.call()) {
                // On.
            }
        } catch (IpcException e) {
            ends.add(e);
        }
    }

    @Test
    void aMessageBeyondTheLimitThatWasAgreedOnCostsItsSenderTheChannel() throws Exception {
        String address = TestPlace.address() + "?max-message=100";
        try (Endpoint endpoint = Ipc.bind(address);
                RawClient client = connect(address);
                Channel server = endpoint.accept()) {
            client.offer(100);
            client.offer(101);
            assertEquals(100, server.receive(Eventually.GENEROUS).length());
            ProtocolException e = assertThrows(ProtocolException.class, () -> server.receive(Eventually.GENEROUS));
            TestPlace.assertMentions(e, address.substring(0, address.indexOf('?')), "101 bytes", "100 bytes");
            assertThrows(ProtocolException.class, () -> server.send(new byte[1]));
        }
    }

    /// The records of a ring may lead round and round. While the client lives, it is only one that sends a lot.
    @Test
    void messagesWithoutAnEndKeepNobodyElseWaitingAndEndWithTheClient() throws Exception {
        Random random = new Random(1);
        String address = TestPlace.address() + SMALL + "adaptive";
        try (Server server = Ipc.serve(address,
                (channel, buffer, offset, length) -> length == 0 || channel.offer(buffer, offset, length));
                Channel bystander = Ipc.connect(address)) {
            try (RawClient client = connect(address)) {
                client.sendWithoutEnd();
                long end = System.nanoTime() + Duration.ofMillis(500).toNanos();
                while (System.nanoTime() - end < 0) {
                    assertEchoes(bystander, random);
                }
            }
            assertEchoes(bystander, random);
            Eventually.equal("channels", 1, server::channels);
        }
    }
}
