package io.sluice.ipc.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.Message;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.Server;
import io.sluice.ipc.ServerHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One thread for all channels: who is served when, and what ends a session. Over `inproc:`.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RingServerTest {
    private static final Duration SOON = Duration.ofSeconds(15);

    private final String address = "inproc:server-" + UUID.randomUUID() + "?capacity=4k";

    /// What a session does with a message of one byte; longer ones are echoed. Remembers channels and causes.
    private static class Handler implements ServerHandler {
        final Map<Channel, Optional<IpcException>> causes = new ConcurrentHashMap<>();
        final List<Channel> opened = new ArrayList<>();

        @Override
        public synchronized void onOpen(Channel channel) {
            opened.add(channel);
        }

        synchronized Channel opened(int index) {
            return index < opened.size() ? opened.get(index) : null;
        }

        Channel awaitOpened(int index) throws InterruptedException {
            Eventually.await("channel " + index + " is open", () -> opened(index) != null);
            return opened(index);
        }

        Optional<IpcException> awaitCause(Channel channel) throws InterruptedException {
            Eventually.await("onClose is called", () -> causes.containsKey(channel));
            return causes.get(channel);
        }

        @Override
        public boolean onMessage(Channel channel, DirectBuffer buffer, int offset, int length) {
            return length == 1 ? onCommand(channel, buffer.getByte(offset)) : channel.offer(buffer, offset, length);
        }

        boolean onCommand(Channel channel, byte command) {
            return true;
        }

        @Override
        public void onClose(Channel channel, IpcException cause) {
            assertFalse(channel.isOpen(), "onClose is about a closed channel");
            causes.put(channel, Optional.ofNullable(cause));
        }
    }

    private static void assertEchoes(Channel client, int length) throws InterruptedException {
        client.send(new byte[length]);
        Message echo = client.receive(SOON);
        assertEquals(length, echo.length());
    }

    // ---- sessions and slots

    @Test
    void aServedChannelThatAnyThreadClosesIsReportedAndItsSlotServesTheNextClient() throws Exception {
        Handler handler = new Handler();
        try (Server server = Ipc.serve(address, handler)) {
            for (int round = 0; round < 300; round++) {
                Channel client = Ipc.connect(server.address());
                assertEchoes(client, 2);
                Channel session = handler.awaitOpened(2 * round);
                FutureTask<?> closing = Eventually.start(() -> {
                    session.close();
                    return null;
                });
                Channel next = Ipc.connect(server.address());
                assertEchoes(next, 2);
                assertEchoes(next, 3);
                Eventually.get(closing);
                assertEquals(Optional.empty(), handler.awaitCause(session));
                next.close();
                client.close();
                handler.awaitCause(handler.awaitOpened(2 * round + 1));
                assertEquals(0, server.channels());
            }
        }
    }

    @Test
    void aSlotThatWasFreedBeforeTheServerNoticedLosesNeitherTheOldSessionNorTheNew() throws Exception {
        AtomicReference<Channel> victim = new AtomicReference<>();
        AtomicReference<Channel> newcomer = new AtomicReference<>();
        AtomicReference<String> where = new AtomicReference<>();
        Handler handler = new Handler() {
            @Override
            boolean onCommand(Channel channel, byte command) {
                // On the serving thread: closes another session, and has a new client take its slot at once.
                victim.get().close();
                try {
                    newcomer.set(Ipc.connect(where.get()));
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                return true;
            }
        };
        try (Server server = Ipc.serve(address + "&wait=block", handler)) {
            where.set(server.address().toString());
            Channel first = Ipc.connect(server.address());
            assertEchoes(first, 2);
            victim.set(handler.awaitOpened(0));
            Channel second = Ipc.connect(server.address());
            assertEchoes(second, 2);
            second.send(new byte[1]);
            assertEquals(Optional.empty(), handler.awaitCause(victim.get()));
            Eventually.await("the newcomer is there", () -> newcomer.get() != null);
            for (int i = 2; i < 20; i++) {
                assertEchoes(newcomer.get(), i);
            }
            assertEquals(2, server.channels());
        }
    }

    @Test
    void aChannelThatArrivesAfterTheServersEndIsClosed() throws Exception {
        Server server = Ipc.serve(address, new Handler());
        server.close();
        LoneChannel late = new LoneChannel("capacity=4k");
        ((RingServer) server).add(late.channel);
        Eventually.await("it is closed", () -> late.released.get() == 1);
    }

    // ---- what ends a session

    @Test
    void aHandlerThatClosesItsChannelAndSaysNotNowEndsItInOrder() throws Exception {
        Handler handler = new Handler() {
            @Override
            boolean onCommand(Channel channel, byte command) {
                channel.close();
                return false;
            }
        };
        try (Server server = Ipc.serve(address, handler)) {
            Channel client = Ipc.connect(server.address());
            client.send(new byte[1]);
            assertEquals(Optional.empty(), handler.awaitCause(handler.awaitOpened(0)));
            assertNull(client.receive(SOON));
        }
    }

    @Test
    void aHandlerThatThrowsWhatAnotherChannelSaidIsNotTakenForThisChannelsEnd() throws Exception {
        PeerLostException another = new PeerLostException("about another channel");
        Handler handler = new Handler() {
            @Override
            boolean onCommand(Channel channel, byte command) {
                throw another;
            }
        };
        try (Server server = Ipc.serve(address, handler)) {
            Channel client = Ipc.connect(server.address());
            client.send(new byte[1]);
            IpcException cause = handler.awaitCause(handler.awaitOpened(0)).orElseThrow();
            assertInstanceOf(ClosedException.class, cause);
            assertSame(another, cause.getCause());
        }
    }

    @Test
    void aHandlerThatThrowsInOnOpenOrOnCloseHarmsNobodyElse() throws Exception {
        AtomicInteger count = new AtomicInteger();
        Handler handler = new Handler() {
            @Override
            public void onOpen(Channel channel) {
                super.onOpen(channel);
                if (count.incrementAndGet() == 1) {
                    throw new ArithmeticException("thrown on purpose");
                }
            }

            @Override
            public void onClose(Channel channel, IpcException cause) {
                super.onClose(channel, cause);
                throw new ArithmeticException("thrown on purpose");
            }
        };
        try (Server server = Ipc.serve(address, handler)) {
            Channel first = Ipc.connect(server.address());
            IpcException cause = handler.awaitCause(handler.awaitOpened(0)).orElseThrow();
            assertInstanceOf(ArithmeticException.class, cause.getCause());
            assertNull(first.receive(SOON));
            Channel second = Ipc.connect(server.address());
            assertEchoes(second, 2);
        }
    }

    @Test
    void aChannelClosedInOnOpenIsReportedAsClosedInOrder() throws Exception {
        Handler handler = new Handler() {
            @Override
            public void onOpen(Channel channel) {
                super.onOpen(channel);
                channel.close();
            }
        };
        try (Server server = Ipc.serve(address, handler)) {
            Channel client = Ipc.connect(server.address());
            assertNull(client.receive(SOON));
            assertEquals(Optional.empty(), handler.awaitCause(handler.awaitOpened(0)));
            assertEquals(0, server.channels());
        }
    }

    @Test
    void aSessionThatEndsWithALargeReplyUnreadHoldsUpNobody() throws Exception {
        Handler handler = new Handler() {
            @Override
            boolean onCommand(Channel channel, byte command) {
                assertTrue(channel.offer(new byte[100_000]));
                throw new ArithmeticException("thrown on purpose");
            }
        };
        Server server = Ipc.serve(address + "&send-timeout=forever", handler);
        Channel slow = Ipc.connect(server.address());
        Channel other = Ipc.connect(server.address());
        slow.send(new byte[1]);
        assertInstanceOf(
                ClosedException.class, handler.awaitCause(handler.awaitOpened(0)).orElseThrow());
        assertEchoes(other, 2);
        FutureTask<?> closing = Eventually.start(() -> {
            server.close();
            return null;
        });
        assertNull(other.receive(SOON));
        assertEquals(100_000, slow.receive(SOON).length(), "what was accepted is delivered");
        assertNull(slow.receive(SOON));
        Eventually.get(closing);
    }

    // ---- refusing

    @Test
    void aRefusedMessageComesAgainThoughAnotherChannelKeepsTheServerBusy() throws Exception {
        AtomicBoolean notNow = new AtomicBoolean(true);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger accepted = new AtomicInteger();
        AtomicReference<Channel> busy = new AtomicReference<>();
        Handler handler = new Handler() {
            @Override
            boolean onCommand(Channel channel, byte command) {
                if (command == 1) {
                    if (!stop.get()) {
                        busy.get().offer(new byte[] {1}); // from here, so that the server never finds nothing to do
                    }
                    return true;
                }
                if (notNow.get()) {
                    refused.incrementAndGet();
                    return false;
                }
                accepted.incrementAndGet();
                return true;
            }
        };
        try (Server server = Ipc.serve(address, handler)) {
            busy.set(Ipc.connect(server.address()));
            busy.get().send(new byte[] {1});
            Channel client = Ipc.connect(server.address());
            client.send(new byte[] {2});
            Eventually.await("it is refused, then armed and refused again", () -> refused.get() >= 2);
            notNow.set(false);
            Eventually.await("it comes again", () -> accepted.get() == 1);
            stop.set(true);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait=adaptive", "wait=block", "wait=spin"})
    void whatIsRefusedForWantOfRoomComesAgainInOrderAndNothingTwice(String wait) throws Exception {
        ConcurrentLinkedQueue<Integer> accepted = new ConcurrentLinkedQueue<>();
        ServerHandler echo = (channel, buffer, offset, length) -> {
            boolean done = channel.offer(buffer, offset, length);
            if (done) {
                accepted.add(buffer.getInt(offset));
            }
            return done;
        };
        int count = wait.equals("wait=spin") ? 300 : 3_000; // spinning threads are more than there are cores
        try (Server server = Ipc.serve(address + "&" + wait, echo)) {
            Channel client = Ipc.connect(server.address());
            FutureTask<?> sender = Eventually.start(() -> {
                for (int i = 0; i < count; i++) {
                    byte[] message = new byte[600];
                    new SegmentBuffer(message).putInt(0, i);
                    client.send(message);
                }
                return null;
            });
            for (int i = 0; i < count; i++) {
                assertEquals(i, client.receive(SOON).buffer().getInt(0));
            }
            Eventually.get(sender);
        }
        List<Integer> order = new ArrayList<>(accepted);
        for (int i = 0; i < count; i++) {
            assertEquals(i, order.get(i));
        }
    }

    @Test
    void aThreadThatSendsOnAServedChannelIsWokenThoughTheHandlerRefuses() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        Handler handler = new Handler() {
            @Override
            boolean onCommand(Channel channel, byte command) {
                boolean accepted = channel.offer(new byte[] {9});
                if (!accepted) {
                    refused.incrementAndGet();
                }
                return accepted;
            }
        };
        try (Server server = Ipc.serve(address + "&wait=block&send-timeout=15s", handler)) {
            Channel client = Ipc.connect(server.address());
            Channel session = handler.awaitOpened(0);
            for (int round = 0; round < 20; round++) {
                while (session.offer(new byte[1000])) {
                    // until there is no room
                }
                int before = refused.get();
                FutureTask<?> pusher = Eventually.startSleeper(() -> {
                    session.send(new byte[1000]);
                    return null;
                });
                client.send(new byte[1]);
                Eventually.await("the handler refuses", () -> refused.get() > before + 3);
                int[] answers = new int[1];
                Eventually.await("all arrives, the answer too", () -> {
                    client.poll((_, _, length) -> answers[0] += length == 1 ? 1 : 0, 100);
                    return answers[0] == 1 && pusher.isDone();
                });
                Eventually.get(pusher);
                client.poll((_, _, _) -> {}, 100);
            }
        }
    }

    // ---- the serving thread

    @Test
    void aHandlerThatLeavesTheInterruptFlagSetDoesNotKeepTheThreadFromSleeping() throws Exception {
        AtomicReference<Thread> serving = new AtomicReference<>();
        Handler handler = new Handler() {
            @Override
            boolean onCommand(Channel channel, byte command) {
                serving.set(Thread.currentThread());
                Thread.currentThread().interrupt();
                return true;
            }
        };
        try (Server server = Ipc.serve(address, handler)) {
            Channel client = Ipc.connect(server.address());
            client.send(new byte[1]);
            Eventually.await("it was served", () -> serving.get() != null);
            Eventually.await("the flag is cleared", () -> !serving.get().isInterrupted());
            assertEchoes(client, 2);
        }
    }

    @Test
    void aBusyClientDoesNotStarveAnother() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        Handler handler = new Handler();
        try (Server server = Ipc.serve(address, handler)) {
            Channel greedy = Ipc.connect(server.address());
            Channel modest = Ipc.connect(server.address());
            FutureTask<?> flood = Eventually.start(() -> {
                while (!stop.get()) {
                    greedy.offer(new byte[1]);
                }
                return null;
            });
            for (int i = 2; i < 200; i++) {
                assertEchoes(modest, i);
            }
            stop.set(true);
            Eventually.get(flood);
        }
    }

    @Test
    void aHandlerMayCloseItsServerAndAllItsChannelsEnd() throws Exception {
        AtomicReference<Server> server = new AtomicReference<>();
        Handler handler = new Handler() {
            @Override
            boolean onCommand(Channel channel, byte command) {
                server.get().close();
                return true;
            }
        };
        server.set(Ipc.serve(address, handler));
        Channel first = Ipc.connect(server.get().address());
        Channel second = Ipc.connect(server.get().address());
        assertEchoes(second, 2);
        first.send(new byte[1]);
        assertNull(first.receive(SOON));
        assertNull(second.receive(SOON));
        server.get().close();
        assertEquals(2, handler.causes.size());
        assertEquals(0, server.get().channels());
    }
}
