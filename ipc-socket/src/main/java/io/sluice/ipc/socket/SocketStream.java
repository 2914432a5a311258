package io.sluice.ipc.socket;

import io.sluice.ipc.Peer;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.stream.ByteStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The bytes to and from a peer, through a socket.
///
/// Whoever uses a channel reads and writes here itself. A platform thread sleeps in the kernel until the socket is ready. A
/// virtual thread parks, and the [SocketLoop] waits for it.
final class SocketStream implements ByteStream {
    private static final Logger LOG = LoggerFactory.getLogger(SocketStream.class);

    private final SocketIo io;
    private final StreamSocket socket;
    private final Peer peer;
    private final Waiting readers = new Waiting(true);
    private final Waiting writers = new Waiting(false);
    private final Task inBackground = new Task();
    private final Task inputReady = new Task();
    private final Task leftover = new Task();
    private final Runnable flush = this::flush;
    private final Rest rest = new Rest();
    private boolean outputEnds;
    private SocketLoop loop;
    private LoopWatch watch; // the loop's
    private Farewell farewell; // the loop's
    private volatile boolean closed;

    /// @param socket connected
    SocketStream(SocketIo io, StreamSocket socket, Peer peer) {
        this.io = io;
        this.socket = socket;
        this.peer = peer;
    }

    StreamSocket socket() {
        return socket;
    }

    @Override
    public int read(MemorySegment to, long offset, int length) {
        if (closed) {
            return CLOSED;
        }
        int read = socket.read(to, offset, length);
        flushLater(); // what it has answered by itself
        return read;
    }

    @Override
    public int write(MemorySegment from, long offset, int length) {
        if (closed) {
            return CLOSED;
        }
        if (!rest.isEmpty()) {
            return rest.take(from, offset, length); // behind what waits there
        }
        int written = socket.write(from, offset, length);
        flushLater();
        return written == WOULD_BLOCK ? rest.take(from, offset, length) : written;
    }

    private void flushLater() {
        if (socket.hasOutput() && !leftover.isArmed()) {
            arm(leftover, flush);
        }
    }

    /// Writes on what the socket has taken, until the system has it.
    private void flush() {
        if (!closed && !socket.flush()) {
            arm(leftover, flush);
        }
    }

    /// What the kernel tells of a socket, ioctl(SIOCOUTQ), is what the peer's kernel has not taken yet.
    @Override
    public int unread() {
        return UNKNOWN;
    }

    @Override
    public void awaitReadable(long nanos) throws InterruptedException {
        readers.await(nanos);
    }

    @Override
    public void awaitWritable(long nanos) throws InterruptedException {
        writers.await(nanos);
    }

    @Override
    public void wakeUp() {
        readers.wakeUp();
        writers.wakeUp();
    }

    @Override
    public void whenWritable(Runnable task) {
        arm(inBackground, task);
    }

    /// Runs a task once on the loop's thread, when something can be read or the end has come, or this side has closed.
    void whenReadable(Runnable task) {
        arm(inputReady, task);
    }

    @Override
    public void after(long nanos, Runnable task) {
        SocketLoop joined = loop();
        if (joined != null) {
            joined.after(nanos, task);
        }
    }

    /// The system has as much as it takes: the rest is written in the background, after this side has closed.
    @Override
    public void makeRoom(int bytes) {
        rest.reserve(bytes);
    }

    @Override
    public Peer peer() {
        return peer;
    }

    @Override
    public void closeOutput() {
        if (!rest.isEmpty() || !socket.shutdownOutput()) {
            outputEnds = true;
            whenWritable(this::endOutput);
        }
    }

    private void endOutput() {
        if (!closed && !(rest.writeTo(socket) && socket.shutdownOutput())) { // once it is closed, the farewell does it
            whenWritable(this::endOutput);
        }
    }

    @Override
    public void close() {
        SocketLoop joined;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            joined = loop;
            loop = null;
        }
        readers.close();
        writers.close();
        boolean ended = !outputEnds && rest.isEmpty() && socket.shutdownOutput();
        boolean owes = !ended || Farewell.isNeeded(socket);
        SocketLoop last = joined == null && owes ? loopForFarewell() : joined;
        if (!owes || last == null) {
            socket.close();
        }
        if (last != null) {
            last.execute(() -> leave(last, owes));
        }
    }

    /// @return null if there is none to be had, for want of descriptors: then there is no farewell
    private SocketLoop loopForFarewell() {
        try {
            return SocketLoop.join(io);
        } catch (SystemCallException e) {
            LOG.warn("a socket is closed at once, and its peer may miss what it has not received yet: {}",
                    e.getMessage());
            return null;
        }
    }

    /// On the loop's thread.
    private void leave(SocketLoop last, boolean owes) {
        fireAll();
        if (owes) {
            farewell = new Farewell(last, socket, rest, () -> release(last));
            review(last);
        } else {
            release(last);
        }
    }

    private void release(SocketLoop last) {
        if (watch != null) {
            watch.cancel();
        }
        socket.close();
        last.leave();
    }

    /// The loop, in which this takes part from the first time it needs it; null once this is closed.
    private synchronized SocketLoop loop() {
        if (loop == null && !closed) {
            loop = SocketLoop.join(io);
        }
        return loop;
    }

    // ---- what the loop waits for

    /// What is to be run once, when the socket is ready for it.
    private static final class Task {
        private volatile Runnable armed;

        boolean isArmed() {
            return armed != null;
        }

        void fire() {
            Runnable due = armed;
            armed = null;
            if (due != null) {
                due.run();
            }
        }
    }

    private void arm(Task task, Runnable action) {
        SocketLoop joined = loop();
        if (joined == null) {
            action.run(); // finds that this is closed
            return;
        }
        task.armed = action;
        joined.execute(() -> review(joined));
    }

    /// On the loop's thread.
    private void review(SocketLoop joined) {
        if (closed && farewell == null) {
            fireAll();
            return;
        }
        if (watch == null) {
            watch = joined.watch(socket, (input, output) -> ready(joined, input, output));
        }
        if (farewell != null) {
            fireAll();
            farewell.step(watch);
        } else {
            watch.interest(
                    readers.task.isArmed() || inputReady.isArmed(),
                    writers.task.isArmed() || inBackground.isArmed() || leftover.isArmed());
        }
    }

    private void fireAll() {
        for (Task task : new Task[] {readers.task, writers.task, inBackground, inputReady, leftover}) {
            task.fire();
        }
    }

    private void ready(SocketLoop joined, boolean input, boolean output) {
        if (input) {
            readers.task.fire();
            inputReady.fire();
        }
        if (output) {
            leftover.fire();
            writers.task.fire();
            inBackground.fire();
        }
        review(joined);
    }

    /// Where the one thread sleeps that reads, or the one that writes.
    private final class Waiting {
        private final boolean input;
        private final Task task = new Task();
        private final Runnable unpark = this::unpark;
        private volatile Thread sleeper;
        private volatile boolean woken;
        private SocketWait wait;
        private boolean over;

        Waiting(boolean input) {
            this.input = input;
        }

        void await(long nanos) throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (closed || input && socket.hasInput()) {
                return;
            }
            if (Thread.currentThread().isVirtual()) {
                park(nanos);
            } else {
                SocketWait mine = socketWait();
                if (mine != null && !takeWoken()) {
                    mine.await(nanos);
                }
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }

        private boolean takeWoken() {
            boolean was = woken;
            woken = false;
            return was;
        }

        /// The sleeper is known before it looks whether somebody has woken it, and who wakes does it the other way round.
        private void park(long nanos) {
            sleeper = Thread.currentThread();
            try {
                if (!takeWoken()) {
                    if (!task.isArmed()) {
                        arm(task, unpark);
                    }
                    LockSupport.parkNanos(this, nanos);
                }
            } finally {
                sleeper = null;
            }
        }

        private void unpark() {
            LockSupport.unpark(sleeper);
        }

        void wakeUp() {
            woken = true;
            unpark();
            synchronized (this) {
                if (wait != null) {
                    wait.wakeUp();
                }
            }
        }

        private synchronized SocketWait socketWait() {
            if (wait == null && !over) {
                try {
                    wait = socket.newWait(input);
                } catch (IOException e) {
                    if (closed) {
                        return null;
                    }
                    throw new SystemCallException("a socket cannot be waited for: " + e.getMessage()
                            + "; if there are too many open files, raise ulimit -n", e);
                }
            }
            return wait;
        }

        void close() {
            wakeUp();
            synchronized (this) {
                over = true;
                if (wait != null) {
                    wait.close();
                }
            }
        }
    }
}
