package io.sluice.ipc.os.stream;

import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.PollSet;
import java.util.Arrays;

/// One thread's descriptors, and who is told when one of them is ready. Used by that thread only, except [#wakeUp()].
public final class Poller implements AutoCloseable {
    private final PollSet set = new PollSet();
    private Watch[] watches = new Watch[16];

    Poller() {}

    /// Is told what a descriptor is ready for.
    @FunctionalInterface
    public interface Ready {
        /// @param events [PollSet#IN], [PollSet#OUT], bits of [PollSet#GONE]
        void ready(int events);
    }

    /// A descriptor in the set.
    public final class Watch {
        private final Ready ready;
        private int index;

        private Watch(Ready ready, int index) {
            this.ready = ready;
            this.index = index;
        }

        /// Takes the descriptor out. A second time does nothing.
        public void cancel() {
            if (index >= 0) {
                int last = set.size() - 1;
                set.remove(index);
                watches[index] = watches[last];
                watches[index].index = index;
                watches[last] = null;
                index = -1;
            }
        }
    }

    /// Watches a descriptor until its watch is cancelled.
    ///
    /// @return the watch, or null if the descriptor is closed
    Watch watch(Descriptor descriptor, int events, Ready ready) {
        int index = set.add(descriptor, events);
        if (index < 0) {
            return null;
        }
        if (index == watches.length) {
            watches = Arrays.copyOf(watches, 2 * index);
        }
        watches[index] = new Watch(ready, index);
        return watches[index];
    }

    /// Waits, and tells those whose descriptors are ready.
    void poll(long nanos) {
        set.await(nanos);
        // Backwards: where one is cancelled, the last comes, which has had its turn; new ones are not ready yet.
        for (int i = set.size() - 1; i >= 0; i--) {
            if (i < set.size()) {
                int events = set.ready(i);
                if (events != 0) {
                    watches[i].ready.ready(events);
                }
            }
        }
    }

    /// Ends the wait, now or the next one; from any thread.
    void wakeUp() {
        set.wakeUp();
    }

    @Override
    public void close() {
        set.close();
    }
}
