package io.sluice.ipc.ring;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Who may use one direction of a channel: many threads take turns, or a single one has it and there is no lock.
///
/// Using a direction from inside itself (a poll from a handler, an offer between a claim and its commit) would destroy
/// its state, so it is refused in both cases.
final class Turn {
    private static final long PATIENCE_NANOS = 1_000_000_000L;

    private final ReentrantLock lock;
    private final String nested;
    private Thread owner;

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
    boolean enterToClose() {
        if (lock == null || isMine()) {
            return false;
        }
        boolean interrupted = Thread.interrupted();
        try {
            return enter(PATIENCE_NANOS);
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
        if (owner != null) {
            if (lock != null) {
                lock.unlock();
            }
            throw new IllegalStateException(nested);
        }
        owner = Thread.currentThread();
    }

    void exit() {
        owner = null;
        if (lock != null) {
            lock.unlock();
        }
    }

    /// Whether the calling thread has the turn.
    boolean isMine() {
        return owner == Thread.currentThread();
    }
}
