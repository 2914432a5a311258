package io.sluice.ipc.file;

import io.sluice.ipc.Claim;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.SegmentBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// Appends records to a [Journal]. For one thread at a time: each takes its own, and all append at once, in this and in
/// other processes. [#close()] may be called by any thread.
///
/// Appending blocks when a new segment is to be made, for as long as that takes, and until the record is on disk where
/// [Sync#every()] was chosen; never for a reader, and never for an appender that was killed or stopped. An interrupt
/// changes nothing. Nothing is allocated.
///
/// ## The algorithm
///
/// All appenders follow the chain of records to its end, the first word that is 0, and compare-and-set it from 0 to a
/// claim that says how long the record will be and who writes it. Whoever succeeds writes the time, the body and the
/// check, and then stores the word of a record; whoever does not goes on behind it. So the claim is the only thing that
/// appenders contend for, and nobody depends on what becomes of it but readers, who wait there for the record, or for the
/// proof that its appender is dead.
///
/// Other ways were weighed. A kernel lock for each record costs two system calls, some 600 ns. A lock in shared memory,
/// kept by one process until another asks for it, is as fast as this for one appender, but one that is *stopped* holds up
/// all. A counter of claimed bytes, as in Aeron's log buffers, takes one `fetch-add`, but what is claimed has no length
/// until its owner writes it: after the owner's death nobody knows where the next record begins.
public final class Appender implements AutoCloseable {
    /// An appender that comes from one milestone to the next in less than that time is a fast one.
    private static final int MILESTONE = 1 << 20;
    private static final long MILESTONE_NANOS = 50_000_000;

    private final Journal journal;
    private final Head head;
    private final int own;
    private final boolean flushes;
    private final Gate gate;
    private final Checksum checksum = new Checksum();
    private final Claimed claim = new Claimed();

    // The segment that it is in, and where the chain was seen to end, or to go on.
    private Walk walk;
    private SegmentBuffer buffer;
    private int offset;

    // Where it looks next whether it is fast, and when it did last.
    private int milestone;
    private long passed = System.nanoTime();

    // The claim under way.
    private int claimedOffset;
    private int claimedLength;
    private long position = -1;

    Appender(Journal journal) {
        this.journal = journal;
        this.head = journal.head();
        this.own = journal.locks().own();
        this.flushes = journal.options().sync() instanceof Sync.Every;
        this.gate = new Gate(journal.path() + ": the appender");
        enter(journal.segments().behind(head.newest() - 1), 0);
        offset = walk.last();
        milestone = offset + MILESTONE;
    }

    private void enter(Segment segment, int at) {
        walk = new Walk(segment, checksum, head);
        buffer = segment.buffer;
        offset = at;
        milestone = 0;
    }

    /// Appends a record.
    ///
    /// @param source holds it
    /// @param from where it begins in the source, in bytes
    /// @param length its length in bytes; may be 0
    /// @return its position
    /// @throws MessageTooLargeException if it is longer than [Journal#maxLength()]
    /// @throws io.sluice.ipc.NoSpaceException if a new segment does not fit; nothing was appended, and it may be tried
    ///     again
    /// @throws io.sluice.ipc.SystemCallException if the disk fails; with [Sync#every()] the record was appended then, but
    ///     may not be on disk
    /// @throws io.sluice.ipc.ClosedException if this or the journal is closed
    public long append(DirectBuffer source, int from, int length) {
        source.boundsCheck(from, length);
        gate.enter();
        try {
            int body = claim(length);
            buffer.putBytes(body, source, from, length);
            return publish();
        } finally {
            leave();
        }
    }

    /// Appends a record; see [#append(DirectBuffer, int, int)].
    ///
    /// @param source holds it
    /// @param from where it begins in the source
    /// @param length its length in bytes; may be 0
    /// @return its position
    public long append(byte[] source, int from, int length) {
        Objects.checkFromIndexSize(from, length, source.length);
        gate.enter();
        try {
            int body = claim(length);
            buffer.putBytes(body, source, from, length);
            return publish();
        } finally {
            leave();
        }
    }

    /// Appends a record; see [#append(DirectBuffer, int, int)].
    ///
    /// @param source all of it
    /// @return its position
    public long append(byte[] source) {
        return append(source, 0, source.length);
    }

    /// Appends a record; see [#append(DirectBuffer, int, int)].
    ///
    /// @param source what remains of it; its position is moved to its limit
    /// @return its position
    public long append(ByteBuffer source) {
        gate.enter();
        try {
            int length = source.remaining();
            int body = claim(length);
            buffer.putBytes(body, source, length);
            return publish();
        } finally {
            leave();
        }
    }

    /// Appends a record; see [#append(DirectBuffer, int, int)].
    ///
    /// @param source all of it
    /// @return its position
    public long append(MemorySegment source) {
        if (source.byteSize() > journal.maxLength()) {
            throw tooLarge(source.byteSize());
        }
        gate.enter();
        try {
            int body = claim((int) source.byteSize());
            MemorySegment.copy(
                    source, ValueLayout.JAVA_BYTE, 0, buffer.segment(), ValueLayout.JAVA_BYTE, body, source.byteSize());
            return publish();
        } finally {
            leave();
        }
    }

    /// Claims room for a record that is written in place. Readers come to it and wait there until it is committed or
    /// aborted, so that should be soon; other appenders go on behind it.
    ///
    /// @param length of the record in bytes
    /// @return the room, an object that is used again; its `commit` blocks as [#append] does, and [#position()] is then
    ///     the record's. It belongs to the calling thread
    /// @throws MessageTooLargeException if it is longer than [Journal#maxLength()]
    /// @throws io.sluice.ipc.NoSpaceException if a new segment does not fit
    /// @throws io.sluice.ipc.ClosedException if this or the journal is closed
    public Claim claimRecord(int length) {
        gate.enter();
        boolean claimed = false;
        try {
            claim(length);
            claimed = true;
            return claim;
        } finally {
            if (!claimed) {
                leave();
            }
        }
    }

    /// The position of the record that this has appended last.
    ///
    /// @return -1 if it has appended none
    public long position() {
        return position;
    }

    private MessageTooLargeException tooLarge(long length) {
        return new MessageTooLargeException(journal.path() + ": a record of " + length + " bytes; its segments take "
                + journal.maxLength() + " at most; create the journal with longer ones");
    }

    /// Takes the next place for a record.
    ///
    /// @return where its body begins
    private int claim(int length) {
        if (length < 0 || length > journal.maxLength()) {
            throw tooLarge(length);
        }
        int span = RecordLayout.span(length);
        long time;
        do {
            seekEnd(span);
            time = head.timeOf(journal.options().clock().millis());
            // Volatile: who sees the claim also sees that the time was raised, see Head.timeOf.
        } while (!walk.segment.compareAndSet(offset, 0, RecordLayout.claim(length, own)));
        claimedOffset = offset;
        claimedLength = length;
        offset += span;
        buffer.putLong(claimedOffset + RecordLayout.TIME_OFFSET, time);
        walk.segment.index(claimedOffset, offset);
        return claimedOffset + RecordLayout.BODY_OFFSET;
    }

    /// Follows the chain to its end, and into the next segment if there is too little room in this one.
    private void seekEnd(int span) {
        while (true) {
            if (offset == walk.end()) {
                nextSegment();
                continue;
            }
            long word = walk.word(offset);
            if (word == 0) {
                int room = walk.end() - offset;
                walk.segment.reserve(offset + Math.min(span, room));
                if (span <= room) {
                    if (offset >= milestone) {
                        passMilestone();
                    }
                    return;
                }
                if (walk.segment.compareAndSet(
                        offset, 0, RecordLayout.filler(walk.position(offset), room, RecordLayout.END))) {
                    offset = walk.end();
                }
                continue;
            }
            int index = walk.segment.index(
                    Math.min(SegmentLayout.block(offset) + 1, SegmentLayout.block(walk.end() - 1)));
            if (index > offset && index < walk.end()) {
                offset = index; // much was appended since; no need to follow all of it
                continue;
            }
            int skip = walk.span(word, offset);
            offset = skip != 0 ? offset + skip : walk.behindDamage(offset);
        }
    }

    /// Has the pages ahead prepared, if this appender is so fast that it is worth a thread.
    private void passMilestone() {
        long now = System.nanoTime();
        if (now - passed < MILESTONE_NANOS) {
            journal.passing(walk.position(offset));
        }
        milestone = offset + MILESTONE;
        passed = now;
    }

    private void nextSegment() {
        Segment next = journal.segments().behind(walk.segment.number);
        Segment old = walk.segment;
        enter(next, SegmentLayout.records(next.segmentLength()));
        journal.openSegments().release(old);
    }

    /// Makes the claim a record.
    private long publish() {
        int state = RecordLayout.state(RecordLayout.RECORD, claimedLength);
        int at = claimedOffset;
        int check = walk.check(at, state);
        walk.segment.publish(at, RecordLayout.span(claimedLength), RecordLayout.word(state, check));
        claimedOffset = 0;
        position = walk.position(at);
        head.wake();
        if (flushes) {
            journal.flusher().await(walk.segment);
        } else {
            journal.appended();
        }
        return position;
    }

    /// Lets go, and gives up what was claimed and not published.
    private void leave() {
        try {
            if (claimedOffset != 0) {
                int span = RecordLayout.span(claimedLength);
                walk.segment.put(
                        claimedOffset,
                        RecordLayout.filler(walk.position(claimedOffset), span, RecordLayout.ABANDONED));
                claimedOffset = 0;
            }
        } finally {
            gate.leave();
        }
    }

    /// Lets the journal go; waits for an append or a claim that is under way. A second time does nothing.
    @Override
    public void close() {
        if (gate.close(() -> {})) {
            journal.openSegments().release(walk.segment);
            journal.forget(this);
        }
    }

    /// The one claim of this appender.
    private final class Claimed implements Claim {
        @Override
        public MutableDirectBuffer buffer() {
            return buffer;
        }

        @Override
        public int offset() {
            return claimedOffset + RecordLayout.BODY_OFFSET;
        }

        @Override
        public int length() {
            return claimedLength;
        }

        @Override
        public void commit() {
            check();
            try {
                publish();
            } finally {
                leave();
            }
        }

        @Override
        public void abort() {
            check();
            leave();
        }

        private void check() {
            if (claimedOffset == 0) {
                throw new IllegalStateException("the claim was committed or aborted before");
            }
        }
    }
}
