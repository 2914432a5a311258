package io.sluice.ipc.file;

import io.sluice.ipc.SystemCallException;
import java.nio.file.NoSuchFileException;

/// A place in a journal, and its segment, mapped as long as the place is in it. For one thread.
final class Cursor {
    private final Journal journal;
    private final Checksum checksum = new Checksum();
    private final int segmentLength;

    /// The segment.
    Walk walk;

    /// The place in it.
    int offset;

    Cursor(Journal journal) {
        this.journal = journal;
        this.segmentLength = journal.head().segmentLength();
    }

    long segment() {
        return walk.segment.number;
    }

    long position() {
        return walk.position(offset);
    }

    /// Where the first record of a segment begins.
    int first() {
        return SegmentLayout.records(segmentLength);
    }

    /// Whether no newer segment has been begun, so that records may still come in this one.
    boolean isInNewest() {
        return journal.head().newest() <= segment();
    }

    /// Whether the segment's file is shorter than it should be.
    boolean isCut() {
        return walk.end() < segmentLength;
    }

    /// Goes to a place.
    ///
    /// @return false if there is no such segment; then it stays where it is
    boolean enter(long number, int at) {
        try {
            Segment next = journal.openSegments().acquire(number);
            release();
            walk = new Walk(next, checksum, journal.head());
            offset = at;
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /// Maps the segment anew, if its file was too short and has been mended.
    boolean remap() {
        return isCut() && walk.segment.hasGrown() && enter(segment(), offset);
    }

    /// The first segment that is there with that number or a higher one; -1 if there is none.
    long firstFrom(long number) {
        for (long each : journal.folder().segments()) {
            if (each >= number) {
                return each;
            }
        }
        return -1;
    }

    /// The last segment that is there with a lower number than this one; -1 if there is none.
    long lastBefore() {
        long before = -1;
        for (long each : journal.folder().segments()) {
            before = each < segment() ? each : before;
        }
        return before;
    }

    /// Goes to the first record at a position or behind it; to the end if that comes first.
    ///
    /// @return where it is: behind the position, if the segment of that was deleted
    long seek(long position) {
        long wanted = Math.max(position, 0) / segmentLength;
        long number = Math.min(wanted, journal.head().newest());
        int at = number == wanted ? (int) (Math.max(position, 0) % segmentLength) : segmentLength;
        while (!enter(number, first())) {
            number = firstFrom(number);
            at = 0;
            if (number < 0) {
                throw new SystemCallException(journal.path() + ": the journal was deleted");
            }
        }
        offset = Seek.offset(walk, at);
        return position();
    }

    /// Goes to the first record that is not earlier than some time.
    void seekTime(long time) {
        Seek.Place place = Seek.time(journal, checksum, time);
        if (!enter(place.segment(), place.offset())) {
            seek((place.segment() + 1) * segmentLength); // deleted meanwhile
        }
    }

    /// Lets the segment go.
    void release() {
        if (walk != null) {
            journal.openSegments().release(walk.segment);
        }
    }
}
