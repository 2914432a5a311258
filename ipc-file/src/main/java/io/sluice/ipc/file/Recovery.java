package io.sluice.ipc.file;

import io.sluice.ipc.os.DiskFile;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/// Looks through the newest segment before a process appends to it, under upkeep, and repairs what is provably nobody's.
///
/// The death of a process leaves claims. Each names its appender; if that one's lock is free, it is dead, and its claim is
/// given up: it becomes a filler. All else is in order, because the kernel keeps the memory of a file.
///
/// The death of the machine, or a copy that was cut off, can leave anything: pages reach the disk in any order. It shows
/// in the boot id of the head, or in the length of the segment. Then the whole segment is checked, unless another
/// appender lives, who has done it. Garbage behind the last sound record is a torn tail: it is cut, that is zeroed. Garbage
/// *before* a sound record is sealed with a filler that readers report. A record whose checksum holds is never deleted.
final class Recovery {
    private static final int PAGE = 4096;

    private final Folder folder;
    private final Head head;
    private final Locks locks;
    private final OpenSegments openSegments;
    private final List<Damage> found = new ArrayList<>();

    Recovery(Folder folder, Head head, Locks locks, OpenSegments openSegments) {
        this.folder = folder;
        this.head = head;
        this.locks = locks;
        this.openSegments = openSegments;
    }

    /// Repairs the newest segment.
    ///
    /// @return what was lost or given up
    List<Damage> run(long number) throws NoSuchFileException {
        long boot = Boot.id();
        boolean whole = false;
        if (!locks.hasOthers()) {
            try (DiskFile file = DiskFile.open(folder.segment(number), DiskFile.Access.WRITE)) {
                whole = head.boot() != boot || file.length() < head.segmentLength()
                        || head.isStreamed() != !head.isMapped();
                if (whole) {
                    head.boot(0); // if this process dies before it is done, the next one begins anew
                    if (head.isMapped()) {
                        file.reserve(head.segmentLength());
                    } else {
                        file.resize(head.segmentLength());
                    }
                }
            }
        }
        Segment segment = openSegments.acquire(number);
        try {
            Walk walk = new Walk(segment, new Checksum(), head);
            head.timeOf(SegmentLayout.time(walk.buffer));
            if (whole) {
                if (head.isMapped()) {
                    segment.isReserved();
                }
                check(walk);
                segment.flush();
                head.streamed(!head.isMapped());
                head.boot(boot);
            } else {
                giveUp(walk);
            }
        } finally {
            openSegments.release(segment);
        }
        return found;
    }

    /// After the death of a process.
    private void giveUp(Walk walk) {
        int offset = walk.last();
        while (offset < walk.end()) {
            long word = walk.word(offset);
            int span = walk.span(word, offset);
            if (span == 0) {
                return; // the tail; or damage, which readers report
            }
            if (RecordLayout.kind(word) == RecordLayout.CLAIMED && !locks.isAlive(RecordLayout.check(word))) {
                abandon(walk, offset, word, span);
            }
            walk.segment.index(offset, offset + span);
            offset += span;
        }
    }

    private void abandon(Walk walk, int offset, long word, int span) {
        long position = walk.position(offset);
        // It may have been published after it was read, and before its maker died.
        if (walk.segment.compareAndSet(
                offset, word, RecordLayout.filler(position, span, RecordLayout.ABANDONED))) {
            found.add(new Damage(position, position + span, "abandoned: its appender died while it wrote it"));
        }
    }

    /// After the death of the machine.
    private void check(Walk walk) {
        int first = SegmentLayout.records(walk.end());
        for (int block = 0; block <= SegmentLayout.block(walk.end() - 1); block++) {
            SegmentLayout.forget(walk.buffer, block);
        }
        int offset = first;
        while (offset < walk.end()) {
            long word = walk.word(offset);
            int span = walk.span(word, offset);
            int next = offset + span;
            if (span == 0 || RecordLayout.kind(word) == RecordLayout.CLAIMED) {
                next = sealOrCut(walk, offset, word, span);
            } else if (RecordLayout.kind(word) == RecordLayout.RECORD) {
                if (walk.holds(word, offset)) {
                    head.timeOf(walk.buffer.getLong(offset + RecordLayout.TIME_OFFSET));
                } else if (walk.sound(offset + RecordLayout.ALIGNMENT) == walk.end()) {
                    next = cut(walk, offset);
                } else if (walk.behindDamage(offset) != next) {
                    next = sealOrCut(walk, offset, word, span);
                } // else: damaged, and as long as it says; readers report it
            }
            if (next == 0) {
                return;
            }
            walk.segment.index(offset, next);
            offset = next;
        }
    }

    /// A place at which no record is: seals it up to the next sound one, or cuts it off if there is none.
    ///
    /// @return where the next is; 0 if it was cut off
    private int sealOrCut(Walk walk, int offset, long word, int span) {
        int next = walk.sound(offset + RecordLayout.ALIGNMENT);
        if (next == walk.end()) {
            return cut(walk, offset);
        }
        long position = walk.position(offset);
        if (span != 0 && next == offset + span && RecordLayout.kind(word) == RecordLayout.CLAIMED) {
            abandon(walk, offset, word, span);
            return next;
        }
        walk.segment.put(offset, RecordLayout.filler(position, next - offset, RecordLayout.LOST));
        found.add(new Damage(position, walk.position(next), "lost: it never reached the disk, or was damaged there"));
        return next;
    }

    /// Zeroes what is behind the last sound record; what is zero already is only read.
    private int cut(Walk walk, int offset) {
        int torn = 0;
        for (int page = offset; page < walk.end(); page = (page / PAGE + 1) * PAGE) {
            int end = Math.min((page / PAGE + 1) * PAGE, walk.end());
            int last = end;
            while (last > page && walk.segment.peek(last - RecordLayout.ALIGNMENT) == 0) {
                last -= RecordLayout.ALIGNMENT;
            }
            if (last > page) {
                walk.segment.zero(page, last - page);
                torn = last;
            }
        }
        if (torn != 0) {
            found.add(new Damage(walk.position(offset), walk.position(torn), "torn: the tail was cut here"));
        }
        return 0;
    }
}
