package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void nothingIsLeftOutOfEmptyMapsAndLists() {
        assertEquals("{}", Json.write(Map.of()));
        assertEquals("[]", Json.write(List.of()));
        assertEquals("[\n  1,\n  2.5\n]", Json.write(List.of(1, 2.5)));
    }

    @Test
    void whatWouldEndAStringIsEscaped() {
        assertEquals("\"a\\\"b\\\\c\\u000ad é\"", Json.write("a\"b\\c\nd é"));
    }

    @Test
    void whatJsonHasNoWordForIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Json.write(Double.NaN));
    }
}
