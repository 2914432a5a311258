package io.sluice.ipc.ring;

import static io.sluice.ipc.ring.RingLayout.INT;
import static io.sluice.ipc.ring.RingLayout.WAIT_DOORBELL;
import static io.sluice.ipc.ring.RingLayout.WAIT_FUTEX;
import static io.sluice.ipc.ring.RingLayout.WAIT_LINK;
import static io.sluice.ipc.ring.RingLayout.WAIT_NONE;

import io.sluice.ipc.spi.WaitStrategy;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// The sleeper's half of a wait word: spins, then sleeps until the peer, a close, an interrupt or a deadline wakes it.
///
/// Platform threads sleep on the word itself where the system can do that; virtual threads, which must not hold their
/// carrier in a system call, park and are woken through the link. For one thread at a time, except [#wakeUp()].
public final class WaitPoint {
    /// How long `adaptive` spins at most: a few times what going to sleep and being woken costs.
    private static final long MAX_SPIN_NANOS = 20_000;

    private static final long MIN_SPIN_NANOS = 500;
    private static final int SPINS_BETWEEN_CHECKS = 64;
    /// How long a thread sleeps on a word before it looks by itself: nobody can wake it if the peer truncates the memory.
    private static final long MAX_SLEEP_NANOS = 1_000_000_000;

    private static final boolean ONE_PROCESSOR = Runtime.getRuntime().availableProcessors() == 1;

    private final MemorySegment ring;
    private final long offset;
    private final MemoryWait memoryWait;
    private final WaitStrategy strategy;
    private final BooleanSupplier ready;

    private volatile Thread sleeper;
    private long spinNanos = MAX_SPIN_NANOS;
    private long waits;

    /// @param ring the memory that the peer sees as well
    /// @param offset of the wait word in it
    /// @param link to the peer
    /// @param strategy how to wait
    /// @param ready what is waited for, or that there is no point in waiting any more
    public WaitPoint(MemorySegment ring, long offset, Link link, WaitStrategy strategy, BooleanSupplier ready) {
        this.ring = ring;
        this.offset = offset;
        this.memoryWait = link.memoryWait();
        this.strategy = strategy;
        this.ready = ready;
    }

    /// Waits until it is ready.
    ///
    /// @param deadline by [System#nanoTime()], or `Long.MAX_VALUE` for none
    /// @return false if the deadline passed first
    /// @throws InterruptedException if the thread is interrupted
    public boolean await(long deadline) throws InterruptedException {
        if (ready.getAsBoolean()) {
            return true;
        }
        return switch (strategy) {
            case SPIN -> spin(deadline, Long.MAX_VALUE) || ready.getAsBoolean();
            case ADAPTIVE -> spinThenSleep(deadline);
            case BLOCK -> sleep(deadline);
        };
    }

    private boolean spinThenSleep(long deadline) throws InterruptedException {
        if (!ONE_PROCESSOR) {
            if (spin(deadline, spinNanos)) {
                spinNanos = Math.min(MAX_SPIN_NANOS, spinNanos * 2);
                return true;
            }
            spinNanos = Math.max(MIN_SPIN_NANOS, spinNanos / 2);
        }
        return sleep(deadline);
    }

    private boolean spin(long deadline, long atMostNanos) throws InterruptedException {
        long start = System.nanoTime();
        while (true) {
            for (int i = 0; i < SPINS_BETWEEN_CHECKS; i++) {
                if (ready.getAsBoolean()) {
                    return true;
                }
                Thread.onSpinWait();
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long now = System.nanoTime();
            if (now - start >= atMostNanos || isPast(deadline, now)) {
                return false;
            }
        }
    }

    private boolean sleep(long deadline) throws InterruptedException {
        boolean onWord = memoryWait.isSupported() && !Thread.currentThread().isVirtual();
        sleeper = Thread.currentThread();
        try {
            while (true) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                long now = System.nanoTime();
                if (isPast(deadline, now)) {
                    return ready.getAsBoolean();
                }
                // Volatile and a fence: the word is set before we look once more; pairs with PeerSignal.changed.
                INT.setVolatile(ring, offset, onWord ? WAIT_FUTEX : WAIT_LINK);
                VarHandle.fullFence();
                if (ready.getAsBoolean()) {
                    return true;
                }
                waits++;
                long nanos = deadline == Long.MAX_VALUE ? Long.MAX_VALUE : deadline - now;
                if (onWord) {
                    memoryWait.sleep(ring, offset, Math.min(nanos, MAX_SLEEP_NANOS));
                } else {
                    LockSupport.parkNanos(this, nanos);
                }
                if (ready.getAsBoolean()) {
                    return true;
                }
            }
        } finally {
            sleeper = null;
            INT.setRelease(ring, offset, WAIT_NONE);
        }
    }

    private static boolean isPast(long deadline, long now) {
        return deadline != Long.MAX_VALUE && now - deadline >= 0;
    }

    /// Asks for the doorbell instead of sleeping here: for a served channel, whose one thread sleeps there. Does nothing
    /// if another thread of this side sleeps here, which would never be woken otherwise.
    public void arm() {
        // As in sleep: pairs with PeerSignal.changed.
        INT.compareAndSet(ring, offset, WAIT_NONE, WAIT_DOORBELL);
        VarHandle.fullFence();
    }

    /// Wakes whoever sleeps here, so that it looks again whether it is ready. From any thread.
    public void wakeUp() {
        Thread thread = sleeper;
        if (thread != null) {
            try {
                INT.setVolatile(ring, offset, WAIT_NONE);
                memoryWait.wake(ring, offset);
            } catch (InternalError e) {
                // The peer has truncated the memory; whoever sleeps on the word finds out by itself.
            }
            LockSupport.unpark(thread);
        }
    }

    /// How often a thread has gone to sleep.
    ///
    /// @return the count
    public long waits() {
        return waits;
    }
}
