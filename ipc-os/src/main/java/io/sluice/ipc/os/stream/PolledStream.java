package io.sluice.ipc.os.stream;

import io.sluice.ipc.Peer;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.PollSet;
import io.sluice.ipc.os.PollWait;
import io.sluice.ipc.stream.ByteStream;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/// A stream on a [Conduit], whose descriptors threads wait for.
///
/// A platform thread waits in poll(2), for the conduit and for a signal that ends the wait. A virtual thread parks, and the
/// [PollLoop] waits for it.
public final class PolledStream implements ByteStream {
    private final Conduit conduit;
    private final Descriptor in;
    private final Descriptor out;
    private final Descriptor life;
    private final Peer peer;
    private final Waiting readers;
    private final Waiting writers;
    private final OneShot background;
    private final OneShot end;
    private PollLoop loop;
    private PollLoop.Timer timer; // made once, so that nothing is allocated for each use
    private boolean closed;

    /// @param conduit what carries the bytes; this stream closes it
    /// @param peer who is at the other end
    public PolledStream(Conduit conduit, Peer peer) {
        this.conduit = conduit;
        this.in = conduit.input();
        this.out = conduit.output();
        this.life = conduit.life();
        this.peer = peer;
        this.readers = new Waiting(in, PollSet.IN);
        this.writers = new Waiting(out, conduit.outputEvents());
        this.background = new OneShot(out, conduit.outputEvents());
        this.end = new OneShot(life == null ? in : life, 0);
    }

    /// The conduit.
    ///
    /// @return what carries the bytes
    public Conduit conduit() {
        return conduit;
    }

    @Override
    public int read(MemorySegment to, long offset, int length) {
        return conduit.read(to, offset, length);
    }

    @Override
    public int write(MemorySegment from, long offset, int length) {
        return conduit.write(from, offset, length);
    }

    @Override
    public int unread() {
        return conduit.unread();
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
        background.arm(task);
    }

    @Override
    public void after(long nanos, Runnable task) {
        PollLoop joined = loop();
        if (joined != null) {
            if (timer == null || timer.action() != task) {
                timer = new PollLoop.Timer(task);
            }
            joined.start(timer, nanos);
        }
    }

    /// Runs a task once in the background, when nobody writes to this side any more, or this side has closed.
    ///
    /// @param task what to run
    public void whenOver(Runnable task) {
        end.arm(task);
    }

    @Override
    public void makeRoom(int bytes) {
        conduit.makeRoom(bytes);
    }

    @Override
    public Peer peer() {
        return peer;
    }

    @Override
    public void closeOutput() {
        conduit.closeOutput();
        writers.wakeUp();
        cancel(writers.oneShot, background);
    }

    @Override
    public void close() {
        PollLoop left;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            left = loop;
            loop = null;
        }
        conduit.close();
        readers.close();
        writers.close();
        if (left != null) {
            left.execute(() -> {
                readers.oneShot.cancel();
                writers.oneShot.cancel();
                background.cancel();
                end.cancel();
            });
            left.leave();
        }
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /// The loop, in which this takes part from the first time it needs it; null once this is closed.
    private synchronized PollLoop loop() {
        if (loop == null && !closed) {
            loop = PollLoop.join();
        }
        return loop;
    }

    private synchronized void cancel(OneShot... shots) {
        if (loop != null) {
            for (OneShot shot : shots) {
                loop.execute(shot::cancel);
            }
        }
    }

    /// Has the loop watch a descriptor until it is ready once.
    private final class OneShot implements Poller.Ready {
        private final Descriptor descriptor;
        private final int events;
        private volatile Runnable task;
        private Poller.Watch watch; // the loop's, as is the next
        private Poller.Watch lifeWatch;

        OneShot(Descriptor descriptor, int events) {
            this.descriptor = descriptor;
            this.events = events;
        }

        boolean isArmed() {
            return task != null;
        }

        void arm(Runnable newTask) {
            PollLoop joined = loop();
            if (joined != null && descriptor != null) {
                task = newTask;
                joined.execute(() -> {
                    if (watch == null && task != null) {
                        watch = joined.watch(descriptor, events, this);
                        lifeWatch = life == null || life == descriptor ? null : joined.watch(life, 0, this);
                        if (watch == null) {
                            cancel();
                        }
                    }
                });
            }
        }

        @Override
        public void ready(int seen) {
            cancelWatch();
            fire();
        }

        private void fire() {
            Runnable due = task;
            task = null;
            if (due != null) {
                due.run();
            }
        }

        void cancel() {
            cancelWatch();
            fire();
        }

        private void cancelWatch() {
            if (watch != null) {
                watch.cancel();
                watch = null;
            }
            if (lifeWatch != null) {
                lifeWatch.cancel();
                lifeWatch = null;
            }
        }
    }

    /// Where the one thread sleeps that reads, or the one that writes.
    private final class Waiting {
        private final Descriptor descriptor;
        private final int events;
        private final OneShot oneShot;
        private final Runnable unpark = this::unpark;
        private volatile Thread sleeper;
        private volatile boolean woken;
        private PollWait pollWait;
        private boolean over;

        Waiting(Descriptor descriptor, int events) {
            this.descriptor = descriptor;
            this.events = events;
            this.oneShot = new OneShot(descriptor, events);
        }

        void await(long nanos) throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (descriptor == null || isClosed()) {
                return;
            }
            if (Thread.currentThread().isVirtual()) {
                park(nanos);
            } else {
                PollWait wait = pollWait();
                if (wait != null && !takeWoken()) {
                    wait.await(descriptor, events, life, 0, nanos);
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
                    if (!oneShot.isArmed()) {
                        oneShot.arm(unpark);
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
                if (pollWait != null) {
                    pollWait.wakeUp();
                }
            }
        }

        private synchronized PollWait pollWait() {
            if (pollWait == null && !over) {
                pollWait = new PollWait();
            }
            return pollWait;
        }

        void close() {
            wakeUp();
            synchronized (this) {
                over = true;
                if (pollWait != null) {
                    pollWait.close();
                }
            }
        }
    }
}
