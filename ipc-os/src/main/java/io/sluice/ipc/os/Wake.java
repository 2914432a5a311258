package io.sluice.ipc.os;

import io.sluice.ipc.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What ends a poll(2): a counter, eventfd(2), that is readable from [#signal] until [#drain].
///
/// A signal stays until it is drained, so one that comes before the wait ends it as well.
final class Wake implements AutoCloseable {
    final Descriptor descriptor;
    private final MemorySegment one = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
    private final MemorySegment count = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
    private final MemorySegment errno = Arena.ofAuto().allocate(Linker.Option.captureStateLayout());

    Wake() {
        Descriptor.checkSupported();
        int number = Libc.eventfd(Libc.O_CLOEXEC | Libc.O_NONBLOCK);
        if (number < 0) {
            throw new SystemCallException(
                    "an eventfd cannot be made: " + Libc.words(number)
                            + "; if there are too many open files, raise ulimit -n, see eventfd(2)");
        }
        descriptor = new Descriptor(number);
        one.set(ValueLayout.JAVA_LONG, 0, 1);
    }

    /// Ends the wait, now or the next one; from any thread.
    synchronized void signal() {
        if (descriptor.enter()) {
            try {
                // EAGAIN: the counter is at its end, so it is readable all the more.
                Libc.write(errno, descriptor.number(), one.address(), Long.BYTES);
            } finally {
                descriptor.leave();
            }
        }
    }

    /// Takes all signals back; by the thread that waits.
    void drain() {
        descriptor.read(count, 0, Long.BYTES);
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
