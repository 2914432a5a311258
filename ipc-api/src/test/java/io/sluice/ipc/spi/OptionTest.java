package io.sluice.ipc.spi;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.InvalidAddressException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptionTest {
    private static final Option<Integer> SIZE = Option.size("size", 64, 16, 4096, "a size");
    private static final Option<Integer> COUNT = Option.count("count", 3, 1, 9, "a count");
    private static final Option<Duration> SPAN = Option.duration("span", Duration.ofSeconds(1), "a span");
    private static final Option<WaitStrategy> WAIT = Option.choice("wait", WaitStrategy.BLOCK, "a choice");
    private static final Option<String> NAME = Option.text("name", "", "a name", "a text");
    private static final List<Option<?>> ALL = List.of(SIZE, COUNT, SPAN, WAIT, NAME);

    @Test
    void whatIsNotGivenIsTheDefault() {
        Address address = Address.parse("x:y");
        assertEquals(64, SIZE.of(address));
        assertEquals(3, COUNT.of(address));
        assertEquals(Duration.ofSeconds(1), SPAN.of(address));
        assertEquals(WaitStrategy.BLOCK, WAIT.of(address));
        assertEquals("", NAME.of(address));
    }

    @Test
    void whatIsGivenIsParsed() {
        Address address = Address.parse("x:y?size=4k&count=9&span=forever&wait=spin&name=a%20b");
        assertDoesNotThrow(() -> Option.check(address, ALL));
        assertEquals(4096, SIZE.of(address));
        assertEquals(9, COUNT.of(address));
        assertEquals(Quantities.FOREVER, SPAN.of(address));
        assertEquals(WaitStrategy.SPIN, WAIT.of(address));
        assertEquals("a b", NAME.of(address));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "size=15", "size=5k", "size=99999999999", "size=", "count=0", "count=10", "count=1k", "count=99999999999",
        "span=1", "wait=never", "wait=", "name=", "name=%20"
    })
    void whatIsMalformedIsRefusedWithWhatIsAccepted(String option) {
        Address address = Address.parse("x:y?" + option);
        String message = assertThrows(InvalidAddressException.class, () -> Option.check(address, ALL))
                .getMessage();
        String name = option.substring(0, option.indexOf('='));
        String accepts = ALL.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow()
                .accepts();
        assertTrue(message.startsWith("x:y?" + name), message);
        assertTrue(message.endsWith("it takes " + accepts), message);
    }

    @Test
    void anUnknownOptionIsRefusedWithTheKnownOnesInOrder() {
        String message = assertThrows(
                InvalidAddressException.class, () -> Option.check(Address.parse("x:y?Size=64"), ALL))
                .getMessage();
        assertEquals("x:y?Size=64: unknown option 'Size'; x: takes count, name, size, span, wait", message);
    }
}
