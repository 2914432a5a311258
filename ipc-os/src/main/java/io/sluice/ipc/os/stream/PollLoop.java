package io.sluice.ipc.os.stream;

import io.sluice.ipc.os.Descriptor;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread of a process that waits for what no thread of its own waits for: clients and their greetings, virtual
/// threads that must not hold their carrier, messages that were gathered. It sleeps in poll(2) unless something happens, and
/// lives as long as somebody uses it.
public final class PollLoop {
    private static final Logger LOG = LoggerFactory.getLogger(PollLoop.class);

    private static final Object LOCK = new Object();
    private static PollLoop current;

    private final Poller poller = new Poller();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Timer> started = new AtomicReference<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong((Timer timer) -> timer.due));
    private final Thread thread = Thread.ofPlatform().name("ipc-io").daemon().unstarted(this::run);
    private int users;
    private volatile boolean stopped;

    /// An action that runs after a while, and may be started anew after that.
    static final class Timer {
        private final Runnable action;
        private long due;
        private Timer next;

        Timer(Runnable action) {
            this.action = action;
        }

        Runnable action() {
            return action;
        }
    }

    private PollLoop() {}

    /// Takes part in the loop, and starts it if nobody did.
    ///
    /// @return the loop; [#leave()] must follow once
    public static PollLoop join() {
        synchronized (LOCK) {
            if (current == null) {
                current = new PollLoop();
                current.thread.start();
            }
            current.users++;
            return current;
        }
    }

    /// Leaves the loop, which ends with the last who does.
    public void leave() {
        synchronized (LOCK) {
            if (--users == 0) {
                current = null;
                stopped = true;
                poller.wakeUp();
            }
        }
    }

    /// Runs a task on the loop's thread, soon; from any thread.
    ///
    /// @param task what to run; it must not block
    public void execute(Runnable task) {
        tasks.add(task);
        if (Thread.currentThread() != thread) {
            poller.wakeUp();
        }
    }

    /// Runs an action on the loop's thread after a while; from any thread.
    ///
    /// @param nanos how long, in nanoseconds
    /// @param action what to run; it must not block
    public void schedule(long nanos, Runnable action) {
        start(new Timer(action), nanos);
    }

    /// Starts a timer that is not running; from any thread. Allocates nothing.
    void start(Timer timer, long nanos) {
        timer.due = System.nanoTime() + nanos;
        Timer before;
        do {
            before = started.get();
            timer.next = before;
        } while (!started.compareAndSet(before, timer));
        // If there was one before, its starter has woken the loop, or is about to.
        if (before == null && Thread.currentThread() != thread) {
            poller.wakeUp();
        }
    }

    /// Watches a descriptor until its watch is cancelled. On the loop's thread only.
    ///
    /// @param descriptor what to wait for
    /// @param events as in [io.sluice.ipc.os.PollSet#add]
    /// @param ready is told; it must not block
    /// @return the watch, or null if the descriptor is closed
    public Poller.Watch watch(Descriptor descriptor, int events, Poller.Ready ready) {
        return poller.watch(descriptor, events, seen -> {
            try {
                ready.ready(seen);
            } catch (RuntimeException e) {
                LOG.warn("a task of the waiting thread failed", e);
            }
        });
    }

    private void run() {
        try (poller) {
            while (!stopped) {
                runTasks();
                poller.poll(runTimers());
            }
            runTasks(); // those who left have had their watches cancelled
        } catch (Throwable e) {
            LOG.error("the thread that waits for all channels has failed", e);
        }
    }

    private void runTasks() {
        for (Runnable task; (task = tasks.poll()) != null;) {
            runSafely(task);
        }
    }

    /// Runs what is due.
    ///
    /// @return nanoseconds until the next is
    private long runTimers() {
        takeStarted();
        long now = System.nanoTime();
        while (!timers.isEmpty() && timers.peek().due - now <= 0) {
            runSafely(timers.poll().action);
        }
        takeStarted();
        if (!tasks.isEmpty()) {
            return 0;
        }
        return timers.isEmpty() ? Long.MAX_VALUE : Math.max(0, timers.peek().due - System.nanoTime());
    }

    private void takeStarted() {
        for (Timer timer = started.getAndSet(null); timer != null;) {
            Timer next = timer.next;
            timer.next = null;
            timers.add(timer);
            timer = next;
        }
    }

    private static void runSafely(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.warn("a task of the waiting thread failed", e);
        }
    }
}
