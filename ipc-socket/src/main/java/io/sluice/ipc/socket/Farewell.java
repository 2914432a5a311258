package io.sluice.ipc.socket;

import io.netty.util.concurrent.Future;
import io.sluice.ipc.stream.ByteStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What a closed socket still owes its peer: what had been accepted and the system had no room for, and then, over TCP, an end
/// without a reset.
///
/// A TCP socket that is closed with something unread answers with a reset, and so does one at which something arrives
/// later; a reset destroys what is still on its way to the peer. So this side's output is ended, and what comes is thrown away until the
/// peer ends its own, for [#DRAIN_NANOS] at most. It is thrown away before that, too: a peer that is held up while it sends
/// does not come to read what it is owed.
///
/// Beyond [#DRAIN_BYTES], more than can have been under way when the peer was told of the end, nothing more is taken: a peer that
/// sends faster than it reads meets back pressure and comes to read. One that sends on and on without reading learns from the
/// reset in the end that nobody takes it.
///
/// On the loop's thread, except where it says otherwise. A JVM that ends in order waits for its farewells, a little.
final class Farewell {
    /// How long a peer may take to make room for what it is owed, and then to close.
    private static final long PATIENCE_NANOS = 30_000_000_000L;
    private static final long DRAIN_NANOS = 5_000_000_000L;
    private static final long DRAIN_BYTES = 16 << 20;
    private static final long EXIT_NANOS = 2_000_000_000L;
    private static final int SCRATCH = 16 << 10;
    private static final int READS = 64;

    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final Condition LESS = LOCK.newCondition();
    private static int pending;

    static {
        try {
            Runtime.getRuntime().addShutdownHook(
                    Thread.ofPlatform().name("ipc-socket-farewell").unstarted(Farewell::awaitAll));
        } catch (IllegalStateException e) {
            // The first farewell is said while the JVM ends: there is nothing more to hold up.
        }
    }

    private final StreamSocket socket;
    private final Rest rest;
    private final Runnable done;
    private final SocketLoop loop;
    private Future<?> patience;
    private long drained;
    private boolean ended;
    private boolean peerEnded;
    private boolean over;

    /// @param rest what is still to be written
    /// @param done runs once, when the socket is closed
    Farewell(SocketLoop loop, StreamSocket socket, Rest rest, Runnable done) {
        this.loop = loop;
        this.socket = socket;
        this.rest = rest;
        this.done = done;
        this.patience = loop.schedule(PATIENCE_NANOS, this::end);
        count(1);
    }

    private static void count(int change) {
        LOCK.lock();
        try {
            pending += change;
            LESS.signalAll();
        } finally {
            LOCK.unlock();
        }
    }

    private static void awaitAll() {
        LOCK.lock();
        try {
            long left = EXIT_NANOS;
            while (pending > 0 && left > 0) {
                left = LESS.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            LOCK.unlock();
        }
    }

    /// Whether something is owed by a socket whose output has ended; by the thread that closes it.
    static boolean isNeeded(StreamSocket socket) {
        return socket.resetsUnread() && drain(socket) >= 0;
    }

    /// Does what can be done now, and asks for what it waits for.
    void step(LoopWatch watch) {
        if (over) {
            return;
        }
        if (!ended && rest.writeTo(socket) && socket.shutdownOutput()) {
            ended = true;
            patience.cancel(false);
            patience = loop.schedule(DRAIN_NANOS, this::end);
        }
        if (takesMore()) {
            long read = drain(socket);
            peerEnded = read < 0;
            drained += read;
        }
        if (ended && (peerEnded || !socket.resetsUnread())) {
            end();
        } else {
            watch.interest(takesMore(), !ended);
        }
    }

    private boolean takesMore() {
        return !peerEnded && drained <= DRAIN_BYTES;
    }

    /// Closes the socket, whatever it still owes.
    void end() {
        if (!over) {
            over = true;
            patience.cancel(false);
            done.run();
            count(-1);
        }
    }

    /// Throws away what is there.
    ///
    /// @return how many bytes, or a negative number if the peer has ended its output, or is gone
    private static long drain(StreamSocket socket) {
        MemorySegment scratch = Arena.ofAuto().allocate(SCRATCH);
        long drained = 0;
        int read = 1;
        for (int i = 0; i < READS && read > 0; i++) {
            read = socket.discard(scratch);
            drained += read;
        }
        return read < 0 ? read : drained;
    }
}
