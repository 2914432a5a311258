package io.sluice.ipc.file;

import java.util.Arrays;

/// Where the records of a stretch begin, so that they can be read backward: a record knows where the next begins, not
/// where the one before does. The stretch is one block of the index as a rule, so that reading backward walks each
/// block forward once. For one thread.
final class BlockStarts {
    private static final int NONE = -1;

    private int[] starts = new int[SegmentLayout.BLOCK_LENGTH / RecordLayout.BODY_OFFSET];
    private int count;
    private int end = NONE;

    void forget() {
        end = NONE;
    }

    /// The last place before an offset where a record, a claim, a filler or damage begins.
    ///
    /// @return -1 if there is none in the segment
    int before(Walk walk, int offset) {
        if (offset != end || count == 0) {
            count = 0;
            load(walk, Math.min(offset, walk.end()));
        }
        end = count == 0 ? NONE : starts[--count];
        return end;
    }

    private void load(Walk walk, int limit) {
        int offset = walk.before(limit - RecordLayout.ALIGNMENT);
        while (offset < limit) {
            long word = walk.word(offset);
            if (word == 0 && walk.sound(offset) >= limit) {
                return;
            }
            if (count == starts.length) {
                starts = Arrays.copyOf(starts, 2 * count);
            }
            starts[count++] = offset;
            int span = walk.span(word, offset);
            boolean doubtful = span == 0 || RecordLayout.kind(word) == RecordLayout.RECORD && !walk.holds(word, offset);
            offset = doubtful ? walk.behindDamage(offset) : offset + span;
        }
    }
}
