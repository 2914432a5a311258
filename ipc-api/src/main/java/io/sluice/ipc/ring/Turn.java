package io.sluice.ipc.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Who may use one direction of a channel: many threads take turns, or a single one has it and there is no lock.
///
/// Using a direction from inside itself (a poll from a handler, an offer between a claim and its commit) would destroy
/// its state, so it is refused in both cases. Channels on streams of bytes use it, too.
public final class Turn {
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
    /// The id of the thread that has the turn, negative if it has it for a claim. A number, because to store a reference
    /// makes the garbage collector fence.
    private long owner = NOBODY;
    private volatile boolean isGivenUp;

    /// @param single whether one thread has it for ever, so that there is no lock
    /// @param nested what to tell a thread that enters twice
    public Turn(boolean single, String nested) {
        this.lock = single ? null : new ReentrantLock();
        this.nested = nested;
    }

    /// Takes the turn if it can be had at once; [#exit()] must follow.
    ///
    /// @return whether it could
    public boolean tryEnter() {
        if (lock != null && !lock.tryLock()) {
            return false;
        }
        take(Thread.currentThread().threadId());
        return true;
    }

    /// As [#tryEnter], for a claim, which keeps the turn for as long as the application likes.
    ///
    /// @return whether it could
    public boolean tryEnterToClaim() {
        if (lock != null && !lock.tryLock()) {
            return false;
        }
        take(-Thread.currentThread().threadId());
        return true;
    }

    /// Waits for the turn and takes it; [#exit()] must follow.
    ///
    /// @param nanos how long to wait, at most
    /// @return whether it could be had in that time
    /// @throws InterruptedException if the thread is interrupted, before or while it waits
    public boolean enter(long nanos) throws InterruptedException {
        if (lock != null && !lock.tryLock() && !lock.tryLock(nanos, TimeUnit.NANOSECONDS)) {
            return false;
        }
        take(Thread.currentThread().threadId());
        return true;
    }

    /// Enters in order to close, which must not be held up for ever by a claim that is never committed.
    ///
    /// @param nanos how long to wait, at most
    /// @return whether [#exit] must follow
    public boolean enterToClose(long nanos) {
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

    private void take(long newOwner) {
        if (owner != NOBODY) {
            if (lock != null) {
                lock.unlock();
            }
            throw new IllegalStateException(nested);
        }
        // Release, and no fence behind it: see Occupancy.
        OWNER.setRelease(this, newOwner);
    }

    /// Gives the turn back.
    public void exit() {
        // Release: what was done in this turn comes before it is free.
        OWNER.setRelease(this, NOBODY);
        if (lock != null) {
            lock.unlock();
        }
    }

    /// Whether the calling thread has the turn.
    ///
    /// @return true if it has
    public boolean isMine() {
        return Math.abs((long) OWNER.getOpaque(this)) == Thread.currentThread().threadId();
    }

    /// Whether the calling thread has the turn for a claim.
    ///
    /// @return whether it has
    public boolean isMyClaim() {
        return (long) OWNER.getOpaque(this) == -Thread.currentThread().threadId();
    }

    /// Whether some thread has the turn for a claim.
    ///
    /// @return whether one has
    public boolean isClaimed() {
        return (long) OWNER.getOpaque(this) < 0;
    }

    /// Whether nobody has the turn, or only somebody who was given up.
    ///
    /// @return true if so
    public boolean isFree() {
        // Acquire: pairs with exit.
        return (long) OWNER.getAcquire(this) == NOBODY || isGivenUp;
    }

    /// Whoever has the turn does not keep the memory any longer.
    public void giveUp() {
        isGivenUp = true;
    }
}
