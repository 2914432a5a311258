package io.sluice.ipc.cli;

import java.util.Arrays;
import java.util.SplittableRandom;

/// The messages of the demo. Both sides know the seed, so each knows every byte that must arrive.
///
/// Message number *i* is a piece of one block of random bytes; where the piece starts and how long it is depend on *i*,
/// so that a message that is shifted, torn, repeated, or out of order differs from the one that is due.
final class Payload {
    /// The largest message, in bytes.
    static final int MAX_LENGTH = 1 << 20;

    private static final int STARTS = 1 << 16;
    private static final int MAX_BITS = 20;

    private final byte[] block = new byte[MAX_LENGTH + STARTS];
    private final long seed;

    Payload(long seed) {
        this.seed = seed;
        new SplittableRandom(seed).nextBytes(block);
    }

    /// The block that all messages are pieces of.
    byte[] block() {
        return block;
    }

    /// Where a message starts in the block.
    int start(long index) {
        return (int) (index * 40_503 & STARTS - 1); // odd: 65,536 messages in a row all start elsewhere
    }

    /// The length of a message of mixed size: the first is empty, the second as large as can be, and the others are
    /// evenly spread over the orders of magnitude between.
    int mixedLength(long index) {
        if (index < 2) {
            return index == 0 ? 0 : MAX_LENGTH;
        }
        double bits = MAX_BITS * new SplittableRandom(seed + index).nextDouble();
        return (int) Math.pow(2, bits);
    }

    /// Checks a message that arrived.
    ///
    /// @throws FailedException if it is not, byte for byte, the one that is due
    void check(long index, int due, byte[] message) {
        int start = start(index);
        int mismatch = Arrays.mismatch(message, 0, message.length, block, start, start + due);
        if (mismatch < 0) {
            return;
        }
        if (message.length != due) {
            throw new FailedException("message " + index + " is " + message.length + " bytes long instead of " + due);
        }
        throw new FailedException("message " + index + " of " + due + " bytes is wrong at byte " + mismatch);
    }
}
