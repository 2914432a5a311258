package io.sluice.ipc.file;

import java.nio.file.NoSuchFileException;

/// Finds places in a journal: segments by their numbers and times, places in a segment by its index, and the rest, a
/// block at most, by walking.
final class Seek {
    /// A place where a record begins, or might.
    record Place(long segment, int offset) {}

    private Seek() {}

    /// The first place at an offset or behind it, or the end of the chain if that comes first.
    static int offset(Walk walk, int target) {
        int offset = walk.before(target);
        while (offset < target && offset < walk.end()) {
            long word = walk.word(offset);
            int span = walk.span(word, offset);
            if (word == 0 || RecordLayout.kind(word) == RecordLayout.CLAIMED && target >= walk.end()) {
                return offset;
            }
            boolean doubtful = span == 0 || RecordLayout.kind(word) == RecordLayout.RECORD && !walk.holds(word, offset);
            int next = doubtful ? walk.behindDamage(offset) : offset + span;
            if (doubtful && next == walk.end() && target < walk.end()) {
                return offset; // nothing sound is behind it, yet
            }
            offset = next;
        }
        return offset;
    }

    /// The first record that is not earlier than a time: in the last segment that was begun before that time, or at the
    /// beginning of the next one.
    static Place time(Journal journal, Checksum checksum, long time) {
        while (true) {
            long[] numbers = journal.folder().segments();
            try {
                int low = 0;
                int high = numbers.length - 1;
                while (low < high) {
                    int middle = (low + high + 1) >>> 1;
                    if (begun(journal, numbers[middle]) < time) {
                        low = middle;
                    } else {
                        high = middle - 1;
                    }
                }
                Segment segment = journal.openSegments().acquire(numbers[low]);
                try {
                    return new Place(numbers[low], offset(new Walk(segment, checksum, journal.head()), time));
                } finally {
                    journal.openSegments().release(segment);
                }
            } catch (NoSuchFileException e) {
                // Deleted meanwhile: look anew.
            }
        }
    }

    private static long begun(Journal journal, long number) throws NoSuchFileException {
        Segment segment = journal.openSegments().acquire(number);
        try {
            return SegmentLayout.time(segment.buffer);
        } finally {
            journal.openSegments().release(segment);
        }
    }

    /// By bisection of the index. A block of which nothing certain is known counts as late: the walk begins earlier then,
    /// and comes to the same end.
    private static int offset(Walk walk, long time) {
        int low = 0;
        int high = SegmentLayout.block(walk.end() - 1);
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            int index = walk.segment.index(middle);
            boolean early = index > 0
                    && index < walk.end()
                    && walk.holds(walk.word(index), index)
                    && timeAt(walk, index) < time;
            if (early) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        int index = walk.segment.index(low);
        int offset = index > 0 ? index : SegmentLayout.records(walk.segment.segmentLength());
        while (offset < walk.end()) {
            long word = walk.word(offset);
            if (walk.holds(word, offset)) {
                if (timeAt(walk, offset) >= time) {
                    return offset;
                }
                offset += walk.span(word, offset);
            } else if (word == 0 || RecordLayout.kind(word) == RecordLayout.CLAIMED) {
                return offset; // the end, or what is being written now
            } else {
                int span = walk.span(word, offset);
                offset = span != 0 && RecordLayout.kind(word) == RecordLayout.FILLER
                        ? offset + span
                        : walk.behindDamage(offset);
            }
        }
        return walk.end();
    }

    private static long timeAt(Walk walk, int offset) {
        return walk.buffer.getLong(offset + RecordLayout.TIME_OFFSET);
    }
}
