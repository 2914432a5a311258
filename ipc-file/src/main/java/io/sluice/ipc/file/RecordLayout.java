package io.sluice.ipc.file;

import org.agrona.concurrent.AtomicBuffer;

/// A record of a segment; all numbers are little-endian, records begin at multiples of 8.
///
/// ```
///   byte  0             4               8                16
///         +-------------+---------------+----------------+----------------------------+
///         | state int32 | check   int32 | time     int64 | body, 0 up to a multiple   |
///         |             |               |                | of 8                       |
///         +-------------+---------------+----------------+----------------------------+
///         \__ the word: one int64 _____/
///
///   state, its bits   31..30  kind                         29..0  length
///                     0       nothing yet: the word is 0   0
///                     1       a record                     of the body
///                     2       claimed                      of the body that is to come
///                     3       filler                       of what follows the word; it has no time
///
///   check             of a record: CRC32C of all that follows the word, exclusive-or salt(position, state)
///                     of a claim:  the number of the appender who is writing it
///                     of a filler: salt(position, state), exclusive-or its reason: 1 the segment ends here,
///                                  2 abandoned by its appender, 3 lost, and sealed by whoever recovered the journal
/// ```
///
/// `salt(position, state)` is the upper half of `(position + 1) * 0x9E3779B97F4A7C15 + state * 0xD6E8FEB86659FD93`, with
/// the state taken as unsigned and everything modulo 2^64. So a record that is whole, but at a place where it was not
/// written, is as wrong as one that is damaged; and so is a length.
///
/// A record takes `align8(16 + length)` bytes, a filler `align8(8 + length)`. A claim becomes a record by one store of
/// its word, or a filler of the same size; nothing else ever changes.
final class RecordLayout {
    static final int ALIGNMENT = 8;
    static final int WORD_LENGTH = 8;
    static final int TIME_OFFSET = 8;
    static final int BODY_OFFSET = 16;

    static final int RECORD = 1;
    static final int CLAIMED = 2;
    static final int FILLER = 3;

    static final int END = 1;
    static final int ABANDONED = 2;
    static final int LOST = 3;

    static final int MAX_LENGTH = (1 << 30) - 1;

    private static final int KIND_SHIFT = 30;
    private static final long POSITION_FACTOR = 0x9E37_79B9_7F4A_7C15L;
    private static final long STATE_FACTOR = 0xD6E8_FEB8_6659_FD93L;

    private RecordLayout() {}

    static int align(int length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /// What a record with a body of that length takes.
    static int span(int length) {
        return align(BODY_OFFSET + length);
    }

    static int state(int kind, int length) {
        return kind << KIND_SHIFT | length;
    }

    static long word(int state, int check) {
        return (long) check << Integer.SIZE | Integer.toUnsignedLong(state);
    }

    static int state(long word) {
        return (int) word;
    }

    static int check(long word) {
        return (int) (word >>> Integer.SIZE);
    }

    static int kind(long word) {
        return (int) word >>> KIND_SHIFT;
    }

    static int length(long word) {
        return (int) word & MAX_LENGTH;
    }

    static int salt(long position, int state) {
        return (int) ((position + 1) * POSITION_FACTOR + Integer.toUnsignedLong(state) * STATE_FACTOR >>> Integer.SIZE);
    }

    static long claim(int length, int owner) {
        return word(state(CLAIMED, length), owner);
    }

    static long filler(long position, int span, int reason) {
        int state = state(FILLER, span - WORD_LENGTH);
        return word(state, salt(position, state) ^ reason);
    }

    /// Why a filler is there; 0 if the word is none that anybody wrote at that position.
    static int reason(long word, long position) {
        int reason = check(word) ^ salt(position, state(word));
        return kind(word) == FILLER && reason >= END && reason <= LOST ? reason : 0;
    }

    /// How many bytes a word other than 0 stands for.
    ///
    /// @param room how many there are
    /// @return a multiple of 8; 0 if the word cannot be right
    static int span(long word, long position, int room) {
        int span =
                switch (kind(word)) {
                    case RECORD, CLAIMED -> span(length(word));
                    case FILLER -> reason(word, position) == 0 ? 0 : align(WORD_LENGTH + length(word));
                    default -> 0;
                };
        return span <= room ? span : 0;
    }

    /// Reads a word: what it stands for can be read after that, since its writer stored it last (release).
    static long word(AtomicBuffer buffer, int offset) {
        return buffer.getLongAcquire(offset);
    }
}
