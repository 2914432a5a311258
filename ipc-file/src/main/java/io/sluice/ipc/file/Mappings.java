package io.sluice.ipc.file;

import io.sluice.ipc.os.DiskFile;
import java.lang.foreign.Arena;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.Map;

/// The segments that a process has mapped: each once, from the first user to the last. Unmapping is at once and not left
/// to the garbage collector, so that a deleted segment gives its room back when its last reader moves on.
final class Mappings {
    private final Folder folder;
    private final int segmentLength;
    private final boolean writable;
    private final Map<Long, Mapping> open = new HashMap<>();

    Mappings(Folder folder, int segmentLength, boolean writable) {
        this.folder = folder;
        this.segmentLength = segmentLength;
        this.writable = writable;
    }

    /// Maps a segment, or joins those who have.
    ///
    /// @throws NoSuchFileException if there is no such segment, or no more
    /// @throws io.sluice.ipc.HandshakeException if it is not what it should be
    synchronized Mapping acquire(long number) throws NoSuchFileException {
        Mapping mapping = open.get(number);
        if (mapping == null || mapping.end() < segmentLength && mapping.hasGrown()) {
            mapping = map(number);
            open.put(number, mapping);
        }
        mapping.users++;
        return mapping;
    }

    private Mapping map(long number) throws NoSuchFileException {
        DiskFile file =
                DiskFile.open(folder.segment(number), writable ? DiskFile.Access.WRITE : DiskFile.Access.READ);
        Arena arena = Arena.ofShared();
        boolean mapped = false;
        try {
            long length = Math.min(file.length(), segmentLength) & -RecordLayout.ALIGNMENT;
            if (length < SegmentLayout.records(segmentLength)) {
                throw folder.unreadable(number, "it ends in its head, after " + length + " bytes");
            }
            Mapping mapping = new Mapping(number, segmentLength, file, arena, file.map(length, arena));
            String fault = SegmentLayout.fault(mapping.buffer, segmentLength, number);
            if (fault != null) {
                throw folder.unreadable(number, fault);
            }
            mapped = true;
            return mapping;
        } finally {
            if (!mapped) {
                arena.close();
                file.close();
            }
        }
    }

    /// Ends one use; nobody who used it touches its memory any more.
    synchronized void release(Mapping mapping) {
        if (--mapping.users == 0) {
            open.remove(mapping.number, mapping);
            mapping.unmap();
        }
    }
}
