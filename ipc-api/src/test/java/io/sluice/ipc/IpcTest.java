package io.sluice.ipc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// From a text to a transport, and what is said when it cannot be.
class IpcTest {
    private static final String PROPERTY = "ipc.ipctest.orders";

    @AfterEach
    void forget() {
        System.clearProperty(PROPERTY);
    }

    private static String refused(String text) {
        return assertThrows(InvalidAddressException.class, () -> Ipc.bind(text)).getMessage();
    }

    @Test
    void anAddressStandsForItself() {
        assertEquals(Address.parse("shm:orders?wait=spin"), Ipc.resolve("shm:orders?wait=spin"));
    }

    @Test
    void aNameStandsForTheConfiguredAddress() {
        System.setProperty(PROPERTY, " inproc:orders?wait=block ");
        assertEquals("inproc:orders?wait=block", Ipc.resolve("ipctest.orders").toString());
    }

    @Test
    void optionsAfterANameAreAddedToThoseConfiguredOrReplaceThem() {
        System.setProperty(PROPERTY, "inproc:orders?wait=block&capacity=8k");
        assertEquals(
                "inproc:orders?capacity=8k&max-message=1k&wait=spin",
                Ipc.resolve("ipctest.orders?wait=spin&max-message=1k").toString());
    }

    @Test
    void aConfiguredNameSwitchesTransportsWithoutACodeChange() throws Exception {
        System.setProperty(PROPERTY, "inproc:" + UUID.randomUUID());
        try (Endpoint endpoint = Ipc.bind("ipctest.orders");
                Channel client = Ipc.connect("ipctest.orders?wait=block");
                Channel server = endpoint.accept()) {
            client.send(new byte[3]);
            assertEquals(3, server.receive().length());
        }
    }

    @Test
    void aNameThatIsNotConfiguredIsToldWhereItIsLookedFor() {
        String message = refused("ipctest.orders");
        for (String place : new String[] {"ipc.ipctest.orders", "IPC_IPCTEST_ORDERS", "ipc.properties"}) {
            assertTrue(message.contains(place), message);
        }
    }

    @Test
    void aNameThatIsConfiguredAsAnotherNameIsRefused() {
        System.setProperty(PROPERTY, "orders");
        String message = refused("ipctest.orders");
        assertTrue(message.contains("'orders'") && message.contains("scheme"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ".orders", "or ders", "orders/eu", "Shm:orders", "\u00fcber", "-x"})
    void whatIsNeitherAnAddressNorANameIsRefused(String text) {
        String message = refused(text);
        assertTrue(message.startsWith("'" + text + "'"), message);
    }

    @ParameterizedTest
    @CsvSource({
        "shm:x, ipc-shm",
        "stdio:, ipc-pipe",
        "pipe:x, ipc-pipe",
        "tcp://h:1, ipc-socket",
        "tls://h:1, ipc-socket",
        "udp://h:1, ipc-socket",
        "unix:x, ipc-socket",
        "file:x, ipc-file",
        "mq:x, ipc-mq",
        "sysv:x, ipc-mq",
        "amqp://h/x, ipc-mq"
    })
    void aMissingTransportIsNamedAsTheDependencyToAdd(String address, String artifact) {
        String message = refused(address);
        assertTrue(message.startsWith(address + ": "), message);
        assertTrue(message.contains("Maven dependency io.sluice:" + artifact), message);
    }

    @Test
    void anUnknownSchemeIsToldTheKnownOnes() {
        String message = refused("carrier:pigeon");
        assertTrue(message.contains("'carrier'") && message.contains("inproc"), message);
        assertFalse(message.contains("Maven"), message);
    }

    @Test
    void anUnknownOptionIsToldTheValidOnes() {
        String message = refused("inproc:x?wiat=spin");
        assertTrue(message.contains("unknown option 'wiat'"), message);
        assertTrue(
                message.endsWith("capacity, connect-timeout, max-message, send-timeout, threads, wait"), message);
    }

    @ParameterizedTest
    @CsvSource({
        "wait=sometimes, 'one of spin, adaptive, block'",
        "wait=SPIN, 'one of spin, adaptive, block'",
        "capacity=1q, a size from 4k to 1g",
        "capacity=1k, a size from 4k to 1g",
        "max-message=0, a size from 1 to 1g",
        "send-timeout=5, 10ms",
        "connect-timeout=soon, 10ms",
        "threads=2, 'one of many, single'"
    })
    void aMalformedValueIsToldWhatIsTaken(String option, String takes) {
        String message = refused("inproc:x?" + option);
        assertTrue(message.startsWith("inproc:x?" + option + ": option " + option + " is malformed"), message);
        assertTrue(message.contains(takes), message);
    }

    @Test
    void servingAnAddressThatIsTakenFreesNothingOfTheOther() throws Exception {
        String address = "inproc:" + UUID.randomUUID();
        try (Endpoint endpoint = Ipc.bind(address)) {
            assertThrows(AddressInUseException.class, () -> Ipc.serve(address, (_, _, _, _) -> true));
            assertThrows(NullPointerException.class, () -> Ipc.serve("inproc:another", null));
            Ipc.bind("inproc:another").close();
            try (Channel client = Ipc.connect(address);
                    Channel server = endpoint.accept()) {
                client.send(new byte[1]);
                assertEquals(1, server.receive().length());
            }
        }
    }
}
