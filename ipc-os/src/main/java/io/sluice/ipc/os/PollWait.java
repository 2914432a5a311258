package io.sluice.ipc.os;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;

/// A thread's wait for one or two descriptors by poll(2), which an interrupt and [#wakeUp()] end.
///
/// A thread in a native call does not hear [Thread#interrupt()]. What the JDK offers for that is meant for selectors:
/// between `begin` and `end`, the interrupting thread calls [Interruption#wakeup()]. So there is a selector that selects
/// nothing, as in [FutexWait]; it signals the [Wake] that is polled as well. Such a signal may come when its wait is
/// long over; it then ends the next one early, which callers must expect anyway.
///
/// For one waiting thread at a time, a platform thread: a virtual one would hold its carrier.
public final class PollWait implements AutoCloseable {
    private final PollSet set = new PollSet();
    private final Interruption interruption = new Interruption();
    private volatile boolean closed;
    private boolean inside;

    /// Makes it, with a descriptor of its own.
    ///
    /// @throws io.sluice.ipc.UnsupportedException if there is no poll(2) here
    /// @throws io.sluice.ipc.SystemCallException if this process has too many descriptors
    public PollWait() {}

    /// Waits until the descriptor is ready, for no reason at all, or until the time is over; returns at once if it, or
    /// this, is closed. The interrupt status stays set.
    ///
    /// @param descriptor what to wait for
    /// @param events [PollSet#IN], [PollSet#OUT] or 0; it is ready if its other end is gone, too
    /// @param nanos how long at most, in nanoseconds; [Long#MAX_VALUE] for ever
    public void await(Descriptor descriptor, int events, long nanos) {
        await(descriptor, events, null, 0, nanos);
    }

    /// As [#await(Descriptor, int, long)], for two descriptors of which one has to be ready.
    ///
    /// @param first a descriptor
    /// @param events for the first
    /// @param second another one, or null
    /// @param secondEvents for the second
    /// @param nanos how long at most, in nanoseconds; [Long#MAX_VALUE] for ever
    public void await(Descriptor first, int events, Descriptor second, int secondEvents, long nanos) {
        synchronized (this) {
            if (closed) {
                return;
            }
            inside = true;
        }
        try {
            if (set.add(first, events) >= 0 && (second == null || set.add(second, secondEvents) >= 0)) {
                try {
                    interruption.start();
                    set.await(nanos);
                } finally {
                    interruption.stop();
                }
            }
        } finally {
            while (set.size() > 0) {
                set.remove(set.size() - 1);
            }
            synchronized (this) {
                inside = false;
                if (closed) {
                    set.close();
                }
            }
        }
    }

    /// Looks whether a descriptor is ready, and does not wait.
    ///
    /// @param descriptor the descriptor
    /// @param events as in [#await]
    /// @return [PollSet#IN], [PollSet#OUT], bits of [PollSet#GONE], or 0
    public static int look(Descriptor descriptor, int events) {
        try (PollSet set = new PollSet()) {
            if (set.add(descriptor, events) < 0) {
                return 0;
            }
            set.await(0);
            return set.ready(0);
        }
    }

    /// Ends the wait, now or the next one; from any thread.
    public void wakeUp() {
        set.wakeUp();
    }

    /// Ends the wait, and lets go of the descriptor when it has ended. Closing twice does nothing.
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            if (!inside) {
                set.close();
                return;
            }
        }
        set.wakeUp();
    }

    private final class Interruption extends AbstractSelector {
        Interruption() {
            super(null);
        }

        void start() {
            begin();
        }

        void stop() {
            end();
        }

        @Override
        public Selector wakeup() {
            set.wakeUp();
            return this;
        }

        @Override
        protected void implCloseSelector() {}

        @Override
        protected SelectionKey register(AbstractSelectableChannel channel, int operations, Object attachment) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<SelectionKey> keys() {
            return Set.of();
        }

        @Override
        public Set<SelectionKey> selectedKeys() {
            return Set.of();
        }

        @Override
        public int selectNow() {
            return 0;
        }

        @Override
        public int select(long timeout) {
            return 0;
        }

        @Override
        public int select() throws IOException {
            return 0;
        }
    }
}
