package io.sluice.ipc.socket;

import io.netty.channel.ManualIoEventLoop;
import io.netty.util.concurrent.Future;
import io.sluice.ipc.ring.Deadline;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread of a process that waits for what no thread of its own waits for: clients and their greetings, virtual
/// threads that must not hold their carrier, messages that were gathered, what closed sockets still have to say. There is one
/// for each [SocketIo] in use, and one more for what is due within a millisecond; they sleep unless something happens, and live
/// as long as somebody uses them.
final class SocketLoop {
    private static final Logger LOG = LoggerFactory.getLogger(SocketLoop.class);
    private static final Duration LOOK_TIMEOUT = Duration.ofSeconds(5);
    private static final Map<SocketIo, SocketLoop> CURRENT = new HashMap<>();

    private final SocketIo io;
    private final ManualIoEventLoop loop;
    private final Thread thread;
    private final ScheduledThreadPoolExecutor timer;
    private int users;
    private volatile boolean stopped;

    private SocketLoop(SocketIo io) {
        this.io = io;
        this.thread = Thread.ofPlatform().name("ipc-socket-io").daemon().unstarted(this::run);
        this.loop = LoopPoller.begin(io, thread);
        this.timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("ipc-socket-timer").daemon().factory());
    }

    /// Takes part in the loop, and starts it if nobody did.
    ///
    /// @return the loop; [#leave()] must follow once
    static SocketLoop join(SocketIo io) {
        synchronized (CURRENT) {
            SocketLoop current = CURRENT.get(io);
            if (current == null) {
                current = new SocketLoop(io);
                CURRENT.put(io, current);
                current.thread.start();
            }
            current.users++;
            return current;
        }
    }

    void leave() {
        synchronized (CURRENT) {
            if (--users == 0) {
                CURRENT.remove(io);
                stopped = true;
                timer.shutdownNow();
                loop.execute(() -> {});
            }
        }
    }

    /// Whether the caller is on the loop's thread.
    boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /// Runs a task on the loop's thread, soon.
    void execute(Runnable task) {
        loop.execute(() -> runSafely(task));
    }

    /// Runs a task on the loop's thread after a while, of milliseconds at the least.
    Future<?> schedule(long nanos, Runnable task) {
        return loop.schedule(() -> runSafely(task), nanos, TimeUnit.NANOSECONDS);
    }

    /// Runs a task very soon, on a thread that is there for that, and only once somebody asks. A selector waits for whole
    /// milliseconds, so for less than one the loop would look again and again: a core, for as long as messages are gathered.
    void after(long nanos, Runnable task) {
        try {
            timer.schedule(() -> runSafely(task), nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // nobody takes part any more: whoever asked has closed meanwhile
        }
    }

    /// Returns when the loop's selector has looked once more: the system closes a socket that a selector has only then. On the loop's
    /// own thread it does not wait.
    void awaitNextLook() {
        CountDownLatch looked = new CountDownLatch(1);
        execute(() -> schedule(1, looked::countDown)); // runs after that look
        if (!isCurrent()) {
            await(looked);
        }
    }

    /// Waits for something that the loop's thread does soon, whatever interrupts come meanwhile.
    static void await(CountDownLatch done) {
        boolean interrupted = false;
        long deadline = Deadline.after(LOOK_TIMEOUT);
        while (done.getCount() > 0 && Deadline.remaining(deadline) > 0) {
            try {
                boolean _ = done.await(Deadline.remaining(deadline), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Waits for a socket. On the loop's thread only.
    LoopWatch watch(LoopSocket socket, LoopHandle.Ready ready) {
        return new LoopWatch(loop, socket, (input, output) -> {
            try {
                ready.ready(input, output);
            } catch (RuntimeException e) {
                LOG.warn("a task of the sockets' thread failed", e);
            }
        });
    }

    private static void runSafely(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.warn("a task of the sockets' thread failed", e);
        }
    }

    private void run() {
        try {
            while (!stopped) {
                loop.run(0); // waits until something happens
            }
            LoopPoller.end(loop);
        } catch (Throwable e) {
            LOG.error("the thread that waits for all sockets has failed", e);
        }
    }
}
