package io.sluice.ipc.file;

import io.sluice.ipc.ClosedException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/// Lets one thread at a time in, and after it is closed nobody: so that no thread is inside a mapping when it is
/// unmapped, which could kill the JVM (JDK-8364167), and a second thread is told that it is one too many.
///
/// Entering is one compare-and-set, some 6 ns.
final class Gate {
    private static final int FREE = 0;
    private static final int TAKEN = 1;
    private static final int CLOSED = 2;
    private static final long PAUSE_NANOS = 50_000;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Gate.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private final String what;
    private volatile int state;
    private volatile boolean closing;
    /// The number of the thread that is inside. No reference: storing one makes the garbage collector fence.
    private long inside;

    /// @param what is behind it, for people
    Gate(String what) {
        this.what = what;
    }

    void enter() {
        if (!STATE.compareAndSet(this, FREE, TAKEN)) {
            throw refusal();
        }
        inside = Thread.currentThread().threadId();
    }

    private RuntimeException refusal() {
        return state == CLOSED || closing
                ? closed()
                : new IllegalStateException(what + " is in use by another thread, or by a handler that it has called;"
                        + " take one for each thread");
    }

    ClosedException closed() {
        return new ClosedException(what + " is closed");
    }

    /// Release: all that was done inside happens before whatever is done once the gate is closed.
    void leave() {
        inside = 0;
        STATE.setRelease(this, FREE);
    }

    /// Whether somebody waits for the gate to be free, to close it: whoever is inside for long leaves then.
    boolean isClosing() {
        return closing;
    }

    /// Closes it as soon as nobody is inside.
    ///
    /// @param wake is called again and again until then: wakes who sleeps inside
    /// @return false if it was closed before
    boolean close(Runnable wake) {
        if (state == TAKEN && inside == Thread.currentThread().threadId()) {
            throw new IllegalStateException(what + " cannot be closed by a handler that it has called");
        }
        closing = true;
        while (!STATE.compareAndSet(this, FREE, CLOSED)) {
            if (state == CLOSED) {
                return false;
            }
            wake.run();
            LockSupport.parkNanos(this, PAUSE_NANOS);
        }
        return true;
    }
}
