package io.sluice.ipc.file;

import org.agrona.DirectBuffer;

/// Takes one record out of a [Tailer].
@FunctionalInterface
public interface RecordHandler {
    /// Called once for each record, on the polling thread.
    ///
    /// The buffer is the journal itself: it must not be kept, and is valid only until this method returns. What it
    /// throws passes through the poll; the record counts as read. It must not call the tailer it is called by.
    ///
    /// @param position the record's, for ever; [Tailer#seek] finds it again
    /// @param time when it was appended, in milliseconds since 1970; never decreases from record to record
    /// @param buffer holds the record
    /// @param offset where it begins, in bytes
    /// @param length its length in bytes; may be 0
    void onRecord(long position, long time, DirectBuffer buffer, int offset, int length);
}
