package io.sluice.ipc.stream;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.ServerHandler;
import io.sluice.ipc.endpoint.ListeningEndpoint;
import io.sluice.ipc.spi.WaitStrategy;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves all channels of an endpoint from one thread, which waits for all of them at once in a [StreamPoller].
///
/// A channel whose stream is ready is *hot* until it was found empty. One whose handler said *not now* is not read any further: it is
/// tried again when its peer has made room for what it was sent, and every [#RETRY_NANOS], because the handler may be waiting
/// for something else.
final class StreamServer implements ListeningEndpoint.Serving<StreamChannel> {
    private static final Logger LOG = LoggerFactory.getLogger(StreamServer.class);

    /// How many messages of a channel are handed over before the next channel's turn.
    private static final int BATCH = 64;
    /// How long a refused message waits at most.
    private static final long RETRY_NANOS = 10_000_000;
    /// How long `adaptive` looks again and again before it sleeps.
    private static final long SPIN_NANOS = 20_000;

    private final StreamEndpoint endpoint;
    private final WaitStrategy wait;
    private final ServerHandler handler;
    private final Thread thread;
    private final StreamPoller poller;
    private final Queue<Runnable> changes = new ConcurrentLinkedQueue<>();
    private final Set<Session> sessions = new LinkedHashSet<>();
    private final List<Session> hot = new ArrayList<>();
    private final List<Thread> closers = new ArrayList<>();
    private int refused;
    private volatile int channels;
    private volatile boolean stopped;
    private volatile boolean ended;

    StreamServer(StreamEndpoint endpoint, WaitStrategy wait, ServerHandler handler, StreamPoller poller) {
        this.endpoint = endpoint;
        this.wait = wait;
        this.handler = handler;
        this.poller = poller;
        this.thread = Thread.ofPlatform()
                .name("ipc-serve-" + endpoint.address().withoutOptions())
                .unstarted(this::run);
    }

    /// A channel, and where it stands. Used by the serving thread only.
    private final class Session implements StreamChannel.Sink {
        final StreamChannel channel;
        final StreamPoller.Watch watch;
        boolean isHot;
        boolean isRefused;
        boolean isClosed;
        Throwable thrown;

        Session(StreamChannel channel) {
            this.channel = channel;
            this.watch = poller.watch(channel.stream(), this::ready);
        }

        @Override
        public boolean accept(SegmentBuffer buffer, int offset, int length) {
            try {
                boolean done = handler.onMessage(channel, buffer, offset, length);
                isRefused = !done;
                return done;
            } catch (Throwable e) {
                thrown = e;
                throw e;
            }
        }

        void watchInput() {
            watch.interest(true, false);
        }

        /// An input that is not read must not be watched, either: its end would be reported again and again.
        void watchOutputOnly() {
            watch.interest(false, channel.isWaiting());
        }

        private void ready(boolean over) {
            if (over) {
                finish(this, null);
            } else {
                heat(this);
            }
        }
    }

    @Override
    public void start() {
        thread.start();
    }

    @Override
    public void add(StreamChannel channel) {
        Runnable open = () -> open(channel);
        change(open);
        if (ended && changes.remove(open)) {
            channel.close();
        }
    }

    private void change(Runnable change) {
        changes.add(change);
        if (Thread.currentThread() != thread) {
            poller.wakeUp();
        }
    }

    // ---- the serving thread

    private void run() {
        try {
            while (!stopped) {
                makeChanges();
                serveHot();
                poll();
            }
        } finally {
            stopped = true;
            endpoint.close();
            ended = true; // from here on, add() sees to what it adds if we do not
            makeChanges();
            for (Session session : List.copyOf(sessions)) {
                finish(session, null);
            }
            closers.forEach(StreamServer::join);
            poller.close();
        }
    }

    private void makeChanges() {
        for (Runnable change; (change = changes.poll()) != null;) {
            change.run();
        }
    }

    private void open(StreamChannel channel) {
        if (stopped) {
            channel.close();
            return;
        }
        Session session = new Session(channel);
        sessions.add(session);
        channels++;
        try {
            handler.onOpen(channel);
        } catch (Throwable e) {
            finish(session, failed(channel, "onOpen", e));
            return;
        }
        channel.onChange(() -> change(() -> heat(session)));
        session.watchInput();
        heat(session);
    }

    private void heat(Session session) {
        if (session.isClosed || session.isHot) {
            return;
        }
        if (session.isRefused) {
            session.isRefused = false;
            refused--;
            session.channel.flush();
            session.watch.interest(false, false);
        }
        session.isHot = true;
        hot.add(session);
    }

    private void serveHot() {
        for (int i = hot.size() - 1; i >= 0; i--) {
            Session session = hot.get(i);
            serve(session);
            if (!session.isHot) {
                hot.set(i, hot.getLast());
                hot.removeLast();
            }
        }
    }

    /// Gives one channel its turn.
    private void serve(Session session) {
        if (session.isClosed) {
            return;
        }
        try {
            session.isRefused = false;
            int taken = session.channel.serve(session, BATCH);
            session.channel.flush();
            if (taken == Channel.END) {
                finish(session, null);
            } else if (session.isRefused) {
                refused++;
                session.isHot = false;
                session.watchOutputOnly();
            } else if (taken < BATCH) {
                session.isHot = false; // the poller tells if there is more
                session.watchInput();
            }
        } catch (Throwable e) {
            finish(session, cause(session, e));
        }
    }

    /// What an exception says about a session. One that its handler has thrown may be about another channel, unless this
    /// one has ended.
    private static IpcException cause(Session session, Throwable e) {
        boolean handlers = e == session.thrown;
        boolean over = session.channel.isOver();
        return switch (e) {
            case ClosedException _ when over -> null;
            case IpcException own when over || !handlers -> own;
            default -> failed(session.channel, "onMessage", e);
        };
    }

    private void finish(Session session, IpcException cause) {
        if (session.isClosed) {
            return;
        }
        if (session.isRefused && !session.isHot) {
            refused--;
        }
        session.isClosed = true;
        session.isHot = false;
        session.watch.cancel();
        sessions.remove(session);
        channels--;
        session.channel.onChange(() -> {});
        Thread closer = session.channel.closeWithoutWaiting();
        if (closer != null) {
            closers.removeIf(other -> !other.isAlive());
            closers.add(closer);
        }
        try {
            handler.onClose(session.channel, cause);
        } catch (Throwable e) {
            failed(session.channel, "onClose", e);
        }
    }

    private static IpcException failed(StreamChannel channel, String method, Throwable e) {
        LOG.warn("{}: the handler's {} failed; its channel is closed", channel.address(), method, e);
        return new ClosedException(
                channel.address().withoutOptions() + ": the handler's " + method + " failed: " + e, e);
    }

    /// Waits for something to do.
    private void poll() {
        if (!hot.isEmpty() || !changes.isEmpty() || wait == WaitStrategy.SPIN) {
            poller.poll(0);
        } else if (wait == WaitStrategy.BLOCK || !spin()) {
            poller.poll(refused > 0 ? RETRY_NANOS : Long.MAX_VALUE);
        }
        if (refused > 0 && hot.isEmpty()) {
            // Ready or not: what a handler waits for may be elsewhere.
            sessions.stream().filter(session -> session.isRefused).toList().forEach(this::heat);
        }
    }

    private boolean spin() {
        long start = System.nanoTime();
        do {
            poller.poll(0);
            if (!hot.isEmpty() || !changes.isEmpty() || stopped) {
                return true;
            }
        } while (System.nanoTime() - start < SPIN_NANOS);
        return false;
    }

    // ---- the API

    @Override
    public Address address() {
        return endpoint.address();
    }

    @Override
    public int channels() {
        return channels;
    }

    @Override
    public void close() {
        endpoint.close();
        stopped = true;
        poller.wakeUp();
        if (Thread.currentThread() != thread) {
            join(thread);
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
