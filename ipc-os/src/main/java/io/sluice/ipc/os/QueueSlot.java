package io.sluice.ipc.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/// What one thread needs to send or receive on a [KernelQueue]: native memory for a message, made once and used again, and
/// the means to end a wait.
///
/// ```
///   byte  0                8
///         +----------------+------------------------------+
///         | label    int64 | message, up to the capacity  |   struct msgbuf of msgop(2); POSIX uses the rest of it only
///         +----------------+------------------------------+
/// ```
///
/// For one thread at a time, except [#stop()].
public final class QueueSlot implements AutoCloseable {
    private static final int LABEL_LENGTH = Long.BYTES;

    private final Arena arena;
    private final boolean collected;
    private final int capacity;
    private final MemorySegment labelled;
    private final MemorySegment message;
    private final MemorySegment errno;
    private final MemorySegment priority;
    private final MemorySegment timespec;
    private final Blocker blocker;
    private MemorySegment timerMemory;
    private volatile PollWait wait;
    private volatile boolean stopped;

    /// Makes a slot.
    ///
    /// @param capacity the largest message, in bytes
    public QueueSlot(int capacity) {
        this(capacity, false);
    }

    private QueueSlot(int capacity, boolean collected) {
        this.arena = collected ? Arena.ofAuto() : Arena.ofShared();
        this.collected = collected;
        this.capacity = capacity;
        this.errno = arena.allocate(Linker.Option.captureStateLayout());
        this.priority = arena.allocate(ValueLayout.JAVA_INT);
        this.timespec = arena.allocate(2 * Long.BYTES, Long.BYTES);
        this.blocker = new Blocker(timespec);
        this.labelled = arena.allocate((long) LABEL_LENGTH + capacity, Long.BYTES);
        this.message = labelled.asSlice(LABEL_LENGTH, capacity);
    }

    /// Makes a slot whose memory the garbage collector frees, for calls that may be under way in one thread while another closes.
    ///
    /// @param capacity the largest message, in bytes
    /// @return the slot
    public static QueueSlot collected(int capacity) {
        return new QueueSlot(capacity, true);
    }

    /// The message: to be written before it is sent, or as it was received.
    ///
    /// @return native memory of the slot's capacity
    public MemorySegment message() {
        return message;
    }

    /// How large a message may be.
    ///
    /// @return bytes
    public int capacity() {
        return capacity;
    }

    /// The priority or the type of the message that was received last.
    ///
    /// @return the label
    public long label() {
        return labelled.get(ValueLayout.JAVA_LONG, 0);
    }

    void label(long label) {
        labelled.set(ValueLayout.JAVA_LONG, 0, label);
    }

    long labelledAddress() {
        return labelled.address();
    }

    long messageAddress() {
        return message.address();
    }

    MemorySegment errno() {
        return errno;
    }

    MemorySegment priority() {
        return priority;
    }

    /// The address of a struct timespec: some time from now, by the wall clock. [Blocker] lets it pass when the call is to end.
    long inMillis(long millis) {
        long then = System.currentTimeMillis() + millis;
        timespec.set(ValueLayout.JAVA_LONG, 0, then / 1_000);
        timespec.set(ValueLayout.JAVA_LONG, Long.BYTES, then % 1_000 * 1_000_000);
        return timespec.address();
    }

    /// Ends the wait that a thread is in with this slot, or the next one. From any thread.
    public void stop() {
        stopped = true;
        PollWait waiting = wait;
        if (waiting != null) {
            waiting.wakeUp();
        }
        blocker.wakeup();
    }

    /// Frees the memory. No thread may use the slot any more.
    @Override
    public void close() {
        if (wait != null) {
            wait.close();
        }
        if (!collected) {
            arena.close();
        }
    }

    // ---- waiting for a descriptor

    /// Waits as [PollWait#await] does; an interrupt or [#stop()] ends it.
    void poll(Descriptor descriptor, int events, long nanos) {
        if (wait == null) {
            wait = new PollWait();
        }
        if (!stopped) { // whoever stops looks for the wait after it has said so
            wait.await(descriptor, events, nanos);
        }
        stopped = false;
    }

    // ---- a call that a signal ends

    /// A system call that may block.
    @FunctionalInterface
    interface Call {
        /// @return its result, or an error number below zero
        int run(QueueSlot slot, int length, long label);
    }

    /// Makes a call that only a signal can end; see [CallSignal].
    ///
    /// @return its result, or [KernelQueue#AGAIN] if it was ended
    int call(Call call, int length, long label, long nanos) {
        if (nanos <= 0) {
            return KernelQueue.AGAIN;
        }
        long thread = CallSignal.thread();
        long timer = -1;
        if (!blocker.enterCall(thread)) {
            return KernelQueue.AGAIN;
        }
        try {
            if (nanos != Long.MAX_VALUE) {
                if (timerMemory == null) {
                    timerMemory = CallSignal.timerMemory(arena);
                }
                timer = CallSignal.startTimer(timerMemory, thread, nanos);
            }
            int result = timer < 0 && nanos != Long.MAX_VALUE ? -Libc.ENOMEM : call.run(this, length, label);
            return result == -Libc.EINTR ? KernelQueue.AGAIN : result;
        } finally {
            if (timer >= 0) {
                CallSignal.stopTimer(timer);
            }
            blocker.leave();
        }
    }

    /// Where the thread that waits with this slot is, and how it is got out of there.
    ///
    /// As in [FutexWait], this is a selector that selects nothing, because what the JDK calls when a thread in a selector
    /// is interrupted is [#wakeup()]. That may come late, when the slot is in another wait, which then ends early.
    ///
    /// A signal is sent only while `state` is [#SIGNALLING], and a thread leaves its call only from [#IN_CALL]: so none is
    /// sent once the thread has left. One that comes before the thread has reached the system call is lost; so it is
    /// sent again until the thread has left, or is in a later wait, which the count of waits tells.
    ///
    /// A call that has a deadline is restarted after a signal, signal(7), and reads its deadline anew, so that is put into
    /// the past first.
    private static final class Blocker extends AbstractSelector {
        private static final VarHandle STATE;
        private static final int OUTSIDE = 0;
        private static final int IN_CALL = 1;
        private static final int SIGNALLING = 2;
        private static final long FIRST_PAUSE_NANOS = 20_000;
        private static final long LONGEST_PAUSE_NANOS = 1_000_000;

        static {
            try {
                STATE = MethodHandles.lookup().findVarHandle(Blocker.class, "state", int.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private volatile int state;
        private volatile long waits;
        private final MemorySegment deadline;
        private volatile boolean stopped;
        private volatile long thread;
        private volatile Thread owner;

        Blocker(MemorySegment deadline) {
            super(null);
            this.deadline = deadline;
        }

        /// @return false if the wait has been stopped already
        boolean enterCall(long callingThread) {
            owner = Thread.currentThread();
            thread = callingThread;
            waits++;
            state = IN_CALL;
            begin();
            if (stopped) {
                leave();
                return false;
            }
            return true;
        }

        void leave() {
            end();
            while (!STATE.compareAndSet(this, IN_CALL, OUTSIDE)) {
                Thread.onSpinWait(); // until the signal that is just being sent has been
            }
            owner = null;
            stopped = false;
        }

        @Override
        public Selector wakeup() {
            stopped = true;
            long wait = waits;
            if (Thread.currentThread() == owner) {
                return this; // interrupted before it began to wait
            }
            // The pauses are as important as the signals: a thread that gets one after another gets nothing else done, and
            // never leaves. So the caller's own interrupts, which end a pause, are put by until the end.
            boolean interrupted = false;
            long pause = FIRST_PAUSE_NANOS;
            while (waits == wait && STATE.compareAndSet(this, IN_CALL, SIGNALLING)) {
                deadline.fill((byte) 0);
                CallSignal.interrupt(thread);
                state = IN_CALL;
                interrupted |= Thread.interrupted();
                LockSupport.parkNanos(pause);
                pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
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
