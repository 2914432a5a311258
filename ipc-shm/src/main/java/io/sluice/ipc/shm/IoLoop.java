package io.sluice.ipc.shm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread of a process that watches its rendezvous sockets: for clients, greetings, notifications and the end of
/// file that proves a peer's death. It sleeps unless something happens, and lives as long as somebody uses it.
final class IoLoop {
    private static final Logger LOG = LoggerFactory.getLogger(IoLoop.class);

    private static final Object LOCK = new Object();
    private static IoLoop current;

    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>(Comparator.comparingLong(Timer::due));
    private int users;

    /// What happens to a socket. Called on the loop's thread; must not block.
    interface Ready {
        /// @param key of the socket that is ready
        void ready(SelectionKey key) throws IOException;

        /// The socket has failed, or [#ready] has; it is closed afterwards.
        void failed(Exception cause);
    }

    private record Timer(long due, Runnable action) {}

    private IoLoop(Selector selector) {
        this.selector = selector;
    }

    /// Takes part in the loop, and starts it if nobody did.
    ///
    /// @return the loop; [#leave()] must follow once
    static IoLoop join() {
        synchronized (LOCK) {
            if (current == null) {
                try {
                    current = new IoLoop(Selector.open());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                Thread.ofPlatform().name("ipc-shm-io").daemon().start(current::run);
            }
            current.users++;
            return current;
        }
    }

    void leave() {
        synchronized (LOCK) {
            if (--users == 0) {
                current = null;
                selector.wakeup();
            }
        }
    }

    /// Runs a task on the loop's thread, soon.
    void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /// Watches a socket from now on; reports a failure to the one that watches.
    void register(SelectableChannel channel, int operations, Ready ready) {
        execute(() -> {
            try {
                channel.configureBlocking(false);
                channel.register(selector, operations, ready);
            } catch (IOException | RuntimeException e) {
                fail(channel, ready, e);
            }
        });
    }

    /// Runs an action on the loop's thread after a while. On that thread only.
    void schedule(long nanos, Runnable action) {
        timers.add(new Timer(System.nanoTime() + nanos, action));
    }

    /// Lets go of the descriptors of sockets that were closed.
    void forgetClosed() {
        selector.wakeup();
    }

    private void run() {
        try (selector) {
            while (true) {
                runTasks();
                synchronized (LOCK) {
                    if (users == 0 && tasks.isEmpty()) {
                        return;
                    }
                }
                select();
            }
        } catch (IOException e) {
            LOG.warn("The thread that watches peers has failed; the death of peers goes unnoticed", e);
        }
    }

    private void runTasks() {
        for (Runnable task; (task = tasks.poll()) != null;) {
            run(task);
        }
        long now = System.nanoTime();
        while (!timers.isEmpty() && timers.peek().due - now <= 0) {
            run(timers.poll().action);
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.warn("A task of the thread that watches peers has failed", e);
        }
    }

    private void select() throws IOException {
        if (timers.isEmpty()) {
            selector.select();
        } else {
            long nanos = timers.peek().due - System.nanoTime();
            selector.select(Math.max(1, nanos / 1_000_000 + 1));
        }
        for (SelectionKey key : new ArrayList<>(selector.selectedKeys())) {
            Ready ready = (Ready) key.attachment();
            try {
                if (key.isValid()) {
                    ready.ready(key);
                }
            } catch (IOException | RuntimeException e) {
                fail(key.channel(), ready, e);
            }
        }
        selector.selectedKeys().clear();
    }

    private static void fail(SelectableChannel channel, Ready ready, Exception cause) {
        try {
            channel.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        try {
            ready.failed(cause);
        } catch (RuntimeException e) {
            LOG.warn("The failure of a socket was not taken", e);
        }
    }
}
