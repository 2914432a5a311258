package io.sluice.ipc.endpoint;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Server;
import io.sluice.ipc.ServerHandler;
import io.sluice.ipc.ring.Deadline;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// An endpoint whose channels are made in the background by a [Listener] and wait here until they are accepted, or go
/// straight to the server that serves them.
///
/// @param <C> its channels
public abstract class ListeningEndpoint<C extends Channel> implements Endpoint {
    /// How many made channels may wait to be accepted before the listener is to stop making more.
    private static final int BACKLOG = 1024;

    /// The transport's part: greets clients and hands their channels to [#arrived].
    public interface Listener {
        /// Makes channels again, after [#arrived] has said that there are enough.
        void resume();

        /// Frees the address and stops making channels. Called once.
        void close();
    }

    /// A server that is given channels, before it starts and after.
    ///
    /// @param <C> its channels
    public interface Serving<C extends Channel> extends Server {
        /// Serves one more channel; from any thread.
        ///
        /// @param channel the channel, whose end is the server's business from now on
        void add(C channel);

        /// Begins to serve.
        void start();
    }

    private final Address address;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition change = lock.newCondition();
    private final Deque<C> waiting = new ArrayDeque<>();
    private Listener listener;
    private Serving<C> server;
    private boolean paused;
    private volatile boolean closed;

    /// @param address the address that it is bound to
    protected ListeningEndpoint(Address address) {
        this.address = address;
    }

    /// Makes a server of this endpoint's channels, not started yet.
    ///
    /// @param handler of their messages
    /// @return the server
    protected abstract Serving<C> newServer(ServerHandler handler);

    /// Closes a channel that arrived too late; on the listener's thread, which must not wait.
    ///
    /// @param channel the channel
    protected abstract void turnAway(C channel);

    /// Frees what a server would have needed, as there never was one; nothing by default.
    protected void closeUnserved() {}

    /// Names the listener, once, before the endpoint is given to anybody.
    ///
    /// @param newListener makes this endpoint's channels
    public final void attach(Listener newListener) {
        listener = newListener;
    }

    /// Takes a new channel; closes it if the endpoint is closed.
    ///
    /// @param channel a channel that can be used
    /// @return whether there is room for another; if not, [Listener#resume()] says when there is
    public final boolean arrived(C channel) {
        boolean isLate;
        lock.lock();
        try {
            isLate = closed;
            if (!isLate && server == null) {
                waiting.add(channel);
                change.signal();
                paused = waiting.size() >= BACKLOG;
                return !paused;
            }
        } finally {
            lock.unlock();
        }
        if (isLate) {
            turnAway(channel);
        } else {
            server.add(channel);
        }
        return true;
    }

    @Override
    public final Address address() {
        return address;
    }

    @Override
    public final Channel accept() throws InterruptedException {
        return accept(Deadline.NEVER);
    }

    @Override
    public final Channel accept(Duration timeout) throws InterruptedException {
        return accept(Deadline.after(timeout));
    }

    private Channel accept(long deadline) throws InterruptedException {
        boolean resume = false;
        Channel channel;
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty() && !closed && Deadline.remaining(deadline) > 0) {
                boolean _ = change.await(Deadline.remaining(deadline), TimeUnit.NANOSECONDS);
            }
            checkOpen();
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

    private void checkOpen() {
        if (closed) {
            throw new ClosedException(address.withoutOptions() + ": the endpoint is closed");
        }
    }

    @Override
    public final Server serve(ServerHandler handler) {
        Deque<C> before;
        Serving<C> started;
        lock.lock();
        try {
            checkOpen();
            if (server != null) {
                throw new IllegalStateException(address.withoutOptions() + ": the endpoint is being served already");
            }
            started = newServer(handler);
            server = started;
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
    public final boolean isOpen() {
        return !closed;
    }

    @Override
    public final void close() {
        Deque<C> left;
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
        left.forEach(Channel::close);
        if (server == null) {
            closeUnserved();
        }
    }
}
