package io.sluice.ipc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
    @Test
    void anAddressIsSchemePlaceAndOptions() {
        Address address = Address.parse("shm:orders?wait=spin&capacity=1m");
        assertEquals("shm", address.scheme());
        assertEquals("orders", address.place());
        assertEquals(List.of("capacity", "wait"), List.copyOf(address.options().keySet()));
        assertEquals("spin", address.options().get("wait"));
        assertEquals("shm:orders", address.withoutOptions());
        assertEquals("shm:orders?capacity=1m&wait=spin", address.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "tcp://127.0.0.1:9000, tcp, //127.0.0.1:9000",
        "file:/var/lib/app/orders, file, /var/lib/app/orders",
        "stdio:, stdio, ''",
        "amqp://user:pw@host/orders, amqp, //user:pw@host/orders",
        "x1:a=b&c, x1, a=b&c"
    })
    void thePlaceIsWhateverStandsBeforeTheOptions(String text, String scheme, String place) {
        Address address = Address.parse(text);
        assertEquals(scheme, address.scheme());
        assertEquals(place, address.place());
        assertEquals(Map.of(), address.options());
        assertEquals(text, address.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "orders", ":orders", "Shm:orders", "1x:orders", "s-m:orders", " shm:orders", "?a=b"})
    void whatHasNoSchemeIsNoAddress(String text) {
        String message =
                assertThrows(InvalidAddressException.class, () -> Address.parse(text)).getMessage();
        assertTrue(message.startsWith("'" + text + "'"), message);
        assertTrue(message.contains("shm:orders"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"shm:x?", "shm:x?a", "shm:x?=1", "shm:x?a=1&", "shm:x?&a=1", "shm:x?a=1&b",
        "shm:x?a=1&&b=2"})
    void anOptionIsNameAndValue(String text) {
        String message =
                assertThrows(InvalidAddressException.class, () -> Address.parse(text)).getMessage();
        assertTrue(message.startsWith(text + ": "), message);
        assertTrue(message.contains("name=value"), message);
    }

    @Test
    void anOptionGivenTwiceIsRefused() {
        String message = assertThrows(InvalidAddressException.class, () -> Address.parse("shm:x?a=1&b=2&a=1"))
                .getMessage();
        assertTrue(message.contains("'a' is given twice"), message);
    }

    @ParameterizedTest
    @CsvSource({"a=, ''", "a=b=c, b=c", "a=b?c, b?c", "a=%26%3f, &?", "a=%C3%BC, \u00fc", "a=\u00fc%25, \u00fc%",
        "a=+, +"})
    void aValueMayHoldAnythingPercentEncoded(String option, String value) {
        assertEquals(value, Address.parse("shm:x?" + option).options().get("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%1", "%g0", "%0g", "a%", "100%", "%%20", "%-1", "%\u00fc\u00fc"})
    void aPercentSignThatEncodesNothingIsRefused(String value) {
        String message = assertThrows(InvalidAddressException.class, () -> Address.parse("shm:x?a=" + value))
                .getMessage();
        assertTrue(message.contains("%25"), message);
    }

    @Test
    void anAddressPrintsAsTextThatParsesToAnEqualOne() {
        long seed = Long.getLong("ipc.seed", ThreadLocalRandom.current().nextLong());
        System.out.println("AddressTest: repeat with -Dipc.seed=" + seed);
        Random random = new Random(seed);
        String alphabet = "aZ09%&?#+= ;:/\\\"'\u00fc\u20ac\t\n";
        for (int round = 0; round < 5_000; round++) {
            Address address = Address.parse("shm:place");
            for (int i = random.nextInt(4); i > 0; i--) {
                StringBuilder value = new StringBuilder();
                for (int c = random.nextInt(8); c > 0; c--) {
                    value.append(alphabet.charAt(random.nextInt(alphabet.length())));
                }
                address = address.with("option" + i, value.toString());
            }
            Address again = Address.parse(address.toString());
            assertEquals(address, again, address.toString());
            assertEquals(address.hashCode(), again.hashCode());
            assertEquals(address.toString(), again.toString());
        }
    }

    @Test
    void changingAnAddressMakesANewOne() {
        Address address = Address.parse("tcp://host:0?a=1");
        assertEquals("tcp://host:0?a=2", address.with("a", "2").toString());
        assertEquals("tcp://host:0?a=1&b=%26", address.with("b", "&").toString());
        assertEquals("tcp://host:99?a=1", address.withPlace("//host:99").toString());
        assertEquals("tcp://host:0?a=1", address.toString());
        assertNotEquals(address, address.with("a", "2"));
        assertNotEquals(address, address.withPlace("x"));
        assertThrows(UnsupportedOperationException.class, () -> address.options().put("c", "3"));
    }
}
