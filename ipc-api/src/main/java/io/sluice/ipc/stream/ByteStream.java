package io.sluice.ipc.stream;

import io.sluice.ipc.Peer;
import java.lang.foreign.MemorySegment;

/// A stream of bytes to a peer and one from it, as a [StreamChannel] uses them.
///
/// One thread at a time reads, one at a time writes, and any thread may close at any time: then reads and writes answer
/// [#CLOSED], and those that wait return. Reading, writing and waiting allocate nothing.
public interface ByteStream {
    /// Nothing to read, or no room to write, now.
    int WOULD_BLOCK = 0;
    /// Nobody writes any more (when reading), or nobody reads any more (when writing).
    int END = -1;
    /// This side has closed it.
    int CLOSED = -2;
    /// Nobody writes any more, and whoever did had more to say: only from streams that tell this from [#END].
    int LOST = -3;
    /// Nobody can tell.
    int UNKNOWN = -1;

    /// Reads what is there; does not block.
    ///
    /// @param to native memory
    /// @param offset where in it, in bytes
    /// @param length how much at most, in bytes, more than 0
    /// @return how many bytes, [#WOULD_BLOCK], [#END], [#LOST] or [#CLOSED]
    /// @throws BrokenStreamException if what came is nothing that may come; then again each time
    int read(MemorySegment to, long offset, int length);

    /// Writes what fits; does not block.
    ///
    /// @param from native memory
    /// @param offset where in it, in bytes
    /// @param length how much at most, in bytes, more than 0
    /// @return how many bytes, [#WOULD_BLOCK], [#END] or [#CLOSED]
    int write(MemorySegment from, long offset, int length);

    /// How much of what was written the peer has not taken yet; by the thread that writes.
    ///
    /// @return bytes, or [#UNKNOWN]
    int unread();

    /// Waits until something can be read or the end has come, [#wakeUp()] was called, or for no reason at all. A virtual
    /// thread leaves its carrier to others.
    ///
    /// @param nanos how long at most, in nanoseconds; `Long.MAX_VALUE` for ever
    /// @throws InterruptedException if the thread is interrupted
    void awaitReadable(long nanos) throws InterruptedException;

    /// Waits until something can be written or nobody reads any more; as [#awaitReadable].
    ///
    /// @param nanos how long at most, in nanoseconds; `Long.MAX_VALUE` for ever
    /// @throws InterruptedException if the thread is interrupted
    void awaitWritable(long nanos) throws InterruptedException;

    /// Ends all waits that are under way, or else the next ones; from any thread.
    void wakeUp();

    /// Runs a task once in the background, when something can be written or nobody reads any more. It must not block.
    ///
    /// @param task what to run
    void whenWritable(Runnable task);

    /// Runs a task once in the background, after some time. It must not block, and there is one at a time.
    ///
    /// @param nanos how long, in nanoseconds
    /// @param task what to run
    void after(long nanos, Runnable task);

    /// Asks the system to take so many bytes more than it would, before this side closes.
    ///
    /// @param bytes how many
    void makeRoom(int bytes);

    /// Who is at the other end.
    ///
    /// @return what the operating system vouches for
    Peer peer();

    /// Ends the stream to the peer, who reads the end after all that was written.
    void closeOutput();

    /// Ends both streams: the one to the peer first. Closing twice does nothing.
    void close();
}
