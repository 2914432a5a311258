package io.sluice.ipc.file;

import java.nio.ByteBuffer;
import org.agrona.concurrent.AtomicBuffer;

/// From record to record through one mapped segment, also where it is damaged. For one thread.
final class Walk {
    final Segment segment;
    final AtomicBuffer buffer;
    final ByteBuffer bytes;

    private final Checksum checksum;
    private final Head head;

    /// What may be touched, as far as this knows.
    private int limit;

    Walk(Segment segment, Checksum checksum, Head head) {
        this.segment = segment;
        this.buffer = segment.buffer;
        this.bytes = segment.bytes();
        this.checksum = checksum;
        this.head = head;
    }

    int end() {
        return segment.end();
    }

    long position(int offset) {
        return segment.base + offset;
    }

    /// Whether all before an offset may be touched.
    private boolean isThere(int upTo) {
        if (upTo > limit) {
            limit = segment.reserved();
        }
        return upTo <= limit;
    }

    /// What is there; 0 as well where nothing can be yet.
    long word(int offset) {
        return isThere(offset + RecordLayout.WORD_LENGTH) ? segment.word(offset) : 0;
    }

    /// What a word stands for; 0 if it cannot be right, or goes beyond what is there.
    int span(long word, int offset) {
        int span = RecordLayout.span(word, position(offset), end() - offset);
        // Of a filler only the word is there for sure: the last one goes to the segment's end.
        return RecordLayout.kind(word) == RecordLayout.FILLER || isThere(offset + span) ? span : 0;
    }

    boolean holds(long word, int offset) {
        int span = RecordLayout.kind(word) == RecordLayout.RECORD ? span(word, offset) : 0;
        if (span == 0) {
            return false;
        }
        segment.cover(offset, span);
        return checksum.holds(bytes, offset, position(offset), word)
                || segment.reload(offset, span) && checksum.holds(bytes, offset, position(offset), word);
    }

    int check(int offset, int state) {
        return checksum.of(bytes, offset, position(offset), state);
    }

    /// Whether a word is a claim, of an appender that there was.
    boolean isClaim(long word) {
        return RecordLayout.kind(word) == RecordLayout.CLAIMED
                && RecordLayout.check(word) != 0
                && Integer.toUnsignedLong(RecordLayout.check(word)) <= head.appenders();
    }

    private boolean isSound(long word, int offset) {
        return holds(word, offset) || RecordLayout.reason(word, position(offset)) != 0 && span(word, offset) != 0;
    }

    /// Where it goes on behind something that is damaged: at the next place where there is something sound, or a claim to
    /// which its length leads. A length that leads to zeros is not believed: if it is what was damaged, one would wait for
    /// ever at a place where no record will begin.
    ///
    /// @return [#end()] if there is no such place, or not yet
    int behindDamage(int offset) {
        long damaged = word(offset);
        int span = RecordLayout.kind(damaged) == RecordLayout.RECORD ? span(damaged, offset) : 0;
        int next = offset + span;
        int sound = sound(offset + RecordLayout.ALIGNMENT);
        if (span == 0 || next >= sound) {
            return sound;
        }
        long word = word(next);
        return isClaim(word) && span(word, next) != 0 ? next : sound;
    }

    /// The first place from there on at which something sound is.
    ///
    /// @return [#end()] if there is none
    int sound(int from) {
        for (int offset = from; isThere(offset + RecordLayout.WORD_LENGTH); offset += RecordLayout.ALIGNMENT) {
            long word = segment.peek(offset);
            if (word != 0 && isSound(word, offset)) {
                return offset;
            }
        }
        return end();
    }

    /// Where a walk to some place begins: the last record that the index knows at that place or before it.
    int before(int offset) {
        int first = SegmentLayout.records(segment.segmentLength());
        for (int block = SegmentLayout.block(Math.min(offset, segment.segmentLength() - 1)); block > 0; block--) {
            int index = segment.index(block);
            if (index >= first && index <= offset && index % RecordLayout.ALIGNMENT == 0 && index < end()) {
                return index;
            }
        }
        return first;
    }

    /// The last record that the index knows.
    int last() {
        return before(segment.segmentLength());
    }
}
