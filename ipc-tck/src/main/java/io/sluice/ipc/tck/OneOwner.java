package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// Line 6: a bound address refuses a second bind, and is free again when its owner closes it or is gone.
interface OneOwner extends Line {
    /// A client of the endpoint is heard.
    private static void works(TestBed bed, Endpoint endpoint) throws InterruptedException {
        Pair pair = bed.connect(endpoint);
        pair.client().send(new byte[] {1, 2, 3});
        Traffic.same("the client's", new byte[] {1, 2, 3}, Receiving.RECEIVE.take(pair.server()));
        pair.client().close();
        pair.server().close();
    }

    @Test
    default void aSecondBindIsRefusedAndTheFirstGoesOn(TestBed bed) throws Exception {
        try (Endpoint first = Ipc.bind(bed.address())) {
            Address address = first.address();
            for (int i = 0; i < 3; i++) {
                AddressInUseException refused = assertThrows(AddressInUseException.class, () -> Ipc.bind(address));
                assertTrue(refused.getMessage().contains(address.withoutOptions()), refused::getMessage);
            }
            works(bed, first);
        }
    }

    @Test
    default void aSecondBindIsRefusedAcrossProcesses(TestBed bed) throws Exception {
        bed.assumePromised(Capability.CROSS_PROCESS);
        PeerProcess peer = bed.peer();
        try (Endpoint ours = Ipc.bind(bed.address())) {
            String refused = peer.askInVain("bind " + ours.address());
            assertTrue(refused.startsWith("AddressInUseException"), refused);
            works(bed, ours);
        }
        Address theirs = bed.address();
        peer.ask("bind", theirs);
        assertThrows(AddressInUseException.class, () -> Ipc.bind(theirs));
        peer.ask("unbind");
        try (Endpoint ours = Ipc.bind(theirs)) {
            works(bed, ours);
        }
    }

    @Test
    default void ofManyBindsAtOnceOneWins(TestBed bed) throws Exception {
        for (int round = 0; round < 10; round++) {
            Address address = bed.address();
            CountDownLatch start = new CountDownLatch(1);
            List<Task<Endpoint>> binds = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                binds.add(bed.start(() -> {
                    start.await();
                    return Ipc.bind(address);
                }));
            }
            start.countDown();
            List<Endpoint> winners = new ArrayList<>();
            for (Task<Endpoint> bind : binds) {
                try {
                    winners.add(bed.own(bind.get()));
                } catch (AddressInUseException e) {
                    assertTrue(e.getMessage().contains(address.withoutOptions()), e::getMessage);
                }
            }
            assertEquals(1, winners.size(), "endpoints at one address");
            works(bed, winners.getFirst());
            winners.getFirst().close();
        }
    }

    @Test
    default void aClosedEndpointsAddressIsFreeAtOnceThoughItsChannelsGoOn(TestBed bed) throws Exception {
        Endpoint endpoint = bed.own(Ipc.bind(bed.address()));
        Address address = endpoint.address();
        for (int i = 0; i < 10; i++) {
            Pair old = bed.connect(endpoint);
            endpoint.close();
            endpoint = bed.own(Ipc.bind(address));
            works(bed, endpoint);
            old.client().send(new byte[] {9});
            Traffic.same("on the old channel", new byte[] {9}, Receiving.RECEIVE.take(old.server()));
        }
    }

    @Test
    default void aKilledOwnersAddressIsFreeAtOnce(TestBed bed) throws Exception {
        bed.assumePromised(Capability.CROSS_PROCESS);
        Address address = bed.address();
        for (int i = 0; i < 3; i++) {
            try (PeerProcess owner = PeerProcess.take()) {
                owner.ask("bind", address);
                Channel client = bed.own(Ipc.connect(address));
                owner.ask("accept");
                client.send(new byte[] {1});
                owner.kill();
            }
            try (Endpoint ours = Ipc.bind(address)) {
                works(bed, ours);
            }
        }
    }
}
