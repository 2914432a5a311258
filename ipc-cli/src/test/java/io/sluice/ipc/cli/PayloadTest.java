package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PayloadTest {
    private final Payload payload = new Payload(42);

    private byte[] message(long index, int length) {
        int start = payload.start(index);
        return Arrays.copyOfRange(payload.block(), start, start + length);
    }

    @Test
    void lengthsGoFromNothingToOneMebibyte() {
        int[] lengths = LongStream.range(0, 10_000).mapToInt(payload::mixedLength).toArray();
        assertEquals(0, lengths[0]);
        assertEquals(1 << 20, lengths[1]);
        assertTrue(Arrays.stream(lengths).allMatch(length -> length >= 0 && length <= 1 << 20));
        assertTrue(Arrays.stream(lengths).filter(length -> length < 1024).count() > 4_000, "half of them are small");
    }

    @Test
    void bothSidesKnowTheSameMessages() {
        Payload other = new Payload(42);
        for (long i = 0; i < 1_000; i++) {
            other.check(i, payload.mixedLength(i), message(i, payload.mixedLength(i)));
        }
    }

    @Test
    void oneWrongBitIsFound() {
        byte[] message = message(7, 1_000);
        message[999] ^= 1;
        FailedException e = assertThrows(FailedException.class, () -> payload.check(7, 1_000, message));
        assertEquals("message 7 of 1000 bytes is wrong at byte 999", e.getMessage());
    }

    @Test
    void aMessageOfAnotherLengthIsFound() {
        FailedException e = assertThrows(FailedException.class, () -> payload.check(7, 10, message(7, 9)));
        assertEquals("message 7 is 9 bytes long instead of 10", e.getMessage());
    }

    @Test
    void aMessageInAnothersPlaceIsFound() {
        for (long other = 0; other < 65_536; other++) {
            byte[] message = message(other, 16);
            if (other != 7) {
                assertThrows(FailedException.class, () -> payload.check(7, 16, message));
            }
        }
    }
}
