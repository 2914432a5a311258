package io.sluice.ipc.file;

import io.sluice.ipc.os.FileEvents;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread of this process that watches files for all its channels: who asks, who notifies, who is gone.
///
/// Where the kernel tells what happens to files, it sleeps until something does; and has every file looked at once in a while
/// all the same, since it is told of too much at once that some is not told. What others do on other machines it is not told
/// of; then it looks at all files again and again, as often as this takes a thirtieth of its time.
///
/// That somebody has closed a file is told a moment before his locks are released, so whoever has looked in vain is asked to
/// look again soon, some more times.
final class Watcher {
    /// What is told of. Called on the watching thread; must not block.
    interface Listener {
        /// Something may have happened.
        ///
        /// @param mask what, of [FileEvents]; 0 if it is only time to look
        /// @return true to be asked again soon
        boolean look(int mask);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Watcher.class);
    private static final long SWEEP_NANOS = 2_000_000_000;
    private static final long SHORTEST_ROUND_NANOS = 2_000_000;
    private static final int SHARE = 30;
    private static final long FIRST_RETRY_NANOS = 200_000;
    private static final int RETRIES = 10;

    private static Watcher current;

    private final FileEvents events;
    private final Map<Watch, Watch> watches = new ConcurrentHashMap<>();
    private final Map<Integer, Watch> byNumber = new HashMap<>(); // guarded by this class's monitor
    private final Map<Watch, Integer> retries = new LinkedHashMap<>(); // of the watching thread
    private int blind; // guarded by this class's monitor; how many watches the kernel tells nothing of
    private Thread thread;
    private volatile boolean stopped;

    private Watcher(FileEvents events) {
        this.events = events;
    }

    /// A file that is watched.
    final class Watch implements AutoCloseable {
        private final Listener listener;
        private final int number;
        private volatile boolean ended;

        private Watch(int number, Listener listener) {
            this.number = number;
            this.listener = listener;
        }

        /// Ends it; a call of the listener may be under way. A second time does nothing.
        @Override
        public void close() {
            end(this);
        }
    }

    /// Watches a file.
    ///
    /// @param file that no other watch of this process is for
    /// @param mask what to tell of
    /// @param local whether all who use the file are on this machine, and use it through its file systems
    /// @param listener is told
    static Watch watch(Path file, int mask, boolean local, Listener listener) {
        synchronized (Watcher.class) {
            if (current == null) {
                current = new Watcher(FileEvents.open());
                current.thread =
                        Thread.ofPlatform().daemon().name("ipc-file-watch").unstarted(current::run);
                current.thread.start();
            }
            return current.add(file, mask, local, listener);
        }
    }

    private Watch add(Path file, int mask, boolean local, Listener listener) {
        int number = local && events != null ? events.watch(file, mask) : -1;
        Watch watch = new Watch(number, listener);
        watches.put(watch, watch);
        if (number >= 0) {
            byNumber.put(number, watch);
        } else if (blind++ == 0) {
            LockSupport.unpark(thread);
            wakeUp();
        }
        return watch;
    }

    /// Ends the wait of the watching thread, which looks whether it is to wait as it did.
    private void wakeUp() {
        if (events != null) {
            int any = events.watch(Path.of("/"), FileEvents.CLOSED);
            events.unwatch(any);
        }
    }

    private void end(Watch watch) {
        synchronized (Watcher.class) {
            if (watch.ended) {
                return;
            }
            watch.ended = true;
            watches.remove(watch);
            if (watch.number < 0) {
                blind--;
            } else if (byNumber.remove(watch.number, watch)) {
                events.unwatch(watch.number);
            }
            if (watches.isEmpty()) {
                stopped = true;
                current = null;
                LockSupport.unpark(thread);
                wakeUp();
            }
        }
    }

    // ---- the watching thread

    private void run() {
        long nextSweep = System.nanoTime() + SWEEP_NANOS;
        long roundTook = 0;
        long lastTook = 0;
        while (!stopped) {
            long now = System.nanoTime();
            long pause = nextSweep - now;
            boolean rounds = isBlind();
            if (rounds) {
                pause = Math.max(SHORTEST_ROUND_NANOS, SHARE * roundTook);
            }
            if (!retries.isEmpty()) {
                pause = Math.min(pause, retryPause());
            }
            await(Math.max(0, pause));
            retry();
            now = System.nanoTime();
            if (rounds || now - nextSweep >= 0) {
                boolean all = now - nextSweep >= 0;
                for (Watch watch : watches.keySet()) {
                    if (all || watch.number < 0) {
                        look(watch, 0);
                    }
                }
                long took = System.nanoTime() - now;
                roundTook = Math.min(took, lastTook); // of two: one in which the thread had no processor tells nothing
                lastTook = took;
                nextSweep = all ? now + SWEEP_NANOS : nextSweep;
            }
        }
        if (events != null) {
            events.close();
        }
    }

    private boolean isBlind() {
        synchronized (Watcher.class) {
            return blind > 0;
        }
    }

    private void await(long nanos) {
        if (events == null) {
            LockSupport.parkNanos(this, nanos);
        } else {
            events.await(nanos, this::onEvent);
        }
    }

    private void onEvent(int number, int mask) {
        if (number < 0) {
            watches.keySet().forEach(watch -> look(watch, 0));
            return;
        }
        Watch watch;
        synchronized (Watcher.class) {
            watch = byNumber.get(number);
        }
        if (watch != null) {
            look(watch, mask);
        }
    }

    private void look(Watch watch, int mask) {
        if (!watch.ended && call(watch, mask)) {
            retries.put(watch, 0);
        }
    }

    private static boolean call(Watch watch, int mask) {
        try {
            return watch.listener.look(mask);
        } catch (RuntimeException | InternalError e) {
            if (!watch.ended) {
                LOG.warn("A file that is watched could not be looked at", e);
            }
            return false;
        }
    }

    private long retryPause() {
        int done = retries.values().stream().mapToInt(Integer::intValue).min().orElse(0);
        return FIRST_RETRY_NANOS << done;
    }

    private void retry() {
        for (Iterator<Map.Entry<Watch, Integer>> each = List.copyOf(retries.entrySet()).iterator(); each.hasNext();) {
            Map.Entry<Watch, Integer> retry = each.next();
            Watch watch = retry.getKey();
            int done = retry.getValue() + 1;
            if (watch.ended || !call(watch, FileEvents.CLOSED) || done > RETRIES) {
                retries.remove(watch);
            } else {
                retries.put(watch, done);
            }
        }
    }
}
