package io.sluice.ipc.file;

import io.sluice.ipc.spi.Quantities;
import java.time.Duration;

/// Which segments are deleted: whole ones, the oldest first, never the newest; whenever a new one is begun, and by
/// [Journal#prune()].
///
/// @param age a segment is too old when its last record is older than this
/// @param bytes segments are too many when together they are longer than this
/// @param unread whether to keep what the slowest named reader has still to read, even if it is too old or too much;
///     where neither age nor bytes is limited, what all of them have read is deleted. A named reader that nobody reads
///     with any more keeps everything: [Journal#forget]
public record Retention(Duration age, long bytes, boolean unread) {
    /// Deletes nothing.
    public static final Retention FOREVER = new Retention(Quantities.FOREVER, Long.MAX_VALUE, false);

    /// Limits the age.
    ///
    /// @param limit of a record's age
    /// @return the same otherwise
    public Retention withAge(Duration limit) {
        return new Retention(limit, bytes, unread);
    }

    /// Limits the size.
    ///
    /// @param limit in bytes, of all segments
    /// @return the same otherwise
    public Retention withBytes(long limit) {
        return new Retention(age, limit, unread);
    }

    /// Keeps what a named reader has still to read.
    ///
    /// @return the same otherwise
    public Retention withUnread() {
        return new Retention(age, bytes, true);
    }

    boolean isForever() {
        return equals(FOREVER);
    }

    boolean isLimited() {
        return !age.equals(Quantities.FOREVER) || bytes != Long.MAX_VALUE;
    }
}
