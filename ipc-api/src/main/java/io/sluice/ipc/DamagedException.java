package io.sluice.ipc;

/// A journal has a stretch that cannot be read: its checksum does not hold, or it is no longer there.
///
/// The reader stands still before it, and says so again when it is asked again. To go on behind it, seek to [#end()],
/// or read with damage skipped.
public final class DamagedException extends IpcException {
    private static final long serialVersionUID = 1L;

    private final long position;
    private final long end;

    /// @param message what is damaged, where, and what to do about it
    /// @param position where the stretch begins
    /// @param end where it ends: the next record that can be read is there
    public DamagedException(String message, long position, long end) {
        super(message);
        this.position = position;
        this.end = end;
    }

    /// Where the stretch begins.
    ///
    /// @return a position of the journal
    public long position() {
        return position;
    }

    /// Where the stretch ends.
    ///
    /// @return a position of the journal
    public long end() {
        return end;
    }
}
