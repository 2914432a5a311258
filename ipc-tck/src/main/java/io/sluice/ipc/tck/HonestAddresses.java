package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.spi.Option;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Line 8 and section 2: what is wrong with an address is said in words that help; what is right is told truly.
interface HonestAddresses extends Line {
    /// What is refused both when bound and when connected to, and says all of this.
    private static void assertRefused(Address address, String... words) {
        String[] messages = {
            assertThrows(InvalidAddressException.class, () -> Ipc.bind(address)).getMessage(),
            assertThrows(InvalidAddressException.class, () -> Ipc.connect(address)).getMessage()
        };
        for (String message : messages) {
            for (String word : words) {
                assertTrue(message.contains(word), () -> "'" + word + "' is missing in: " + message);
            }
        }
    }

    @Test
    default void anUnknownOptionIsRefusedAndTheKnownOnesAreNamed(TestBed bed) {
        Address address = bed.address();
        assertRefused(address.with("no-such-option", "1"), address.withoutOptions(), "no-such-option");
        for (Option<?> known : TestBed.options(address)) {
            assertRefused(address.with("no-such-option", "1"), known.name());
        }
    }

    @Test
    default void aMalformedValueIsRefusedAndWhatIsValidIsNamed(TestBed bed) {
        Address address = bed.address();
        for (Option<?> option : TestBed.options(address)) {
            if (!(option.defaultValue() instanceof String)) {
                assertRefused(
                        address.with(option.name(), "no!"), address.withoutOptions(), option.name(), option.accepts());
            }
        }
    }

    @Test
    default void everyOptionIsDescribed(TestBed bed) {
        Set<String> names = new HashSet<>();
        for (Option<?> option : TestBed.options(bed.address())) {
            assertTrue(names.add(option.name()), () -> option.name() + " is there twice");
            assertTrue(option.name().matches("[a-z][a-z0-9-]*"), option::name);
            assertTrue(!option.description().isBlank() && !option.accepts().isBlank(), option::name);
        }
    }

    @Test
    default void theAddressOfAnEndpointIsOneToConnectTo(TestBed bed) throws Exception {
        try (Endpoint endpoint = Ipc.bind(bed.address());
                Channel client = Ipc.connect(Address.parse(endpoint.address().toString()))) {
            Channel server = bed.accept(endpoint);
            assertEquals(endpoint.address().withoutOptions(), client.address().withoutOptions());
            assertEquals(endpoint.address().withoutOptions(), server.address().withoutOptions());
        }
    }

    @Test
    default void theAddressOfAChannelIsTheOneItWasOpenedOn(TestBed bed) throws Exception {
        Address bound = bed.address("max-message=9000");
        try (Pair pair = bed.open(bound)) {
            assertEquals("9000", pair.client().address().options().get("max-message"));
            assertEquals("9000", pair.server().address().options().get("max-message"));
            assertEquals("9000", pair.endpoint().address().options().get("max-message"));
        }
    }
}
