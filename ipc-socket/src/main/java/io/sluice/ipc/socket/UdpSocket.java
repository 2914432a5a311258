package io.sluice.ipc.socket;

import io.netty.util.concurrent.Future;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.ring.Deadline;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A UDP socket and all who use it: an endpoint, its sessions, and what those that were closed still have to say. The last of them
/// closes it.
///
/// Any thread sends. One at a time takes in what has arrived, and hands each datagram to the [Receiver] under the lock: the
/// [SocketLoop]'s thread, which sleeps until there is something; or, with `wait=spin`, whoever spins for a message, and then the
/// loop's thread keeps away for as long as somebody does.
final class UdpSocket implements LoopSocket {
    private static final Logger LOG = LoggerFactory.getLogger(UdpSocket.class);
    private static final int BATCH = 64;
    private static final int BATCHES = 1_000;
    /// How long after the last look of one who spins the loop's thread takes over.
    private static final long SPUN_NANOS = 10_000_000;
    private static final long LONGEST_TICK_NANOS = 10_000_000_000L;
    private static final long SHORTEST_TICK_NANOS = 5_000_000;
    private static final int TICKS_PER_KEEPALIVE = 12;

    /// Takes what arrives. All of it is called under the lock of the socket, and must not block.
    interface Receiver {
        /// @param in from 0 to its limit, during the call only
        /// @param from who has sent it
        void received(ByteBuffer in, InetSocketAddress from);

        /// The system says that nobody has the port to which this socket is connected.
        default void unreachable() {}

        /// Is called now and then.
        ///
        /// @param now by [System#nanoTime()]
        /// @param late by how much this process was stopped, or busy, since the last time
        /// @return whether [#giveUp] would give somebody up
        boolean tick(long now, long late);

        /// Gives those up who have been silent for too long. Before that, all that had arrived was taken in.
        void giveUp(long now);
    }

    private final DatagramChannel channel;
    private final String name;
    private final Runnable onClosed;
    private final CountDownLatch gone = new CountDownLatch(1);
    private final ByteBuffer in;
    private final SocketLoop loop;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Thread> writers = new ConcurrentLinkedQueue<>();
    private final Receiver receiver;
    private LoopWatch watch; // the loop's, as the following
    private boolean resting;
    private long ticked;
    private Future<?> nextTick;
    private volatile long tickNanos = LONGEST_TICK_NANOS;
    private volatile long spun = System.nanoTime() - SPUN_NANOS;
    private int users = 1; // guarded by the lock
    private volatile boolean closed;

    /// @param name for the words of errors
    /// @param channel one that does not block; closed here if this fails
    /// @param largest the largest datagram that is taken, in bytes; a larger one is cut, which shows in its length
    /// @param onClosed runs when the last user has gone and the system has closed the socket
    UdpSocket(String name, DatagramChannel channel, int largest, Receiver receiver, Runnable onClosed) {
        this.channel = channel;
        this.name = name;
        this.onClosed = onClosed;
        this.receiver = receiver;
        this.in = DatagramLayout.buffer(largest + 1);
        boolean joined = false;
        try {
            this.loop = SocketLoop.join(NioIo.INSTANCE);
            joined = true;
        } finally {
            if (!joined) {
                NioSocket.close(channel);
            }
        }
    }

    /// Begins to receive. Once, before [#leave()].
    UdpSocket start() {
        loop.execute(() -> {
            watch = loop.watch(this, this::ready);
            review();
            tickFromNow();
        });
        return this;
    }

    ReentrantLock lock() {
        return lock;
    }

    SocketLoop loop() {
        return loop;
    }

    /// Somebody more uses it; [#leave()] must follow. Under the lock.
    ///
    /// @param keepAlive how soon that one wants to notice a silent peer
    /// @return false if the last user has just left
    boolean join(Duration keepAlive) {
        if (closed) {
            return false;
        }
        users++;
        long wanted = Math.clamp(
                Deadline.nanos(keepAlive) / TICKS_PER_KEEPALIVE, SHORTEST_TICK_NANOS, LONGEST_TICK_NANOS);
        if (wanted < tickNanos) {
            tickNanos = wanted;
            loop.execute(this::tickFromNow);
        }
        return true;
    }

    /// Whoever created it or joined leaves; the last one closes it. Does not wait for the system to do so.
    void leave() {
        lock.lock();
        try {
            if (--users > 0) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        NioSocket.close(channel);
        loop.execute(() -> {
            watch.cancel();
            nextTick.cancel(false);
            loop.schedule(1, this::closed); // the system closes what a selector has after its next look only
        });
    }

    private void closed() {
        onClosed.run();
        gone.countDown();
        loop.leave();
    }

    /// Waits until the system has closed it, if the last user has left; not under the lock, and not on the loop's thread, which
    /// does that.
    void awaitClosed() {
        if (closed && !loop.isCurrent() && !lock.isHeldByCurrentThread()) {
            SocketLoop.await(gone);
        }
    }

    @Override
    public LoopHandle handle(LoopHandle.Ready ready) {
        return new NioIo.Handle(channel, ready);
    }

    // ---- taking in

    private void ready(boolean input, boolean output) {
        if (output) {
            for (Thread writer; (writer = writers.poll()) != null;) {
                LockSupport.unpark(writer);
            }
        }
        if (input && isSpun()) {
            resting = true;
            loop.schedule(SPUN_NANOS, () -> {
                resting = false;
                review();
            });
        } else if (input) {
            lock.lock();
            try {
                takeIn();
            } finally {
                lock.unlock();
            }
        }
        review();
    }

    private boolean isSpun() {
        return System.nanoTime() - spun < SPUN_NANOS;
    }

    private void review() {
        if (!closed) {
            watch.interest(!resting, !writers.isEmpty());
        }
    }

    /// Takes in what is there, for one who spins and would otherwise wait for the loop's thread to do it.
    ///
    /// @return whether there was something
    boolean spin() {
        spun = System.nanoTime();
        if (closed || !lock.tryLock()) {
            return false;
        }
        try {
            return takeIn();
        } finally {
            lock.unlock();
        }
    }

    private boolean takeIn() {
        int taken = 0;
        while (taken < BATCH && !closed) {
            in.clear();
            InetSocketAddress from;
            try {
                from = (InetSocketAddress) channel.receive(in);
            } catch (PortUnreachableException e) {
                receiver.unreachable();
                continue;
            } catch (ClosedChannelException e) {
                break;
            } catch (IOException e) {
                LOG.debug("{}: receiving has failed", name, e); // it tells what became of something sent before
                break;
            }
            if (from == null) {
                break;
            }
            taken++;
            in.flip();
            if (in.limit() < in.capacity()) {
                handOver(from);
            }
        }
        return taken > 0;
    }

    private void handOver(InetSocketAddress from) {
        try {
            receiver.received(in, from);
        } catch (RuntimeException e) {
            LOG.warn("{}: a datagram from {} could not be dealt with", name, from, e);
        }
    }

    private void tick() {
        if (closed) {
            return;
        }
        long now = System.nanoTime();
        long late = Math.max(0, now - ticked - 3 * tickNanos);
        lock.lock();
        try {
            if (receiver.tick(now, late)) {
                for (int i = 0; i < BATCHES && takeIn(); i++) {
                    Thread.onSpinWait(); // nobody is judged by what has not been looked at
                }
                receiver.giveUp(System.nanoTime());
            }
        } finally {
            lock.unlock();
            tickFromNow();
        }
    }

    private void tickFromNow() {
        if (nextTick != null) {
            nextTick.cancel(false);
        }
        ticked = System.nanoTime();
        // All sockets tick at the same moments, so that the thread is woken once for all of them.
        nextTick = loop.schedule(2 * tickNanos - Math.floorMod(ticked, tickNanos), this::tick);
    }

    // ---- sending

    /// Sends a datagram; does not block.
    ///
    /// @param to null if the socket is connected
    /// @return false if the system has no room for it now
    /// @throws MessageTooLargeException if the path does not carry it
    boolean send(ByteBuffer datagram, InetSocketAddress to) {
        for (int attempt = 0;; attempt++) {
            try {
                datagram.position(0);
                return (to == null ? channel.write(datagram) : channel.send(datagram, to)) > 0;
            } catch (PortUnreachableException e) {
                loop.execute(this::tellUnreachable); // of what was sent before; this one was not sent
                if (attempt > 0) {
                    return true;
                }
            } catch (ClosedChannelException e) {
                return true; // whoever has closed it knows
            } catch (IOException e) {
                if (attempt > 0) { // the first may be what became of one before
                    return whatNow(datagram, to, e);
                }
            }
        }
    }

    private void tellUnreachable() {
        lock.lock();
        try {
            receiver.unreachable();
        } finally {
            lock.unlock();
        }
    }

    private boolean whatNow(ByteBuffer datagram, InetSocketAddress to, IOException e) {
        String why = String.valueOf(e.getMessage());
        String where = name + (to == null ? "" : " to " + to);
        if (why.contains("too long")) {
            throw new MessageTooLargeException(where + ": the path does not carry a datagram of " + datagram.limit()
                    + " bytes; send less at once, or allow fragments with a ?max-message= beyond "
                    + UdpOptions.UNFRAGMENTED);
        }
        if (why.contains("buffer space") || why.contains("ermission") || why.contains("not permitted")) {
            return !why.contains("buffer space"); // no room, or a filter of this machine, which loses it
        }
        throw new SystemCallException(where + ": cannot be sent: " + why, e);
    }

    /// Sends what may get lost as well.
    void trySend(ByteBuffer datagram, InetSocketAddress to) {
        try {
            boolean _ = send(datagram, to);
        } catch (MessageTooLargeException | SystemCallException e) {
            LOG.debug("{}: a datagram could not be sent", name, e);
        }
    }

    /// Waits until the system may have room again, or for no reason at all.
    ///
    /// @param nanos how long at most
    void awaitWritable(long nanos) throws InterruptedException {
        Thread me = Thread.currentThread();
        writers.add(me);
        loop.execute(this::review);
        LockSupport.parkNanos(this, Math.min(nanos, TimeUnit.SECONDS.toNanos(1)));
        writers.remove(me);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }
}
