package io.sluice.ipc.os;

import io.sluice.ipc.SystemCallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;

/// One thread's futex wait, which an interrupt can end; each thread has one and keeps it.
///
/// A thread in a native call does not hear [Thread#interrupt()]. What the JDK offers for that is meant for selectors:
/// between [#begin()] and [#end()], the interrupting thread calls [#wakeup()]. So this is a selector that selects
/// nothing. `wakeup` changes the word before it wakes it: if the waiter has not yet reached the system call, the
/// kernel finds another value than the expected one and does not put it to sleep. It changes the word only from
/// the expected value, so that nothing newer is overwritten.
///
/// The interrupting thread calls `wakeup` after it has let go of the thread's interrupt lock, so the call may come when
/// this wait is long over, or in the midst of the thread's next one. Hence the monitor: `memory` is set only while the
/// thread is here, and nobody touches it once the thread has left. A call that comes in the next wait ends that one
/// early, which its caller must expect anyway.
final class FutexWait extends AbstractSelector {
    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /// struct timespec of a 64-bit Linux: seconds, nanoseconds.
    private final MemorySegment timespec = Arena.ofAuto().allocate(2 * Long.BYTES, Long.BYTES);

    // Guarded by this monitor; memory is null while no wait is under way.
    private MemorySegment memory;
    private long offset;
    private int expected;
    private int awake;

    FutexWait() {
        super(null);
    }

    void await(MemorySegment segment, long at, long address, int expectedValue, int awakeValue, long timeoutNanos) {
        if (timeoutNanos <= 0) {
            return;
        }
        MemorySegment timeout = MemorySegment.NULL;
        if (timeoutNanos != Long.MAX_VALUE) {
            timespec.set(ValueLayout.JAVA_LONG, 0, timeoutNanos / NANOS_PER_SECOND);
            timespec.set(ValueLayout.JAVA_LONG, Long.BYTES, timeoutNanos % NANOS_PER_SECOND);
            timeout = timespec;
        }
        synchronized (this) {
            memory = segment;
            offset = at;
            expected = expectedValue;
            awake = awakeValue;
        }
        try {
            begin();
            // 0 woken, EAGAIN another value, ETIMEDOUT, EINTR a signal: the caller looks at the word in any case.
            long result = (long) Futex.FUTEX.invokeExact(
                    Futex.SYS_FUTEX, address, Futex.FUTEX_WAIT, expectedValue, timeout, segment);
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        } finally {
            end();
            synchronized (this) {
                memory = null;
            }
        }
    }

    /// Called by an interrupting thread, or by the waiting one if it was interrupted before.
    @Override
    public Selector wakeup() {
        synchronized (this) {
            if (memory != null) {
                try {
                    WORD.compareAndSet(memory, offset, expected, awake);
                    Futex.wake(memory, offset, Integer.MAX_VALUE);
                } catch (IllegalStateException | SystemCallException e) {
                    // The memory was closed or truncated before the waiter reached the system call, which tells it so.
                }
            }
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
