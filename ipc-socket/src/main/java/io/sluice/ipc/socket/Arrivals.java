package io.sluice.ipc.socket;

/// Which of a peer's messages have come: none is taken twice, and those that are missing are counted.
///
/// A window of [#WIDTH] numbers behind the highest one, as a ring of bits (RFC 6479). What is older than the window cannot be told
/// from a repetition, and is left out. Used by one thread at a time; anybody may read the count.
final class Arrivals {
    /// By how many messages one may be late.
    static final int WIDTH = 1_024;

    /// One word more than the window needs: that of the highest number is cleared as a whole.
    private static final int WORDS = WIDTH / Long.SIZE * 2;
    private static final int MASK = WORDS - 1;

    private final long[] seen = new long[WORDS];
    private final long before;
    private volatile long highest;
    private volatile long taken;

    /// @param before how many messages were sent before this side began to listen
    Arrivals(long before) {
        this.before = before;
        this.highest = before;
    }

    /// Whether a message is to be taken: it has not come before, as far as is known.
    ///
    /// @param number from 1
    boolean isNew(long number) {
        long top = highest;
        if (number > top) {
            return true;
        }
        return number > before && top - number < WIDTH && (seen[word(number)] & bit(number)) == 0;
    }

    /// Notes that a message was taken.
    void take(long number) {
        if (number > highest) {
            advance(number);
        }
        seen[word(number)] |= bit(number);
        long count = taken + 1; // one thread writes
        taken = count;
    }

    /// Notes that the message taken last is lost after all.
    void lose() {
        long count = taken - 1;
        taken = count;
    }

    /// Notes that the peer has sent so many messages.
    void sent(long messages) {
        if (messages > highest) {
            advance(messages);
        }
    }

    private void advance(long number) {
        long from = highest >> 6;
        long to = number >> 6;
        for (long word = Math.max(from + 1, to - WORDS + 1); word <= to; word++) {
            seen[(int) word & MASK] = 0;
        }
        highest = number;
    }

    private static int word(long number) {
        return (int) (number >> 6) & MASK;
    }

    private static long bit(long number) {
        return 1L << number;
    }

    /// How many messages are missing now; one that is late is no longer missing when it comes.
    long lost() {
        long count = taken; // before the highest, which never falls behind it
        return highest - before - count;
    }
}
