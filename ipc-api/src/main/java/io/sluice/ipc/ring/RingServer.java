package io.sluice.ipc.ring;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.ServerHandler;
import io.sluice.ipc.endpoint.ListeningEndpoint;
import io.sluice.ipc.spi.WaitStrategy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves all channels of an endpoint from one thread.
///
/// A channel is *hot* while messages come: the thread polls it in turn. One that has been quiet for a while is *armed*:
/// its wait word asks the peer to ring the doorbell, and it costs nothing until then. One whose handler said *not now* is
/// armed for room in the other direction, and tried again when the peer has taken something, or after
/// [#RETRY_NANOS], because the handler may be waiting for something else. With `wait=spin` nothing is ever armed.
final class RingServer implements ListeningEndpoint.Serving<RingChannel> {
    private static final Logger LOG = LoggerFactory.getLogger(RingServer.class);

    /// How many messages of a channel are handed over before the next channel's turn.
    private static final int BATCH = 64;
    /// How many polls in vain, over all hot channels, before they are armed: some 20 microseconds.
    private static final int QUIET_POLLS = 1_000;
    /// How long a refused message waits at most.
    private static final long RETRY_NANOS = 10_000_000;
    /// How often all channels are looked at, whatever the doorbell says.
    private static final long SWEEP_NANOS = 1_000_000_000;

    private static final int IDLE_SPINS = 2_000;
    /// How often the time is looked at while there is work.
    private static final int ROUNDS_BETWEEN_LOOKS = 16;

    private final RingEndpoint endpoint;
    private final Doorbell doorbell;
    private final WaitStrategy wait;
    private final ServerHandler handler;
    private final Thread thread;
    private final Queue<Runnable> changes = new ConcurrentLinkedQueue<>();

    private final List<Session> hot = new ArrayList<>();
    private Session[] bySlot = new Session[64];
    private final List<Thread> closers = new ArrayList<>();
    private int refused;
    private int rounds;
    private long nextRetry;
    private long nextSweep;
    private volatile int channels;
    private volatile boolean stopped;
    private volatile boolean ended;

    RingServer(RingEndpoint endpoint, Doorbell doorbell, WaitStrategy wait, ServerHandler handler) {
        this.endpoint = endpoint;
        this.doorbell = doorbell;
        this.wait = wait;
        this.handler = handler;
        this.thread = Thread.ofPlatform()
                .name("ipc-serve-" + endpoint.address().withoutOptions())
                .unstarted(this::run);
    }

    /// A channel, and where it stands. Used by the serving thread only.
    private final class Session implements InboundDirection.Sink {
        final RingChannel channel;
        boolean isHot;
        boolean isRefused;
        boolean isArmedForRoom;
        boolean isClosed;
        int quiet;
        Throwable thrown;

        Session(RingChannel channel) {
            this.channel = channel;
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
    }

    @Override
    public void start() {
        thread.start();
    }

    @Override
    public void add(RingChannel channel) {
        Runnable open = () -> open(channel);
        change(open);
        if (ended && changes.remove(open)) {
            channel.close();
        }
    }

    private void change(Runnable change) {
        changes.add(change);
        doorbell.wakeUp();
    }

    // ---- the serving thread

    private void run() {
        try {
            nextSweep = System.nanoTime() + SWEEP_NANOS;
            while (!stopped) {
                boolean worked = makeChanges();
                worked |= passOverHot();
                worked |= doorbell.drain(this::heat);
                if (!worked && hot.isEmpty()) {
                    idle();
                    lookAgain();
                } else if (++rounds % ROUNDS_BETWEEN_LOOKS == 0) {
                    lookAgain();
                }
            }
        } finally {
            stopped = true;
            endpoint.close();
            ended = true; // from here on, add() sees to what it adds if we do not
            makeChanges();
            for (Session session : bySlot) {
                if (session != null) {
                    finish(session, null);
                }
            }
            closers.forEach(RingServer::join);
            doorbell.close();
        }
    }

    private boolean makeChanges() {
        boolean any = false;
        for (Runnable change; (change = changes.poll()) != null; any = true) {
            change.run();
        }
        return any;
    }

    private void open(RingChannel channel) {
        if (stopped) {
            channel.close();
            return;
        }
        Session session = new Session(channel);
        int slot = channel.slot();
        if (slot >= bySlot.length) {
            bySlot = Arrays.copyOf(bySlot, Integer.highestOneBit(slot) * 2);
        }
        if (bySlot[slot] != null) {
            finish(bySlot[slot], null); // closed on another thread, which freed the slot before we noticed
        }
        bySlot[slot] = session;
        channels++;
        try {
            handler.onOpen(channel);
        } catch (Throwable e) {
            finish(session, failed(channel, "onOpen", e));
            return;
        }
        channel.onChange(() -> change(() -> heat(session)));
        heat(session);
    }

    private void heat(int slot) {
        Session session = slot < bySlot.length ? bySlot[slot] : null;
        if (session != null) {
            heat(session);
        }
    }

    private void heat(Session session) {
        if (session.isHot) {
            session.isArmedForRoom = false; // that may have been what rang
        } else if (!session.isClosed) {
            if (session.isRefused) {
                session.isRefused = false;
                refused--;
            }
            session.isHot = true;
            session.isArmedForRoom = false;
            session.quiet = 0;
            hot.add(session);
        }
    }

    private boolean passOverHot() {
        boolean worked = false;
        for (int i = 0; i < hot.size();) {
            Session session = hot.get(i);
            worked |= serve(session);
            if (session.isHot) {
                i++;
            } else {
                Session last = hot.removeLast();
                if (i < hot.size()) {
                    hot.set(i, last);
                }
            }
        }
        return worked;
    }

    /// Gives one channel its turn.
    private boolean serve(Session session) {
        RingChannel channel = session.channel;
        try {
            session.isRefused = false;
            int taken = channel.inbound().serve(session, BATCH);
            if (taken == Channel.END) {
                finish(session, null);
            } else if (session.isRefused) {
                refuse(session);
            } else if (taken > 0) {
                session.quiet = 0;
            } else {
                quieten(session);
            }
            return taken > 0;
        } catch (Throwable e) {
            finish(session, cause(session, e));
        }
        return true;
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

    /// Lets a refused message wait; but only after it was refused once more with the doorbell armed, so that room which
    /// the peer makes in between is not missed.
    private void refuse(Session session) {
        if (wait != WaitStrategy.SPIN && session.isArmedForRoom) {
            if (refused++ == 0) {
                nextRetry = System.nanoTime() + RETRY_NANOS;
            }
            session.isHot = false;
        } else {
            session.isRefused = false;
            session.isArmedForRoom = true;
            session.channel.outbound().arm();
        }
    }

    private void quieten(Session session) {
        int patience =
                switch (wait) {
                    case SPIN -> Integer.MAX_VALUE;
                    case ADAPTIVE -> QUIET_POLLS / hot.size();
                    case BLOCK -> 0;
                };
        if (session.quiet++ >= patience && session.channel.inbound().arm()) {
            session.isHot = false;
        }
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
        int slot = session.channel.slot();
        if (bySlot[slot] == session) {
            bySlot[slot] = null;
        }
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

    private static IpcException failed(RingChannel channel, String method, Throwable e) {
        LOG.warn("{}: the handler's {} failed; its channel is closed", channel.address(), method, e);
        return new ClosedException(
                channel.address().withoutOptions() + ": the handler's " + method + " failed: " + e, e);
    }

    private void idle() {
        if (wait == WaitStrategy.ADAPTIVE) {
            for (int i = 0; i < IDLE_SPINS; i++) {
                if (doorbell.isRung() || !changes.isEmpty()) {
                    return;
                }
                Thread.onSpinWait();
            }
        }
        if (wait != WaitStrategy.SPIN) {
            Thread.interrupted(); // a handler may have left it set, and nobody sleeps with it
            long now = System.nanoTime();
            long nanos = refused > 0 ? Math.min(nextRetry - now, nextSweep - now) : nextSweep - now;
            if (nanos > 0) {
                doorbell.await(nanos, () -> stopped || !changes.isEmpty());
            }
        }
    }

    /// Tries what no doorbell announces: refused messages, and now and then all channels.
    private void lookAgain() {
        long now = System.nanoTime();
        boolean sweep = now - nextSweep >= 0;
        boolean retry = refused > 0 && now - nextRetry >= 0;
        if (sweep) {
            nextSweep = now + SWEEP_NANOS;
        }
        if (retry) {
            nextRetry = now + RETRY_NANOS;
        }
        if (sweep || retry) {
            for (Session session : bySlot) {
                if (session != null && (sweep || session.isRefused)) {
                    heat(session);
                    session.quiet = QUIET_POLLS;
                }
            }
        }
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
        doorbell.wakeUp();
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
