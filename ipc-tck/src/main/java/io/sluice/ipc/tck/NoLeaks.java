package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.ipc.Address;
import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.Server;
import org.junit.jupiter.api.Test;

/// Line 9: threads, descriptors, mappings and what else the transport leaves in the system are as before after close,
/// and after a crash of either side.
interface NoLeaks extends Line {
    /// Something that opens and closes.
    @FunctionalInterface
    interface Round {
        void run() throws Exception;
    }

    /// Runs it once for all that stays for good, such as a shared thread, and then that often for all that must not.
    private static void assertNothingStays(TestBed bed, int rounds, Round round) throws Exception {
        round.run();
        Holdings before = Holdings.now(bed);
        for (int i = 0; i < rounds; i++) {
            round.run();
        }
        long deadline = System.nanoTime() + Deadline.GENEROUS.toNanos() / 6;
        String more;
        while (!(more = Holdings.now(bed).beyond(before)).isEmpty()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("after " + rounds + " rounds there is more than before:\n" + more);
            }
            Thread.sleep(10);
        }
    }

    private static void exchange(Pair pair) throws InterruptedException {
        byte[] message = Traffic.bytes(1, 1, Math.min(200_000, pair.client().capabilities().maxMessage()));
        Task<Void> sender = Task.start(Threads.PLATFORM, () -> {
            pair.client().send(message);
            return null;
        });
        Traffic.same("the message", message, Receiving.RECEIVE.take(pair.server()));
        try {
            sender.get();
            sender.thread().join();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    default void nothingStaysOfChannelsThatWereClosed(TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        assertNothingStays(bed, 25, () -> {
            try (Endpoint endpoint = Ipc.bind(bed.address());
                    Channel client = Ipc.connect(endpoint.address());
                    Channel server = endpoint.accept()) {
                exchange(new Pair(endpoint, client, server));
            }
        });
    }

    @Test
    default void nothingStaysOfChannelsThatNobodyAccepted(TestBed bed) throws Exception {
        assertNothingStays(bed, 25, () -> {
            try (Endpoint endpoint = Ipc.bind(bed.address())) {
                Channel client = Ipc.connect(endpoint.address());
                client.offer(new byte[100]);
                client.close();
                Ipc.connect(endpoint.address()).close();
            }
        });
    }

    @Test
    default void nothingStaysAtAnEndpointWhoseClientsCameAndWent(TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            assertNothingStays(bed, 25, () -> {
                try (Channel client = Ipc.connect(endpoint.address());
                        Channel server = endpoint.accept()) {
                    exchange(new Pair(endpoint, client, server));
                }
            });
        }
    }

    @Test
    default void nothingStaysOfServersThatWereClosed(TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        bed.assumePromised(Capability.BIDIRECTIONAL);
        assertNothingStays(bed, 25, () -> {
            try (Server server = Ipc.serve(bed.address(), (channel, bytes, at, size) -> channel.offer(bytes, at, size));
                    Channel client = Ipc.connect(server.address())) {
                client.send(new byte[] {1});
                Traffic.same("the echo", new byte[] {1}, Receiving.RECEIVE.take(client));
            }
        });
    }

    @Test
    default void nothingStaysOfWhatWasRefused(TestBed bed) throws Exception {
        Address nobody = bed.address("connect-timeout=20ms");
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            assertNothingStays(bed, 25, () -> {
                assertThrows(NoListenerException.class, () -> Ipc.connect(nobody));
                assertThrows(AddressInUseException.class, () -> Ipc.bind(endpoint.address()));
            });
        }
    }

    @Test
    default void nothingStaysOfPeersThatWereKilled(TestBed bed) throws Exception {
        bed.assumePromised(Capability.CROSS_PROCESS, Capability.PROVES_DEATH, Capability.RELIABLE);
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            assertNothingStays(bed, 4, () -> {
                try (PeerProcess peer = PeerProcess.take()) {
                    peer.ask("connect", endpoint.address());
                    try (Channel server = endpoint.accept()) {
                        peer.ask("stream " + new Traffic(1, 0, 1_000).words());
                        Traffic.same("the first", new Traffic(1, 0, 1_000).message(0), Receiving.RECEIVE.take(server));
                        peer.kill();
                        assertThrows(PeerLostException.class, () -> {
                            while (server.receive() != null) {
                                Thread.onSpinWait();
                            }
                        });
                    }
                }
            });
        }
    }

    @Test
    default void nothingStaysOfOwnersThatWereKilled(TestBed bed) throws Exception {
        bed.assumePromised(Capability.CROSS_PROCESS, Capability.PROVES_DEATH);
        Address address = bed.address();
        assertNothingStays(bed, 3, () -> {
            try (PeerProcess owner = PeerProcess.take()) {
                owner.ask("bind", address);
                try (Channel client = Ipc.connect(address)) {
                    owner.ask("accept");
                    owner.kill();
                    assertThrows(PeerLostException.class, client::receive);
                }
            }
            Ipc.bind(address).close();
        });
    }
}
