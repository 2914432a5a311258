package io.sluice.ipc.file;

import io.sluice.ipc.os.ByteLocks;
import io.sluice.ipc.os.DiskFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Reads a segment into memory of this process, and writes it from there, by positioned calls. For one thread.
///
/// What is a record does not change any more, so it is read once. What may change, no word yet or a claim, is read anew each
/// time it is looked at. Who replaces a word holds the lock of the file's first byte for it.
final class SegmentStream {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final int AHEAD = 1 << 16;

    private final DiskFile file;
    private final ByteLocks locks;
    private final MemorySegment memory;

    // What of the memory was read, once.
    private long from;
    private long to;

    SegmentStream(DiskFile file, MemorySegment memory) {
        this.file = file;
        this.locks = new ByteLocks(file);
        this.memory = memory;
    }

    private static boolean isFinal(long word) {
        return word != 0 && RecordLayout.kind(word) != RecordLayout.CLAIMED;
    }

    long peek(int offset) {
        cover(offset, RecordLayout.WORD_LENGTH);
        return memory.get(LONG, offset);
    }

    long word(int offset) {
        long word = peek(offset);
        if (!isFinal(word)) {
            load(offset, RecordLayout.WORD_LENGTH);
            word = memory.get(LONG, offset);
            if (isFinal(word)) {
                load(offset, AHEAD); // what is behind the word was written before it
                word = memory.get(LONG, offset);
            }
        }
        return word;
    }

    void cover(int offset, int length) {
        if (offset < from || offset + length > to) {
            load(offset, Math.max(length, AHEAD));
        }
    }

    void load(int offset, int length) {
        long some = Math.min(length, memory.byteSize() - offset);
        file.read(memory.asSlice(offset, some), offset);
        long end = offset + some;
        boolean joins = offset <= to && end >= from;
        from = joins ? Math.min(from, offset) : offset;
        to = joins ? Math.max(to, end) : end;
    }

    void store(int offset, int length) {
        file.write(memory.asSlice(offset, length), offset);
    }

    boolean compareAndSet(int offset, long expected, long word) {
        StreamedWords.lock(locks, 0);
        try {
            load(offset, RecordLayout.WORD_LENGTH);
            boolean same = memory.get(LONG, offset) == expected;
            if (same) {
                boolean stored = false;
                memory.set(LONG, offset, word);
                try {
                    store(offset, RecordLayout.WORD_LENGTH);
                    stored = true;
                } finally {
                    if (!stored) {
                        memory.set(LONG, offset, expected); // the disk is full: nobody has seen the word, and we have not
                    }
                }
            }
            return same;
        } finally {
            locks.unlock(0);
        }
    }
}
