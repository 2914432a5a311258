package io.sluice.ipc.file;

import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.os.DiskFile;
import io.sluice.ipc.spi.Quantities;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;

/// Makes new segments and deletes old ones, under upkeep.
final class Segments {
    private final Folder folder;
    private final Head head;
    private final Locks locks;
    private final OpenSegments openSegments;
    private final Readers readers;
    private final JournalOptions options;

    Segments(Folder folder, Head head, Locks locks, OpenSegments openSegments, Readers readers,
            JournalOptions options) {
        this.folder = folder;
        this.head = head;
        this.locks = locks;
        this.openSegments = openSegments;
        this.readers = readers;
        this.options = options;
    }

    /// The newest segment, for an appender that has reached the end of another one; made if there is none behind it.
    ///
    /// @throws io.sluice.ipc.NoSpaceException if it does not fit; nothing is changed, and it may be tried again
    Segment behind(long number) {
        while (true) {
            if (head.newest() <= number) {
                locks.upkeep(() -> {
                    if (head.newest() <= number) {
                        begin(number);
                    }
                });
                head.wake();
            }
            try {
                return openSegments.acquire(head.newest());
            } catch (NoSuchFileException e) {
                if (!Files.isDirectory(folder.path())) {
                    throw new SystemCallException(folder.path() + ": the journal was deleted", e);
                }
                // Deleted by retention, so there is a newer one by now.
                locks.upkeep(() -> {
                    if (!Files.exists(folder.segment(head.newest()))) {
                        begin(head.newest());
                    }
                });
            }
        }
    }

    private void begin(long before) {
        try {
            if (!(options.sync() instanceof Sync.None)) {
                flush(before);
            }
            create(before + 1);
            if (!options.retention().isForever()) {
                prune();
            }
        } catch (NoSuchFileException e) {
            throw new SystemCallException(folder.path() + ": the journal was deleted", e);
        }
    }

    private void flush(long number) {
        try {
            Segment segment = openSegments.acquire(number);
            try {
                segment.flush();
            } finally {
                openSegments.release(segment);
            }
        } catch (NoSuchFileException e) {
            // Deleted.
        }
    }

    /// Makes a segment: whole, or not at all. Under upkeep.
    void create(long number) throws NoSuchFileException {
        var path = folder.segment(number);
        var draft = Folder.draft(path);
        if (!Files.exists(path)) { // else its maker died before it could say so
            Folder.delete(draft);
            boolean made = false;
            try (DiskFile file = DiskFile.open(draft, DiskFile.Access.CREATE)) {
                Segment.create(file, head, number, head.timeOf(options.clock().millis()));
                if (!(options.sync() instanceof Sync.None)) {
                    file.flush();
                }
                made = true;
            } finally {
                if (!made) {
                    Folder.delete(draft);
                }
            }
            Folder.publish(path);
            if (!(options.sync() instanceof Sync.None)) {
                DiskFile.syncDirectory(folder.path());
            }
        }
        head.raiseNewest(number);
    }

    /// Deletes what is not to be kept. Under upkeep.
    ///
    /// @return how many segments
    int prune() {
        Retention retention = options.retention();
        long[] numbers = folder.segments();
        long unread = retention.unread() ? readers.slowest() : Long.MAX_VALUE;
        boolean readDeletes = retention.unread() && !retention.isLimited() && unread != Long.MAX_VALUE;
        int deleted = 0;
        for (int i = 0; i < numbers.length - 1; i++) {
            long end = (numbers[i] + 1) * head.segmentLength();
            boolean tooMuch = (numbers.length - i) * (long) head.segmentLength() > retention.bytes();
            if (end > unread || !(readDeletes || tooMuch || isTooOld(numbers[i + 1], retention))) {
                break;
            }
            Folder.delete(folder.segment(numbers[i]));
            deleted++;
        }
        return deleted;
    }

    /// Deletes the segments that end before a position, but not the newest. Under upkeep.
    int prune(long before) {
        long[] numbers = folder.segments();
        long[] old = Arrays.stream(numbers)
                .limit(Math.max(0, numbers.length - 1))
                .filter(number -> (number + 1) * head.segmentLength() <= before)
                .toArray();
        for (long number : old) {
            Folder.delete(folder.segment(number));
        }
        return old.length;
    }

    /// Whether all records before a segment are too old: they are as old as its beginning at least.
    private boolean isTooOld(long number, Retention retention) {
        if (retention.age().equals(Quantities.FOREVER)) {
            return false;
        }
        try {
            Segment segment = openSegments.acquire(number);
            try {
                return SegmentLayout.time(segment.buffer) < options.clock().millis() - retention.age().toMillis();
            } finally {
                openSegments.release(segment);
            }
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
