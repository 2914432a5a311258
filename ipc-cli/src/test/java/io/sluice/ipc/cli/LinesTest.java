package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LinesTest {
    private static Lines lines(String text, int maxLength) {
        return new Lines(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)), maxLength);
    }

    private static String next(Lines lines) throws IOException {
        byte[] line = lines.next();
        return line == null ? null : new String(line, StandardCharsets.ISO_8859_1);
    }

    @Test
    void aLineIsItsBytesWithoutTheLineFeed() throws IOException {
        Lines lines = lines("one\n\ntwo\r\nthr\u00ff\u0000e", 100);
        assertEquals("one", next(lines));
        assertEquals("", next(lines));
        assertEquals("two\r", next(lines));
        assertEquals("thr\u00ff\u0000e", next(lines));
        assertNull(next(lines));
    }

    @Test
    void aLineMayBeLongerThanTheBuffer() throws IOException {
        String big = "x".repeat(200_000);
        Lines lines = lines(big + "\n" + big, 200_000);
        assertArrayEquals(big.getBytes(StandardCharsets.ISO_8859_1), lines.next());
        assertArrayEquals(big.getBytes(StandardCharsets.ISO_8859_1), lines.next());
    }

    @Test
    void aLineBeyondTheLargestMessageIsRefused() {
        assertThrows(FailedException.class, () -> lines("x".repeat(101), 100).next());
    }
}
