package io.sluice.ipc.tck;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/// A stream of messages that both sides can compute: message *n* has a size and bytes that follow from the seed and *n*
/// alone, so that a receiver knows for each byte what it must be, and a lost, torn, doubled or swapped message shows.
///
/// Sizes are spread evenly over their logarithm. Both ends of the range are inclusive. Immutable.
///
/// @param seed tells one stream from another
/// @param minSize the smallest message in bytes
/// @param maxSize the largest
record Traffic(long seed, int minSize, int maxSize) {
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

    /// Messages of one size.
    static Traffic fixed(long seed, int size) {
        return new Traffic(seed, size, size);
    }

    int size(long index) {
        if (minSize == maxSize) {
            return minSize;
        }
        double low = Math.log(minSize + 1.0);
        double high = Math.log(maxSize + 2.0);
        double even = (mix(seed ^ index * GOLDEN) >>> 11) * 0x1.0p-53;
        return Math.clamp((long) Math.exp(low + even * (high - low)) - 1, minSize, maxSize);
    }

    byte[] message(long index) {
        return bytes(seed, index, size(index));
    }

    /// Bytes that belong to this seed and index, whatever their number.
    static byte[] bytes(long seed, long index, int size) {
        byte[] bytes = new byte[size];
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long state = mix(seed + index * GOLDEN);
        while (buffer.remaining() >= Long.BYTES) {
            buffer.putLong(mix(state));
            state += GOLDEN;
        }
        for (long rest = mix(state); buffer.hasRemaining(); rest >>>= 8) {
            buffer.put((byte) rest);
        }
        return bytes;
    }

    private static long mix(long z) {
        z = (z ^ z >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
        return z ^ z >>> 31;
    }

    /// Fails unless these bytes are the message of that index.
    void check(long index, byte[] actual) {
        same("message " + index, message(index), actual);
    }

    /// Fails unless both are the same, and says at which byte they part.
    static void same(String what, byte[] expected, byte[] actual) {
        if (actual == null) {
            throw new AssertionError(what + ": the end came instead of " + expected.length + " bytes");
        }
        if (actual.length != expected.length) {
            throw new AssertionError(what + ": " + actual.length + " bytes arrived, " + expected.length + " were sent");
        }
        for (int i = 0; i < expected.length; i++) {
            if (actual[i] != expected[i]) {
                throw new AssertionError(what + " of " + expected.length + " bytes differs at byte " + i + ": "
                        + actual[i] + " arrived, " + expected[i] + " was sent");
            }
        }
    }

    static byte[] copy(DirectBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return bytes;
    }

    /// The stream as words of a command to a [TckPeer].
    String words() {
        return seed + " " + minSize + " " + maxSize;
    }
}
