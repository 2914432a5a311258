package io.sluice.ipc.stream;

import io.sluice.ipc.Peer;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;

/// A stream whose other end is the test: it says what there is to read and how much room there is, and sees each write.
final class MemoryStream implements ByteStream {
    /// What each write took.
    final Deque<Integer> writes = new ArrayDeque<>();
    final ByteArrayOutputStream written = new ByteArrayOutputStream();
    /// How much may still be written.
    int room = Integer.MAX_VALUE;
    /// What the peer has not taken yet, as far as the channel can tell.
    int unread;
    /// How many bytes a read gives at most.
    int pace = Integer.MAX_VALUE;
    /// How many reads found something.
    int reads;
    boolean inputEnded;
    boolean nobodyReads;
    boolean closed;
    Runnable later;
    Runnable whenWritable;
    private byte[] input = new byte[0];
    private int at;

    void give(byte[] bytes) {
        byte[] all = new byte[input.length - at + bytes.length];
        System.arraycopy(input, at, all, 0, input.length - at);
        System.arraycopy(bytes, 0, all, input.length - at, bytes.length);
        input = all;
        at = 0;
    }

    @Override
    public int read(MemorySegment to, long offset, int length) {
        if (closed) {
            return CLOSED;
        }
        int read = Math.min(pace, Math.min(length, input.length - at));
        if (read == 0) {
            return inputEnded ? END : WOULD_BLOCK;
        }
        MemorySegment.copy(input, at, to, ValueLayout.JAVA_BYTE, offset, read);
        at += read;
        reads++;
        return read;
    }

    @Override
    public int write(MemorySegment from, long offset, int length) {
        if (closed) {
            return CLOSED;
        }
        if (nobodyReads) {
            return END;
        }
        int done = Math.min(room, length);
        if (done > 0) {
            written.writeBytes(from.asSlice(offset, done).toArray(ValueLayout.JAVA_BYTE));
            writes.add(done);
            room -= done;
        }
        return done;
    }

    @Override
    public int unread() {
        return unread;
    }

    @Override
    public void awaitReadable(long nanos) throws InterruptedException {
        Thread.sleep(1);
    }

    @Override
    public void awaitWritable(long nanos) throws InterruptedException {
        Thread.sleep(1);
    }

    @Override
    public void wakeUp() {}

    @Override
    public void whenWritable(Runnable task) {
        whenWritable = task;
    }

    @Override
    public void after(long nanos, Runnable task) {
        later = task;
    }

    @Override
    public void makeRoom(int bytes) {}

    @Override
    public Peer peer() {
        return Peer.UNKNOWN;
    }

    @Override
    public void closeOutput() {}

    @Override
    public void close() {
        closed = true;
    }
}
