package io.sluice.ipc.file;

import java.time.InstantSource;

/// How a process uses a journal.
///
/// @param segmentLength the length of a segment when the journal is created, a power of two from 64 KiB to 1 GiB; a
///     journal that is there keeps its own. A record fits into one segment
/// @param sync when what this process appends is on disk
/// @param retention which segments this process deletes
/// @param readOnly whether the journal is only read; nothing is created or changed then, so the folder may be read-only
/// @param clock the time of records
/// @param io how files are read and written
public record JournalOptions(
        int segmentLength, Sync sync, Retention retention, boolean readOnly, InstantSource clock, Io io) {
    /// 64 MiB segments, [Sync#none()], nothing is deleted, to read and append.
    public static final JournalOptions DEFAULT =
            new JournalOptions(64 << 20, Sync.none(), Retention.FOREVER, false, InstantSource.system(), Io.AUTO);

    /// Checks the length.
    public JournalOptions {
        if (Integer.bitCount(segmentLength) != 1
                || segmentLength < SegmentLayout.MIN_LENGTH
                || segmentLength > SegmentLayout.MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "a segment of " + segmentLength + " bytes; it is a power of two from 64 KiB to 1 GiB");
        }
    }

    /// Sets the length of segments, for a journal that is created.
    ///
    /// @param bytes a power of two from 64 KiB to 1 GiB
    /// @return the same otherwise
    public JournalOptions withSegmentLength(int bytes) {
        return new JournalOptions(bytes, sync, retention, readOnly, clock, io);
    }

    /// Sets when records are on disk.
    ///
    /// @param when the choice
    /// @return the same otherwise
    public JournalOptions withSync(Sync when) {
        return new JournalOptions(segmentLength, when, retention, readOnly, clock, io);
    }

    /// Sets which segments are deleted.
    ///
    /// @param what the choice
    /// @return the same otherwise
    public JournalOptions withRetention(Retention what) {
        return new JournalOptions(segmentLength, sync, what, readOnly, clock, io);
    }

    /// Only reads.
    ///
    /// @return the same otherwise
    public JournalOptions withReadOnly() {
        return new JournalOptions(segmentLength, sync, retention, true, clock, io);
    }

    /// Sets the clock.
    ///
    /// @param source of the time of records
    /// @return the same otherwise
    public JournalOptions withClock(InstantSource source) {
        return new JournalOptions(segmentLength, sync, retention, readOnly, source, io);
    }

    /// Sets how files are read and written.
    ///
    /// @param how the choice
    /// @return the same otherwise
    public JournalOptions withIo(Io how) {
        return new JournalOptions(segmentLength, sync, retention, readOnly, clock, how);
    }

    /// How files are read and written: the same for all who append to a journal at the same time.
    public enum Io {
        /// Mapped on a local file system, and streamed on one that is a file server's or another program's.
        AUTO,
        /// Files are mapped into memory: the fast way, where all processes are on one machine.
        MAPPED,
        /// Files are read and written by positioned calls, with file locks and no mapping: the way for a file server.
        STREAM
    }
}
