package io.sluice.ipc.file;

import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.os.DiskFile;
import io.sluice.ipc.os.Futex;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.NoSuchFileException;

/// The head of a journal, mapped; see [HeadLayout].
final class Head implements AutoCloseable {
    private static final int AWAKE = 0;
    private static final int ASLEEP = 1;

    private final Words words;
    private final SegmentBuffer sleepers;
    private final boolean writable;
    private final int segmentLength;
    private final long created;

    private Head(Words words, Folder folder, boolean writable) {
        this.words = words;
        this.writable = writable;
        this.sleepers = SegmentBuffer.of(words.memory());
        SegmentBuffer fixed = new SegmentBuffer(words.bytes(0, HeadLayout.FIXED_LENGTH));
        String fault = HeadLayout.fault(fixed);
        if (fault != null) {
            words.close();
            throw new HandshakeException(folder.head() + " cannot be used: " + fault);
        }
        this.segmentLength = HeadLayout.segmentLength(fixed);
        this.created = HeadLayout.created(fixed);
    }

    static Head open(Folder folder, boolean writable, boolean mapped) throws NoSuchFileException {
        DiskFile file = DiskFile.open(folder.head(), writable ? DiskFile.Access.WRITE : DiskFile.Access.READ);
        boolean open = false;
        try {
            if (file.length() != HeadLayout.LENGTH) {
                throw new HandshakeException(
                        folder.head() + " cannot be used: it has " + file.length() + " bytes, and not "
                                + HeadLayout.LENGTH);
            }
            Words words =
                    mapped ? new MappedWords(file, HeadLayout.LENGTH) : new StreamedWords(file, HeadLayout.LENGTH);
            open = true;
            return new Head(words, folder, writable);
        } finally {
            if (mapped || !open) {
                file.close();
            }
        }
    }

    /// Makes the head of a new journal, under upkeep: whole, or not at all.
    static void create(Folder folder, int segmentLength, long created, boolean streamed, boolean flush)
            throws NoSuchFileException {
        Folder.delete(Folder.draft(folder.head()));
        try (DiskFile file = DiskFile.open(Folder.draft(folder.head()), DiskFile.Access.CREATE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment whole = arena.allocate(HeadLayout.LENGTH, Long.BYTES);
            HeadLayout.initialise(SegmentBuffer.of(whole), segmentLength, created);
            whole.set(ValueLayout.JAVA_LONG, HeadLayout.STREAMED_OFFSET, streamed ? 1 : 0);
            file.write(whole, 0);
            if (flush) {
                file.flush();
            }
        }
        Folder.publish(folder.head());
        if (flush) {
            DiskFile.syncDirectory(folder.path());
        }
    }

    int segmentLength() {
        return segmentLength;
    }

    long created() {
        return created;
    }

    /// Whether the head is mapped, and the segments are.
    boolean isMapped() {
        return words.isMapped();
    }

    /// A number that no appending process of this journal has had; never 0.
    int nextAppender() {
        int appender;
        do {
            appender = (int) (words.getAndIncrement(HeadLayout.APPENDERS_OFFSET) + 1);
        } while (appender == 0);
        return appender;
    }

    /// How many numbers were given to appenders.
    long appenders() {
        return words.get(HeadLayout.APPENDERS_OFFSET);
    }

    long boot() {
        return words.get(HeadLayout.BOOT_OFFSET);
    }

    void boot(long boot) {
        words.put(HeadLayout.BOOT_OFFSET, boot);
    }

    /// Whether whoever appended last has streamed.
    boolean isStreamed() {
        return words.get(HeadLayout.STREAMED_OFFSET) != 0;
    }

    /// Whether whoever appends flushes now and then: then what is flushed should be small, and so the pages.
    boolean isFlushed() {
        return words.get(HeadLayout.FLUSHED_OFFSET) != 0;
    }

    void flushed() {
        words.put(HeadLayout.FLUSHED_OFFSET, 1);
    }

    void streamed(boolean streamed) {
        words.put(HeadLayout.STREAMED_OFFSET, streamed ? 1 : 0);
    }

    /// The number of the newest segment, which is there unless it was deleted; -1 if there never was one. Acquire: it is
    /// raised when the segment has its name.
    long newest() {
        return words.get(HeadLayout.NEWEST_OFFSET) - 1;
    }

    void raiseNewest(long number) {
        words.raise(HeadLayout.NEWEST_OFFSET, number + 1);
    }

    long lastTime() {
        return words.get(HeadLayout.LAST_TIME_OFFSET);
    }

    /// The time of a record that is about to be claimed: the clock's, or that of the latest record if the clock has
    /// jumped back.
    ///
    /// Times do not decrease along the journal, because a claim at some place is made after this was called, and this is
    /// called after the claim before that place was seen, and that one's maker had raised the word before.
    long timeOf(long clock) {
        long last = lastTime();
        return clock <= last ? last : words.raise(HeadLayout.LAST_TIME_OFFSET, clock);
    }

    long flushesBegun() {
        return words.get(HeadLayout.FLUSHES_BEGUN_OFFSET);
    }

    long beginFlush() {
        return words.getAndIncrement(HeadLayout.FLUSHES_BEGUN_OFFSET) + 1;
    }

    long flushesDone() {
        return words.get(HeadLayout.FLUSHES_DONE_OFFSET);
    }

    void endFlush(long number) {
        words.raise(HeadLayout.FLUSHES_DONE_OFFSET, number);
    }

    /// Whether [#sleep] works: not for those who may not write, nor without futexes.
    boolean canSleep() {
        return writable && isMapped() && Futex.isSupported();
    }

    /// Says that a tailer is about to sleep. Volatile, as are the load in [#wake()], the store that publishes a record, and
    /// the tailer's next look for one: of the two, at least one sees the other's.
    void announceSleep() {
        sleepers.putIntVolatile(HeadLayout.SLEEPERS_OFFSET, ASLEEP);
    }

    /// Sleeps until somebody is woken, the time is over, the thread is interrupted, or for no reason.
    void sleep(long nanos) {
        Futex.await(words.memory(), HeadLayout.SLEEPERS_OFFSET, ASLEEP, AWAKE, nanos);
    }

    /// Wakes all who sleep, in any process; one load if nobody does.
    void wake() {
        if (sleepers.getIntVolatile(HeadLayout.SLEEPERS_OFFSET) != AWAKE
                && sleepers.getAndSetInt(HeadLayout.SLEEPERS_OFFSET, AWAKE) != AWAKE
                && Futex.isSupported()) {
            Futex.wake(words.memory(), HeadLayout.SLEEPERS_OFFSET, Integer.MAX_VALUE);
        }
    }

    /// Nobody may be inside any more.
    @Override
    public void close() {
        words.close();
    }
}
