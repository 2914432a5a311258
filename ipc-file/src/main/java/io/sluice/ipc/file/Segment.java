package io.sluice.ipc.file;

import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.os.DiskFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// A segment as this process has it open; see [OpenSegments]. Either mapped, and shared by all appenders and tailers of one
/// [Journal] that are in it; or streamed, and one thread's own.
///
/// It ends where the file ended when it was opened: a file that a crash or a copy has cut short is read that far.
///
/// The file has its full length from the beginning, but pages only as far as appenders have come, and some more. A touch of
/// a mapping that has none could find the disk full, which kills a JVM where it is a write; so whoever appends reserves
/// first, and nobody looks behind [#reserved()]. What is streamed needs none of it: there a full disk is an answer.
final class Segment {
    /// What a new segment has at least, and how much is reserved at once at most.
    private static final int FIRST_EXTENT = 1 << 16;
    private static final int LONGEST_EXTENT = 1 << 21;

    final long number;
    final long base;
    final SegmentBuffer buffer;

    private final Head head;
    private final int segmentLength;
    private final DiskFile file;
    private final Arena arena;
    private final MemorySegment memory;

    /// Null if it is mapped.
    private final SegmentStream stream;

    /// How many use it; guarded by the monitor of [OpenSegments].
    int users;

    private Segment(long number, Head head, DiskFile file, Arena arena, MemorySegment memory, SegmentStream stream) {
        this.number = number;
        this.head = head;
        this.segmentLength = head.segmentLength();
        this.base = number * segmentLength;
        this.file = file;
        this.arena = arena;
        this.memory = memory;
        this.buffer = SegmentBuffer.of(memory);
        this.stream = stream;
    }

    /// Opens a segment.
    ///
    /// @param file it, which is closed with the segment
    /// @param length of what is there
    /// @param arena freed with the segment
    static Segment open(long number, Head head, DiskFile file, long length, Arena arena) {
        if (head.isMapped()) {
            return new Segment(number, head, file, arena, file.map(length, !head.isFlushed(), arena), null);
        }
        MemorySegment memory = DiskFile.takeMemory(length, arena);
        SegmentStream stream = new SegmentStream(file, memory);
        stream.load(0, SegmentLayout.records(head.segmentLength()));
        return new Segment(number, head, file, arena, memory, stream);
    }

    /// Makes a file a segment without records. One that is not the journal's first is given more pages, since it will be used.
    static void create(DiskFile file, Head head, long number, long time) {
        int segmentLength = head.segmentLength();
        int header = SegmentLayout.records(segmentLength);
        int reserved = header;
        file.resize(segmentLength);
        if (head.isMapped()) {
            reserved = Math.min(segmentLength, number == 0 ? header + FIRST_EXTENT & -FIRST_EXTENT : LONGEST_EXTENT);
            if (!reserve(file, head, reserved)) {
                file.reserve(segmentLength); // a file system that cannot do it for a part
                reserved = segmentLength;
            }
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(header, Long.BYTES);
            SegmentBuffer buffer = SegmentBuffer.of(memory);
            SegmentLayout.initialise(buffer, segmentLength, number, time);
            SegmentLayout.raiseReserved(buffer, reserved);
            file.write(memory, 0);
        }
    }

    private static boolean reserve(DiskFile file, Head head, int bytes) {
        if (bytes < LONGEST_EXTENT || head.isFlushed()) {
            return file.reserve(0, bytes);
        }
        try (Arena arena = Arena.ofConfined()) {
            return file.reserveHuge(file.map(head.segmentLength(), true, arena), 0, bytes);
        }
    }

    /// How long the segment is meant to be.
    int segmentLength() {
        return segmentLength;
    }

    /// Where the bytes end.
    int end() {
        return buffer.capacity();
    }

    boolean isStreamed() {
        return stream != null;
    }

    // ---- reading

    /// Where those end that may be touched. The mark of a segment that is full is not needed; one from before a crash of
    /// the machine may be older than the records, and those who stream leave none.
    int reserved() {
        int mark = SegmentLayout.reserved(buffer);
        boolean counts = stream == null
                && mark > 0
                && mark < end()
                && head.newest() <= number
                && head.boot() == Boot.id()
                && !head.isStreamed();
        return counts ? mark : end();
    }

    /// Reads a word: what it stands for can be read after that.
    long word(int offset) {
        return stream == null ? RecordLayout.word(buffer, offset) : stream.word(offset);
    }

    /// Reads a word as it was not long ago.
    long peek(int offset) {
        return stream == null ? RecordLayout.word(buffer, offset) : stream.peek(offset);
    }

    /// Sees to it that a record is in the buffer.
    void cover(int offset, int span) {
        if (stream != null) {
            stream.cover(offset, span);
        }
    }

    /// Reads a record once more.
    ///
    /// @return false if that would change nothing
    boolean reload(int offset, int span) {
        if (stream != null) {
            stream.load(offset, span);
        }
        return stream != null;
    }

    /// Where the first record of a block begins; see [SegmentLayout].
    int index(int block) {
        if (stream != null) {
            stream.load(SegmentLayout.indexOffset(block), Integer.BYTES);
        }
        return SegmentLayout.index(buffer, block);
    }

    /// The bytes for one thread, which may change the position and the limit, for checksums.
    ///
    /// Not of the arena: a checksum over memory that can be closed acquires it first and releases it then, which are two
    /// atomic operations, as long as a small checksum takes. Whoever computes one uses the segment, see [#users], so that it
    /// is mapped; and never hands this on.
    @SuppressWarnings("restricted")
    ByteBuffer bytes() {
        return MemorySegment.ofAddress(memory.address()).reinterpret(memory.byteSize()).asByteBuffer();
    }

    // ---- writing

    /// Sees to it that all before an offset may be touched.
    ///
    /// @throws io.sluice.ipc.NoSpaceException if there is no room; nothing is changed
    void reserve(int upTo) {
        int mark = stream == null ? SegmentLayout.reserved(buffer) : upTo;
        if (upTo > mark) {
            int more = Math.clamp(mark, FIRST_EXTENT, LONGEST_EXTENT);
            int until = (int) Math.min(end(), Math.max(mark + (long) more, upTo) + (more - 1L) & -more);
            boolean done = head.isFlushed()
                    ? file.reserve(mark, until - mark)
                    : file.reserveHuge(memory, mark & -LONGEST_EXTENT, until);
            if (!done) {
                throw new IllegalStateException(file.path() + ": no pages can be reserved any more");
            }
            SegmentLayout.raiseReserved(buffer, until);
        }
    }

    /// Has all before an offset ready to be written to by this process, in the background of those who append.
    ///
    /// @throws io.sluice.ipc.NoSpaceException if there is no room
    void prepare(int upTo) {
        int mark = SegmentLayout.reserved(buffer);
        while (mark < upTo && !head.isFlushed()) {
            reserve(mark + 1);
            int until = SegmentLayout.reserved(buffer);
            file.touch(memory, mark, until);
            mark = until;
        }
    }

    /// Says that all of the file has pages.
    void isReserved() {
        SegmentLayout.raiseReserved(buffer, end());
    }

    /// Replaces a word, if it is the expected one; a full fence.
    boolean compareAndSet(int offset, long expected, long word) {
        return stream == null
                ? buffer.compareAndSetLong(offset, expected, word)
                : stream.compareAndSet(offset, expected, word);
    }

    /// Replaces the word of a claim, after all else of its record was written.
    ///
    /// As a release store it makes the record whole for whoever acquires the word. That it is an exchange, a full fence,
    /// orders it before the look for sleepers, see [Head#announceSleep], and for flushes, see [Flusher].
    void publish(int offset, int span, long word) {
        if (stream == null) {
            buffer.getAndSetLong(offset, word);
        } else {
            stream.store(offset + RecordLayout.WORD_LENGTH, span - RecordLayout.WORD_LENGTH);
            put(offset, word);
        }
    }

    /// Replaces the word of a claim by a filler, or of damage.
    void put(int offset, long word) {
        buffer.putLongRelease(offset, word);
        if (stream != null) {
            stream.store(offset, RecordLayout.WORD_LENGTH);
        }
    }

    /// Zeroes a stretch.
    void zero(int offset, int length) {
        buffer.setMemory(offset, length, (byte) 0);
        if (stream != null) {
            stream.store(offset, length);
        }
    }

    /// Enters a record into the index.
    void index(int begin, int end) {
        SegmentLayout.index(buffer, begin, end);
        int first = SegmentLayout.block(begin) + 1;
        int count = SegmentLayout.block(end) + 1 - first;
        if (stream != null && count > 0 && end < buffer.capacity()) {
            stream.store(SegmentLayout.indexOffset(first), Integer.BYTES * count);
        }
    }

    /// Whether the file is longer than what is open of it.
    boolean hasGrown() {
        return Math.min(file.length() & -RecordLayout.ALIGNMENT, segmentLength) > end();
    }

    void flush() {
        file.flush();
    }

    void close() {
        arena.close();
        file.close();
    }
}
