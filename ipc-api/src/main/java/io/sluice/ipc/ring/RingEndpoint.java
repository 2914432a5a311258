package io.sluice.ipc.ring;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Server;
import io.sluice.ipc.ServerHandler;
import io.sluice.ipc.spi.StandardOptions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// An endpoint whose channels are made in the background by a [Listener] and wait here until they are accepted, or go
/// straight to the [RingServer] that serves them.
public final class RingEndpoint implements Endpoint {
    /// How many made channels may wait to be accepted before the listener is to stop making more.
    private static final int BACKLOG = 1024;

    /// The transport's part: greets clients and hands their channels to [#arrived].
    public interface Listener {
        /// Makes channels again, after [#arrived] has said that there are enough.
        void resume();

        /// Frees the address and stops making channels. Called once.
        void close();
    }

    private final Address address;
    private final Doorbell doorbell;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition change = lock.newCondition();
    private final Deque<RingChannel> waiting = new ArrayDeque<>();
    private Listener listener;
    private Consumer<RingChannel> server;
    private boolean paused;
    private volatile boolean closed;

    /// @param address the bound address
    /// @param doorbell that the endpoint's channels ring when served
    public RingEndpoint(Address address, Doorbell doorbell) {
        this.address = address;
        this.doorbell = doorbell;
    }

    /// Names the listener, once, before the endpoint is given to anybody.
    ///
    /// @param newListener makes this endpoint's channels
    public void attach(Listener newListener) {
        listener = newListener;
    }

    /// Takes a new channel; closes it if the endpoint is closed.
    ///
    /// @param channel a channel that can be used
    /// @return whether there is room for another; if not, [Listener#resume()] says when there is
    public boolean arrived(RingChannel channel) {
        Consumer<RingChannel> to;
        lock.lock();
        try {
            to = closed ? RingChannel::close : server;
            if (to == null) {
                waiting.add(channel);
                change.signal();
                paused = waiting.size() >= BACKLOG;
                return !paused;
            }
        } finally {
            lock.unlock();
        }
        to.accept(channel);
        return true;
    }

    @Override
    public Address address() {
        return address;
    }

    @Override
    public Channel accept() throws InterruptedException {
        return accept(Long.MAX_VALUE);
    }

    @Override
    public Channel accept(Duration timeout) throws InterruptedException {
        return accept(Deadline.nanos(timeout));
    }

    private Channel accept(long nanos) throws InterruptedException {
        boolean resume = false;
        RingChannel channel;
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty() && !closed && nanos > 0) {
                nanos = change.awaitNanos(nanos);
            }
            if (closed) {
                throw new ClosedException(address.withoutOptions() + ": the endpoint is closed");
            }
            channel = waiting.poll();
            if (paused && waiting.size() <= BACKLOG / 2) {
                paused = false;
                resume = true;
            }
        } finally {
            lock.unlock();
        }
        if (resume) {
            listener.resume();
        }
        return channel;
    }

    @Override
    public Server serve(ServerHandler handler) {
        RingServer started =
                new RingServer(this, doorbell, StandardOptions.WAIT.of(address), handler);
        Deque<RingChannel> before;
        lock.lock();
        try {
            if (closed) {
                throw new ClosedException(address.withoutOptions() + ": the endpoint is closed");
            }
            if (server != null) {
                throw new IllegalStateException(address.withoutOptions() + ": the endpoint is being served already");
            }
            server = started::add;
            before = new ArrayDeque<>(waiting);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        before.forEach(started::add);
        started.start();
        if (paused) {
            listener.resume();
        }
        return started;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() {
        Deque<RingChannel> left;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            left = new ArrayDeque<>(waiting);
            waiting.clear();
            change.signalAll();
        } finally {
            lock.unlock();
        }
        listener.close();
        left.forEach(RingChannel::close);
        if (server == null) {
            doorbell.close();
        }
    }
}
