package io.sluice.ipc.pipe;

import io.sluice.ipc.Peer;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.PollSet;
import io.sluice.ipc.os.stream.Conduit;
import io.sluice.ipc.os.stream.PolledStream;
import java.lang.foreign.MemorySegment;

/// A pipe to a peer and a pipe from it; one of them may be missing. Their ends tell when they are ready, and when the peer
/// is gone.
final class PipeConduit implements Conduit {
    private static final int MAX_ROOM = 1 << 20;

    private final Descriptor in;
    private final Descriptor out;

    /// @param in the end to read from, or null
    /// @param out the end to write to, or null
    PipeConduit(Descriptor in, Descriptor out) {
        this.in = in;
        this.out = out;
    }

    /// A stream on two pipes.
    ///
    /// @param in the end to read from, or null
    /// @param out the end to write to, or null
    /// @param peer who is at the other end
    static PolledStream stream(Descriptor in, Descriptor out, Peer peer) {
        return new PolledStream(new PipeConduit(in, out), peer);
    }

    @Override
    public int read(MemorySegment to, long offset, int length) {
        return in == null ? Descriptor.WOULD_BLOCK : in.read(to, offset, length);
    }

    @Override
    public int write(MemorySegment from, long offset, int length) {
        return out == null ? Descriptor.END : out.write(from, offset, length);
    }

    @Override
    public int unread() {
        return out == null ? 0 : out.unread();
    }

    @Override
    public Descriptor input() {
        return in;
    }

    @Override
    public Descriptor output() {
        return out;
    }

    @Override
    public int outputEvents() {
        return PollSet.OUT;
    }

    @Override
    public Descriptor life() {
        return null;
    }

    @Override
    public void makeRoom(int bytes) {
        int wanted = out == null ? 0 : out.size() + bytes + (4 << 10);
        if (wanted > 0 && wanted <= MAX_ROOM) {
            out.resize(wanted);
        }
    }

    @Override
    public void closeOutput() {
        if (out != null) {
            out.close();
        }
    }

    /// The peer reads the end before it finds that nobody reads any more, and so knows which of the two it is.
    @Override
    public void close() {
        closeOutput();
        if (in != null) {
            in.close();
        }
    }
}
