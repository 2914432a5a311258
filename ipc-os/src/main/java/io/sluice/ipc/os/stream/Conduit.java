package io.sluice.ipc.os.stream;

import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.stream.ByteStream;
import java.lang.foreign.MemorySegment;

/// What carries the bytes of a [PolledStream] both ways, and the descriptors that tell when.
///
/// One thread at a time reads, one at a time writes; any thread may close. Reads and writes do not block and allocate
/// nothing; they answer as those of a [ByteStream].
public interface Conduit extends AutoCloseable {
    /// Reads what is there.
    ///
    /// @param to native memory
    /// @param offset where in it, in bytes
    /// @param length how much at most, in bytes, more than 0
    /// @return how many bytes, [ByteStream#WOULD_BLOCK], [ByteStream#END] or [ByteStream#CLOSED]
    int read(MemorySegment to, long offset, int length);

    /// Writes what fits.
    ///
    /// @param from native memory
    /// @param offset where in it, in bytes
    /// @param length how much at most, in bytes, more than 0
    /// @return how many bytes, [ByteStream#WOULD_BLOCK], [ByteStream#END] or [ByteStream#CLOSED]
    int write(MemorySegment from, long offset, int length);

    /// How much of what was written the peer has not taken yet.
    ///
    /// @return bytes, 0 if that cannot be told
    int unread();

    /// The descriptor that can be read from when [#read] finds something.
    ///
    /// @return it, or null if nothing comes in
    Descriptor input();

    /// The descriptor that is ready for [#outputEvents()] when [#write] finds room.
    ///
    /// @return it, or null if nothing goes out
    Descriptor output();

    /// What the output is ready for then.
    ///
    /// @return [io.sluice.ipc.os.PollSet#OUT] or [io.sluice.ipc.os.PollSet#IN]
    int outputEvents();

    /// The descriptor whose other end is gone when the peer is; what it can be read for means nothing.
    ///
    /// @return it, or null if the input tells
    Descriptor life();

    /// Has it hold so many bytes more, if the system lets it.
    ///
    /// @param bytes how many
    void makeRoom(int bytes);

    /// Ends what goes out: the peer reads what was written, then the end.
    void closeOutput();

    /// Ends both ways. Closing twice does nothing.
    @Override
    void close();
}
