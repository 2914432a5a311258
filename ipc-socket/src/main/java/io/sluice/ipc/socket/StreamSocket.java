package io.sluice.ipc.socket;

import io.sluice.ipc.Peer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/// A stream socket that never blocks. One thread at a time reads, one at a time writes, and any may close it at any time.
interface StreamSocket extends LoopSocket {
    /// Ends a connect that has begun.
    ///
    /// @return whether it is connected; if not, it is not decided yet
    /// @throws IOException if nobody is there
    boolean finishConnect() throws IOException;

    /// As [io.sluice.ipc.stream.ByteStream#read].
    int read(MemorySegment to, long offset, int length);

    /// As [io.sluice.ipc.stream.ByteStream#write].
    int write(MemorySegment from, long offset, int length);

    /// Whether something that a write has taken is still here, because the system had no room for it.
    default boolean hasOutput() {
        return false;
    }

    /// Passes on what writes have taken, as far as there is room; from any thread.
    ///
    /// @return whether nothing is left, or nobody reads it any more
    default boolean flush() {
        return true;
    }

    /// Reads what is there to throw it away, once nobody else reads any more.
    ///
    /// @param scratch native memory to overwrite
    /// @return as a read
    default int discard(MemorySegment scratch) {
        return read(scratch, 0, (int) scratch.byteSize());
    }

    /// Has the system look whether a silent peer is still there.
    void keepAlive(KeepAlive keepAlive) throws IOException;

    /// Where the client of a TCP connection has connected to.
    ///
    /// @param client whether this is the client's end
    /// @return IP address and port
    InetSocketAddress serverAddress(boolean client) throws IOException;

    /// Who is at the other end.
    Peer peer() throws IOException;

    /// Whether closing it while something is unread destroys what is still on its way to the peer; tcp(7).
    boolean resetsUnread();

    /// A platform thread's way of waiting for it, with memory and descriptors of its own.
    ///
    /// @param input for something to read, or else for room to write
    SocketWait newWait(boolean input) throws IOException;

    /// The peer reads the end after all that was written.
    ///
    /// @return false if there is no room to say so; try again when there is
    boolean shutdownOutput();

    /// Closes it. Closing twice does nothing.
    void close();
}
