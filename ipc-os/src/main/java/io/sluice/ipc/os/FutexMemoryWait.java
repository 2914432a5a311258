package io.sluice.ipc.os;

import io.sluice.ipc.ring.MemoryWait;
import io.sluice.ipc.ring.RingLayout;
import java.lang.foreign.MemorySegment;

/// Threads sleep in futex(2), where there is one.
public final class FutexMemoryWait implements MemoryWait {
    private static final MemoryWait FUTEX = new FutexMemoryWait();

    private FutexMemoryWait() {}

    /// The way to sleep on this machine.
    ///
    /// @return [MemoryWait#NONE] if there is no futex
    public static MemoryWait get() {
        return Futex.isSupported() ? FUTEX : MemoryWait.NONE;
    }

    @Override
    public boolean isSupported() {
        return true;
    }

    @Override
    public void sleep(MemorySegment memory, long offset, long nanos) {
        Futex.await(memory, offset, RingLayout.WAIT_FUTEX, RingLayout.WAIT_NONE, nanos);
    }

    @Override
    public void wake(MemorySegment memory, long offset) {
        Futex.wake(memory, offset, 1);
    }
}
