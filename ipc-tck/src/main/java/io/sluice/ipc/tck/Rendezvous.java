package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.NoListenerException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Line 7: a connect before the bind waits up to `connect-timeout`, then says that nobody listens.
interface Rendezvous extends Line {
    @ParameterizedTest
    @EnumSource
    default void aConnectBeforeTheBindWaitsForIt(Threads kind, TestBed bed) throws Exception {
        Address address = bed.address("connect-timeout=25s");
        Task<Channel> connecting = bed.start(kind, () -> bed.own(Ipc.connect(address)));
        Thread.sleep(300);
        assertFalse(connecting.isDone(), "it waits");
        try (Endpoint endpoint = Ipc.bind(address)) {
            Channel server = bed.accept(endpoint);
            connecting.get().send(new byte[] {1});
            Traffic.same("the first message", new byte[] {1}, Receiving.RECEIVE.take(server));
        }
    }

    @Test
    default void aConnectWaitsForASecondJvmThatBindsLater(TestBed bed) throws Exception {
        bed.assumePromised(Capability.CROSS_PROCESS, Capability.BIDIRECTIONAL);
        Address address = bed.address("connect-timeout=25s");
        Task<Channel> connecting = bed.start(() -> bed.own(Ipc.connect(address)));
        PeerProcess peer = bed.peer();
        peer.ask("serve", address);
        Channel channel = connecting.get();
        channel.send(new byte[] {1});
        Traffic.same("the echo", new byte[] {1}, Receiving.RECEIVE.take(channel));
    }

    @Test
    default void aConnectWhereNobodyListensSaysSoInTime(TestBed bed) throws Exception {
        Address address = bed.address("connect-timeout=400ms");
        long start = System.nanoTime();
        NoListenerException nobody = assertThrows(NoListenerException.class, () -> Ipc.connect(address));
        Duration waited = Deadline.since(start);
        assertTrue(waited.toMillis() >= 350, () -> "it gave up after " + waited);
        assertTrue(waited.toSeconds() < 10, () -> "it gave up only after " + waited);
        assertTrue(nobody.getMessage().contains(address.withoutOptions()), nobody::getMessage);
        assertThrows(NoListenerException.class, () -> Ipc.connect(address.with("connect-timeout", "0s")));
    }

    @Test
    default void nobodyListensWhereAnEndpointWasClosed(TestBed bed) throws Exception {
        Address address = bed.address("connect-timeout=300ms");
        Endpoint endpoint = Ipc.bind(address);
        Address bound = endpoint.address();
        endpoint.close();
        assertThrows(NoListenerException.class, () -> Ipc.connect(bound));
    }

    @Test
    default void nobodyListensWhereTheOwnerWasKilled(TestBed bed) throws Exception {
        bed.assumePromised(Capability.CROSS_PROCESS);
        Address address = bed.address("connect-timeout=300ms");
        PeerProcess peer = bed.peer();
        peer.ask("bind", address);
        peer.kill();
        assertThrows(NoListenerException.class, () -> Ipc.connect(address));
    }

    @Test
    default void aClientConnectsAndSendsBeforeItIsAccepted(TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        try (Endpoint endpoint = Ipc.bind(bed.address());
                Channel client = Ipc.connect(endpoint.address())) {
            client.send(new byte[] {1});
            Channel server = bed.accept(endpoint);
            Traffic.same("the early message", new byte[] {1}, Receiving.RECEIVE.take(server));
        }
    }

    @Test
    default void anAcceptWithATimeoutReturnsNullIfNobodyComes(TestBed bed) throws Exception {
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            assertNull(endpoint.accept(Duration.ZERO), "who came at once");
            long start = System.nanoTime();
            assertNull(endpoint.accept(Duration.ofMillis(300)), "who came");
            assertTrue(Deadline.since(start).toMillis() >= 250, "it waited");
            try (Channel client = Ipc.connect(endpoint.address())) {
                assertNotNull(bed.accept(endpoint));
                assertTrue(client.isOpen());
            }
        }
    }

    @Test
    default void severalThreadsAcceptEachClientOnce(TestBed bed) throws Exception {
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            Task<?>[] acceptors = new Task<?>[4];
            for (int i = 0; i < acceptors.length; i++) {
                acceptors[i] = bed.start(i % 2 == 0 ? Threads.PLATFORM : Threads.VIRTUAL, () -> {
                    for (int n = 0; n < 5; n++) {
                        Channel server = bed.accept(endpoint);
                        server.send(Receiving.RECEIVE.take(server));
                    }
                    return null;
                });
            }
            for (int i = 0; i < 20; i++) {
                Channel client = bed.own(Ipc.connect(endpoint.address()));
                client.send(new byte[] {(byte) i});
                Traffic.same("the echo", new byte[] {(byte) i}, Receiving.RECEIVE.take(client));
            }
            for (Task<?> acceptor : acceptors) {
                acceptor.get();
            }
        }
    }
}
