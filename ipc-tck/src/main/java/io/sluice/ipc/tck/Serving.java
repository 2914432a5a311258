package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.Server;
import io.sluice.ipc.ServerHandler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

/// An endpoint that is served: one thread, any number of channels, each called in its order.
interface Serving extends Line {
    /// A handler that sends each message back.
    ServerHandler ECHO = (channel, buffer, offset, length) -> channel.offer(buffer, offset, length);

    private static void assume(TestBed bed) throws InterruptedException {
        bed.assumeLoneMessagesArrive();
        bed.assumePromised(Capability.BIDIRECTIONAL);
    }

    /// For those that send several messages at once.
    private static void assumeReliable(TestBed bed) throws InterruptedException {
        bed.assumePromised(Capability.RELIABLE, Capability.ORDERED, Capability.BIDIRECTIONAL);
    }

    private static void assertEchoes(Channel client, byte[] message) throws InterruptedException {
        client.send(message);
        Traffic.same("the echo", message, Receiving.RECEIVE.take(client));
    }

    @Test
    default void aClientIsOpenedServedInOrderAndClosedWithoutACause(TestBed bed) throws Exception {
        assumeReliable(bed);
        Diary diary = new Diary();
        try (Server server = Ipc.serve(bed.address(), diary)) {
            Channel client = bed.own(Ipc.connect(server.address()));
            for (byte i = 0; i < 5; i++) {
                client.send(new byte[] {i});
            }
            for (byte i = 0; i < 5; i++) {
                Traffic.same("the echo", new byte[] {i}, Receiving.RECEIVE.take(client));
            }
            assertEquals(1, server.channels(), "open channels");
            client.close();
            diary.awaitClosed(1);
            assertEquals(List.of("open", "0", "1", "2", "3", "4", "close null"), diary.entries());
            Deadline.await("no channel is open", () -> server.channels() == 0);
            assertEquals(1, diary.threads.size(), "threads that called the handler");
            assertFalse(diary.threads.contains(Thread.currentThread()), "the caller's thread called the handler");
        }
    }

    @Test
    default void whatAClientSentBeforeItClosedIsServedBeforeItsClose(TestBed bed) throws Exception {
        assumeReliable(bed);
        Diary diary = new Diary() {
            @Override
            public boolean onMessage(Channel channel, DirectBuffer buffer, int offset, int length) {
                enter("message of " + length);
                return true;
            }
        };
        try (Server server = Ipc.serve(bed.address(), diary)) {
            Channel client = Ipc.connect(server.address());
            client.send(new byte[11]);
            client.send(new byte[22]);
            client.close();
            diary.awaitClosed(1);
            assertEquals(List.of("open", "message of 11", "message of 22", "close null"), diary.entries());
        }
    }

    @Test
    default void aServerMaySpeakFirst(TestBed bed) throws Exception {
        assume(bed);
        ServerHandler greeter = new ServerHandler() {
            @Override
            public void onOpen(Channel channel) {
                assertTrue(channel.offer(new byte[] {4, 2}));
            }

            @Override
            public boolean onMessage(Channel channel, DirectBuffer buffer, int offset, int length) {
                return true;
            }
        };
        try (Server server = Ipc.serve(bed.address(), greeter);
                Channel client = Ipc.connect(server.address())) {
            Traffic.same("the greeting", new byte[] {4, 2}, Receiving.RECEIVE.take(client));
        }
    }

    @Test
    default void aClientThatIsKilledIsClosedWithItsLoss(TestBed bed) throws Exception {
        assume(bed);
        bed.assumePromised(Capability.CROSS_PROCESS, Capability.PROVES_DEATH);
        Diary diary = new Diary();
        try (Server server = Ipc.serve(bed.address(), diary)) {
            PeerProcess peer = bed.peer();
            peer.ask("connect", server.address());
            Channel other = bed.own(Ipc.connect(server.address()));
            assertEchoes(other, new byte[] {1});
            peer.kill();
            diary.awaitClosed(1);
            assertInstanceOf(PeerLostException.class, diary.causes.values().iterator().next().orElse(null));
            assertEchoes(other, new byte[] {2});
        }
    }

    @Test
    default void whatAHandlerThrowsClosesThatChannelAlone(TestBed bed) throws Exception {
        assume(bed);
        ArithmeticException own = new ArithmeticException("the handler's own, thrown on purpose");
        Diary diary = new Diary() {
            @Override
            public boolean onMessage(Channel channel, DirectBuffer buffer, int offset, int length) {
                if (length == 13) {
                    throw own;
                }
                return super.onMessage(channel, buffer, offset, length);
            }
        };
        try (Server server = Ipc.serve(bed.address(), diary);
                Channel good = Ipc.connect(server.address());
                Channel bad = Ipc.connect(server.address())) {
            assertEchoes(good, new byte[] {1});
            assertEchoes(bad, new byte[] {2});
            bad.send(new byte[13]);
            diary.awaitClosed(1);
            IpcException cause = diary.causes.values().iterator().next().orElse(null);
            assertInstanceOf(ClosedException.class, cause);
            assertSame(own, cause.getCause(), "the cause's cause");
            assertNull(bad.receive(), "the end");
            assertEchoes(good, new byte[] {3});
        }
    }

    @Test
    default void aMessageThatIsNotNowComesAgainAndOthersAreServedMeanwhile(TestBed bed) throws Exception {
        assumeReliable(bed);
        bed.assumeNotPromised(Capability.DURABLE); // there is no back pressure
        int reply = Math.min(64_000, bed.capabilities().maxMessage());
        int count = (int) (bed.maxInFlight() / reply) + 100;
        AtomicInteger refused = new AtomicInteger();
        AtomicReference<byte[]> again = new AtomicReference<>();
        AtomicReference<Object> failure = new AtomicReference<>();
        ServerHandler slow = (channel, buffer, offset, length) -> {
            byte[] request = Traffic.copy(buffer, offset, length);
            if (length == 1) {
                return channel.offer(request);
            }
            if (again.get() != null && !Arrays.equals(again.get(), request)) {
                failure.compareAndSet(null, "another message came before the refused one");
            }
            if (channel.offer(Traffic.bytes(request[0], request[1], reply))) {
                again.set(null);
                return true;
            }
            refused.incrementAndGet();
            again.set(request);
            return false;
        };
        try (Server server = Ipc.serve(bed.address(), slow);
                Channel greedy = Ipc.connect(server.address());
                Channel modest = Ipc.connect(server.address())) {
            Task<Void> requests = bed.start(() -> {
                for (int i = 0; i < count; i++) {
                    greedy.send(new byte[] {(byte) i, (byte) (i >> 8)});
                }
                return null;
            });
            Deadline.await("the handler refuses", () -> refused.get() > 0);
            for (int i = 0; i < 100; i++) {
                assertEchoes(modest, new byte[] {(byte) i});
            }
            for (int i = 0; i < count; i++) {
                byte[] expected = Traffic.bytes((byte) i, (byte) (i >> 8), reply);
                Traffic.same("reply " + i, expected, Receiving.RECEIVE.take(greedy));
            }
            requests.get();
            assertNull(failure.get());
        }
    }

    @Test
    default void fiftyClientsAreServedAtOnce(TestBed bed) throws Exception {
        assume(bed);
        Diary diary = new Diary();
        try (Server server = Ipc.serve(bed.address(), diary)) {
            List<Task<Void>> clients = new ArrayList<>();
            CountDownLatch allConnected = new CountDownLatch(50);
            for (int c = 0; c < 50; c++) {
                Traffic traffic = new Traffic(bed.seed() + c, 0, Math.min(20_000, bed.capabilities().maxMessage()));
                clients.add(bed.start(c % 2 == 0 ? Threads.PLATFORM : Threads.VIRTUAL, () -> {
                    try (Channel client = Ipc.connect(server.address())) {
                        allConnected.countDown();
                        assertTrue(allConnected.await(Deadline.GENEROUS.toSeconds(), TimeUnit.SECONDS), "all connect");
                        for (int i = 0; i < 50; i++) {
                            client.send(traffic.message(i));
                            traffic.check(i, Receiving.RECEIVE.take(client));
                        }
                    }
                    return null;
                }));
            }
            for (Task<Void> client : clients) {
                client.get();
            }
            diary.awaitClosed(50);
            assertEquals(1, diary.threads.size(), "threads that called the handler");
            for (Optional<IpcException> cause : diary.causes.values()) {
                assertEquals(Optional.empty(), cause, "the cause of an orderly close");
            }
        }
    }

    @Test
    default void closingAServerClosesItsChannelsAndNoCallFollows(TestBed bed) throws Exception {
        assume(bed);
        Diary diary = new Diary();
        Server server = Ipc.serve(bed.address(), diary);
        Channel first = bed.own(Ipc.connect(server.address()));
        Channel second = bed.own(Ipc.connect(server.address()));
        assertEchoes(first, new byte[] {1});
        assertEchoes(second, new byte[] {2});
        server.close();
        int entries = diary.entries().size();
        assertEquals(2, diary.causes.size(), "channels whose close was told before the server's close returned");
        server.close();
        assertNull(first.receive(), "the end");
        assertNull(second.receive(), "the end");
        assertEquals(0, server.channels(), "open channels");
        assertEquals(entries, diary.entries().size(), "calls after the close");
        Ipc.bind(server.address()).close();
    }

    @Test
    default void aHandlerMayCloseTheServer(TestBed bed) throws Exception {
        assume(bed);
        AtomicReference<Server> server = new AtomicReference<>();
        CountDownLatch known = new CountDownLatch(1);
        server.set(Ipc.serve(bed.address(), (channel, buffer, offset, length) -> {
            try {
                known.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            server.get().close();
            return true;
        }));
        bed.own(server.get());
        known.countDown();
        Channel client = bed.own(Ipc.connect(server.get().address()));
        client.send(new byte[] {1});
        assertNull(client.receive(), "the end");
        server.get().close();
    }

    @Test
    default void aHandlerMayCloseAChannel(TestBed bed) throws Exception {
        assume(bed);
        Diary diary = new Diary() {
            @Override
            public boolean onMessage(Channel channel, DirectBuffer buffer, int offset, int length) {
                channel.close();
                return true;
            }
        };
        try (Server server = Ipc.serve(bed.address(), diary);
                Channel client = Ipc.connect(server.address())) {
            client.send(new byte[] {1});
            assertNull(client.receive(), "the end");
            diary.awaitClosed(1);
            assertEquals(List.of("open", "close null"), diary.entries());
        }
    }

    @Test
    default void servingTwiceIsRefused(TestBed bed) throws Exception {
        assume(bed);
        Endpoint endpoint = Ipc.bind(bed.address());
        try (Server server = endpoint.serve(ECHO);
                Channel client = Ipc.connect(server.address())) {
            assertThrows(IllegalStateException.class, () -> endpoint.serve(ECHO));
            assertEchoes(client, new byte[] {1});
        }
        assertFalse(endpoint.isOpen(), "closing the server closes the endpoint");
    }

    @Test
    default void aServedSecondJvmEchoesToManyClients(TestBed bed) throws Exception {
        assumeReliable(bed);
        bed.assumePromised(Capability.CROSS_PROCESS);
        PeerProcess peer = bed.peer();
        var address = bed.address();
        peer.ask("serve", address);
        List<Channel> clients = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            clients.add(bed.own(Ipc.connect(address)));
        }
        Traffic traffic = new Traffic(bed.seed(), 0, Math.min(50_000, clients.getFirst().capabilities().maxMessage()));
        for (int i = 0; i < 500; i++) {
            Channel client = clients.get(i % 10);
            client.send(traffic.message(i));
            traffic.check(i, Receiving.values()[i % 3].take(client));
        }
        peer.ask("unbind");
        for (Channel client : clients) {
            assertNull(client.receive(), "the end");
        }
    }

    /// An echo that writes down what happens, in order.
    class Diary implements ServerHandler {
        final Set<Thread> threads = ConcurrentHashMap.newKeySet();
        final Map<Channel, Optional<IpcException>> causes = new ConcurrentHashMap<>();
        private final List<String> entries = new ArrayList<>();

        final synchronized void enter(String entry) {
            threads.add(Thread.currentThread());
            entries.add(entry);
        }

        synchronized List<String> entries() {
            return List.copyOf(entries);
        }

        void awaitClosed(int count) throws InterruptedException {
            Deadline.await(count + " channels are closed", () -> causes.size() >= count);
        }

        @Override
        public void onOpen(Channel channel) {
            enter("open");
        }

        @Override
        public boolean onMessage(Channel channel, DirectBuffer buffer, int offset, int length) {
            enter(length == 1 ? Byte.toString(buffer.getByte(offset)) : "message");
            return channel.offer(buffer, offset, length);
        }

        @Override
        public void onClose(Channel channel, IpcException cause) {
            enter("close " + cause);
            causes.put(channel, Optional.ofNullable(cause));
        }
    }
}
