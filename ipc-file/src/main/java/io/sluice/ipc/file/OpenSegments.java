package io.sluice.ipc.file;

import io.sluice.ipc.os.DiskFile;
import java.lang.foreign.Arena;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.Map;

/// The segments that a process has open. A mapped one is there once, from the first user to the last; a streamed one is each
/// user's own. Closing is at once and not left to the garbage collector, so that a deleted segment gives its room back when
/// its last reader moves on.
final class OpenSegments {
    private final Folder folder;
    private final Head head;
    private final int segmentLength;
    private final boolean writable;
    private final Map<Long, Segment> open = new HashMap<>();

    OpenSegments(Folder folder, Head head, boolean writable) {
        this.folder = folder;
        this.head = head;
        this.segmentLength = head.segmentLength();
        this.writable = writable;
    }

    /// Opens a segment, or joins those who have.
    ///
    /// @throws NoSuchFileException if there is no such segment, or no more
    /// @throws io.sluice.ipc.HandshakeException if it is not what it should be
    synchronized Segment acquire(long number) throws NoSuchFileException {
        Segment segment = open.get(number);
        if (segment == null || segment.end() < segmentLength && segment.hasGrown()) {
            segment = open(number);
            if (!segment.isStreamed()) {
                open.put(number, segment);
            }
        }
        segment.users++;
        return segment;
    }

    private Segment open(long number) throws NoSuchFileException {
        DiskFile file =
                DiskFile.open(folder.segment(number), writable ? DiskFile.Access.WRITE : DiskFile.Access.READ);
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try {
            long length = Math.min(file.length(), segmentLength) & -RecordLayout.ALIGNMENT;
            if (length < SegmentLayout.records(segmentLength)) {
                throw folder.unreadable(number, "it ends in its head, after " + length + " bytes");
            }
            Segment segment = Segment.open(number, head, file, length, arena);
            String fault = SegmentLayout.fault(segment.buffer, segmentLength, number);
            if (fault != null) {
                throw folder.unreadable(number, fault);
            }
            opened = true;
            return segment;
        } finally {
            if (!opened) {
                arena.close();
                file.close();
            }
        }
    }

    /// Ends one use; nobody who used it touches its memory any more.
    synchronized void release(Segment segment) {
        if (--segment.users == 0) {
            open.remove(segment.number, segment);
            segment.close();
        }
    }
}
