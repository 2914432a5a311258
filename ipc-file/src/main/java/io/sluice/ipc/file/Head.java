package io.sluice.ipc.file;

import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.os.DiskFile;
import io.sluice.ipc.os.Futex;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;

/// The head of a journal, mapped; see [HeadLayout].
final class Head implements AutoCloseable {
    private static final int AWAKE = 0;
    private static final int ASLEEP = 1;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final SegmentBuffer buffer;
    private final boolean writable;

    private Head(DiskFile file, Folder folder, boolean writable) {
        this.writable = writable;
        boolean sound = false;
        try {
            if (file.length() != HeadLayout.LENGTH) {
                throw new HandshakeException(
                        folder.head() + " cannot be used: it has " + file.length() + " bytes, and not "
                                + HeadLayout.LENGTH);
            }
            memory = file.map(HeadLayout.LENGTH, arena);
            buffer = SegmentBuffer.of(memory);
            String fault = HeadLayout.fault(buffer);
            if (fault != null) {
                throw new HandshakeException(folder.head() + " cannot be used: " + fault);
            }
            sound = true;
        } finally {
            if (!sound) {
                arena.close();
            }
        }
    }

    static Head open(Folder folder, boolean writable) throws NoSuchFileException {
        try (DiskFile file = DiskFile.open(folder.head(), writable ? DiskFile.Access.WRITE : DiskFile.Access.READ)) {
            return new Head(file, folder, writable);
        }
    }

    /// Makes the head of a new journal, under upkeep: whole, or not at all.
    static void create(Folder folder, int segmentLength, long created) throws NoSuchFileException {
        Folder.delete(Folder.draft(folder.head()));
        try (DiskFile file = DiskFile.open(Folder.draft(folder.head()), DiskFile.Access.CREATE);
                Arena arena = Arena.ofConfined()) {
            file.reserve(HeadLayout.LENGTH);
            SegmentBuffer buffer = SegmentBuffer.of(file.map(HeadLayout.LENGTH, arena));
            HeadLayout.initialise(buffer, segmentLength, created);
            file.flush();
        }
        Folder.publish(folder.head());
        DiskFile.syncDirectory(folder.path());
    }

    int segmentLength() {
        return HeadLayout.segmentLength(buffer);
    }

    long created() {
        return HeadLayout.created(buffer);
    }

    /// A number that no appending process of this journal has had; never 0.
    int nextAppender() {
        int appender;
        do {
            appender = (int) (buffer.getAndAddLong(HeadLayout.APPENDERS_OFFSET, 1) + 1);
        } while (appender == 0);
        return appender;
    }

    /// How many numbers were given to appenders.
    long appenders() {
        return buffer.getLongVolatile(HeadLayout.APPENDERS_OFFSET);
    }

    long boot() {
        return buffer.getLongVolatile(HeadLayout.BOOT_OFFSET);
    }

    void boot(long boot) {
        buffer.putLongVolatile(HeadLayout.BOOT_OFFSET, boot);
    }

    /// The number of the newest segment, which is there unless it was deleted; -1 if there never was one. Acquire: it is
    /// raised when the segment has its name.
    long newest() {
        return buffer.getLongAcquire(HeadLayout.NEWEST_OFFSET) - 1;
    }

    void raiseNewest(long number) {
        raise(HeadLayout.NEWEST_OFFSET, number + 1);
    }

    long lastTime() {
        return buffer.getLongAcquire(HeadLayout.LAST_TIME_OFFSET);
    }

    /// The time of a record that is about to be claimed: the clock's, or that of the latest record if the clock has
    /// jumped back.
    ///
    /// Times do not decrease along the journal, because a claim at some place is made after this was called, and this is
    /// called after the claim before that place was seen, and that one's maker had raised the word before.
    long timeOf(long clock) {
        long last = lastTime();
        return clock <= last ? last : raise(HeadLayout.LAST_TIME_OFFSET, clock);
    }

    long flushesBegun() {
        return buffer.getLongVolatile(HeadLayout.FLUSHES_BEGUN_OFFSET);
    }

    long beginFlush() {
        return buffer.getAndAddLong(HeadLayout.FLUSHES_BEGUN_OFFSET, 1) + 1;
    }

    long flushesDone() {
        return buffer.getLongVolatile(HeadLayout.FLUSHES_DONE_OFFSET);
    }

    void endFlush(long number) {
        raise(HeadLayout.FLUSHES_DONE_OFFSET, number);
    }

    /// Raises a word that never falls.
    ///
    /// @return what it holds then
    private long raise(int offset, long value) {
        long seen = buffer.getLongVolatile(offset);
        while (seen < value) {
            long found = buffer.compareAndExchangeLong(offset, seen, value);
            if (found == seen) {
                return value;
            }
            seen = found;
        }
        return seen;
    }

    /// Whether [#sleep] works: not for those who may not write, nor without futexes.
    boolean canSleep() {
        return writable && Futex.isSupported();
    }

    /// Says that a tailer is about to sleep. Volatile, as are the load in [#wake()], the store that publishes a record, and
    /// the tailer's next look for one: of the two, at least one sees the other's.
    void announceSleep() {
        buffer.putIntVolatile(HeadLayout.SLEEPERS_OFFSET, ASLEEP);
    }

    /// Sleeps until somebody is woken, the time is over, the thread is interrupted, or for no reason.
    void sleep(long nanos) {
        Futex.await(memory, HeadLayout.SLEEPERS_OFFSET, ASLEEP, AWAKE, nanos);
    }

    /// Wakes all who sleep, in any process; one load if nobody does.
    void wake() {
        if (buffer.getIntVolatile(HeadLayout.SLEEPERS_OFFSET) != AWAKE
                && buffer.getAndSetInt(HeadLayout.SLEEPERS_OFFSET, AWAKE) != AWAKE
                && Futex.isSupported()) {
            Futex.wake(memory, HeadLayout.SLEEPERS_OFFSET, Integer.MAX_VALUE);
        }
    }

    /// Nobody may be inside any more.
    @Override
    public void close() {
        arena.close();
    }
}
