package io.sluice.ipc.inproc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.ring.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is particular to `inproc:`; the rest is the conformance suite's and the ring's.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InprocTest {
    private final String address = "inproc:" + UUID.randomUUID();

    @Test
    void theNameIsBoundOnceAndFreeAfterTheClose() {
        try (Endpoint _ = Ipc.bind(address)) {
            String message = assertThrows(AddressInUseException.class, () -> Ipc.bind(address + "?capacity=4k"))
                    .getMessage();
            assertTrue(message.startsWith(address + ": "), message);
        }
        Ipc.bind(address).close();
    }

    @Test
    void aNameMustBeThere() {
        assertThrows(InvalidAddressException.class, () -> Ipc.bind("inproc:"));
        assertThrows(InvalidAddressException.class, () -> Ipc.connect("inproc:?connect-timeout=1ms"));
    }

    @Test
    void aCapacityThatIsNoPowerOfTwoNamesItsNeighbours() throws Exception {
        try (Endpoint endpoint = Ipc.bind(address + "?capacity=4k")) {
            String message = assertThrows(InvalidAddressException.class, () -> Ipc.bind("inproc:other?capacity=5000"))
                    .getMessage();
            assertTrue(message.contains("4k") && message.contains("8k"), message);
            Ipc.connect(endpoint.address()).close();
        }
    }

    @Test
    void connectingWaitsForTheBindAndSaysSoIfNoneComes() throws Exception {
        String message = assertThrows(NoListenerException.class, () -> Ipc.connect(address + "?connect-timeout=20ms"))
                .getMessage();
        assertTrue(message.contains("within 20ms"), message);
        FutureTask<Channel> connecting = Eventually.startSleeper(() -> Ipc.connect(address));
        try (Endpoint endpoint = Ipc.bind(address)) {
            Eventually.get(connecting).send(new byte[] {1});
            assertArrayEquals(new byte[] {1}, endpoint.accept().receive().bytes());
        }
    }

    @Test
    void clientsThatNobodyAcceptsWaitAtTheEndOfTheBacklogAndGoOnWhenSomeAre() throws Exception {
        try (Endpoint endpoint = Ipc.bind(address + "?capacity=4k")) {
            List<Channel> channels = new ArrayList<>();
            for (int i = 0; i < 1024; i++) {
                channels.add(Ipc.connect(address));
            }
            assertThrows(NoListenerException.class, () -> Ipc.connect(address + "?connect-timeout=20ms"));
            FutureTask<Channel> late = Eventually.startSleeper(() -> Ipc.connect(address));
            for (int i = 0; i < 600; i++) {
                channels.add(endpoint.accept());
            }
            channels.add(Eventually.get(late));
            channels.forEach(Channel::close);
        }
    }

    @Test
    void theSmallerMaxMessageOfBothSidesCounts() throws Exception {
        try (Endpoint endpoint = Ipc.bind(address + "?max-message=1000");
                Channel client = Ipc.connect(address + "?max-message=500");
                Channel server = endpoint.accept()) {
            assertEquals(500, client.capabilities().maxMessage());
            assertEquals(500, server.capabilities().maxMessage());
        }
    }

    @Test
    void bothEndsMayBeClosedInAnyOrderAndFromEachOthersHandlers() throws Exception {
        try (Endpoint endpoint = Ipc.bind(address)) {
            Channel client = Ipc.connect(address);
            Channel server = endpoint.accept();
            client.send(new byte[1]);
            client.send(new byte[2]);
            int taken = server.poll(
                    (_, _, _) -> {
                        client.close();
                        server.close();
                    },
                    10);
            assertEquals(1, taken);
            assertThrows(ClosedException.class, server::receive);
            assertThrows(ClosedException.class, client::receive);
        }
    }

    @Test
    void aClientOfAnEndpointThatClosesUnacceptedReadsTheEnd() throws Exception {
        Channel client;
        try (Endpoint _ = Ipc.bind(address)) {
            client = Ipc.connect(address);
        }
        assertNull(client.receive(Duration.ofSeconds(20)));
        client.close();
    }
}
