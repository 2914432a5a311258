package io.sluice.ipc.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Who may use one direction of a channel: many threads take turns, or a single one has it and there is no lock.
///
/// Using a direction from inside itself (a poll from a handler, an offer between a claim and its commit) would destroy
/// its state, so it is refused in both cases.
final class Turn {
    private static final long NOBODY = 0; // no thread has this id
    private static final VarHandle OWNER;

    static {
        try {
            OWNER = MethodHandles.lookup().findVarHandle(Turn.class, "owner", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ReentrantLock lock;
    private final String nested;
    /// The id of the thread that has the turn. A number, because to store a reference makes the garbage collector fence.
    private long owner = NOBODY;
    private volatile boolean isGivenUp;

    /// @param nested what to tell a thread that enters twice
    Turn(boolean single, String nested) {
        this.lock = single ? null : new ReentrantLock();
        this.nested = nested;
    }

    boolean tryEnter() {
        if (lock != null && !lock.tryLock()) {
            return false;
        }
        take();
        return true;
    }

    boolean enter(long nanos) throws InterruptedException {
        if (lock != null && !lock.tryLock() && !lock.tryLock(nanos, TimeUnit.NANOSECONDS)) {
            return false;
        }
        take();
        return true;
    }

    /// Enters in order to close, which must not be held up for ever by a claim that is never committed.
    ///
    /// @return whether [#exit] must follow
    boolean enterToClose(long nanos) {
        if (lock == null || isMine()) {
            return false;
        }
        boolean interrupted = Thread.interrupted();
        try {
            return enter(nanos);
        } catch (InterruptedException e) {
            interrupted = true;
            return false;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void take() {
        if (owner != NOBODY) {
            if (lock != null) {
                lock.unlock();
            }
            throw new IllegalStateException(nested);
        }
        // Release, and no fence behind it: see Occupancy.
        OWNER.setRelease(this, Thread.currentThread().threadId());
    }

    void exit() {
        // Release: what was done in this turn comes before it is free.
        OWNER.setRelease(this, NOBODY);
        if (lock != null) {
            lock.unlock();
        }
    }

    /// Whether the calling thread has the turn.
    boolean isMine() {
        return (long) OWNER.getOpaque(this) == Thread.currentThread().threadId();
    }

    /// Whether nobody has the turn, or only somebody who was given up.
    boolean isFree() {
        // Acquire: pairs with exit.
        return (long) OWNER.getAcquire(this) == NOBODY || isGivenUp;
    }

    /// Whoever has the turn does not keep the memory any longer.
    void giveUp() {
        isGivenUp = true;
    }
}
