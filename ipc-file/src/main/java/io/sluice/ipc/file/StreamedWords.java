package io.sluice.ipc.file;

import io.sluice.ipc.os.ByteLocks;
import io.sluice.ipc.os.DiskFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.LockSupport;

/// [Words] that are read and written by positioned calls; who replaces one by another holds the lock of its first byte
/// meanwhile, for a few microseconds. The kernel releases the lock of who dies.
final class StreamedWords implements Words {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final long PAUSE_NANOS = 50_000;

    private final DiskFile file;
    private final ByteLocks locks;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final MemorySegment word = arena.allocate(LONG);

    /// @param file is closed with this
    StreamedWords(DiskFile file, int length) {
        this.file = file;
        this.locks = new ByteLocks(file);
        this.memory = arena.allocate(length, Long.BYTES);
    }

    @Override
    public synchronized long get(int offset) {
        word.set(LONG, 0, 0);
        file.read(word, offset);
        return word.get(LONG, 0);
    }

    @Override
    public synchronized void put(int offset, long value) {
        word.set(LONG, 0, value);
        file.write(word, offset);
    }

    @Override
    public synchronized long compareAndExchange(int offset, long expected, long value) {
        lock(locks, offset);
        try {
            long found = get(offset);
            if (found == expected) {
                put(offset, value);
            }
            return found;
        } finally {
            locks.unlock(offset);
        }
    }

    /// Waits for a lock that nobody holds for long.
    static void lock(ByteLocks locks, long at) {
        boolean interrupted = false;
        while (!locks.tryLock(at)) {
            LockSupport.parkNanos(locks, PAUSE_NANOS);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public byte[] bytes(int offset, int length) {
        try (Arena own = Arena.ofConfined()) {
            MemorySegment copy = own.allocate(length);
            file.read(copy, offset);
            return copy.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Override
    public void bytes(int offset, byte[] source) {
        try (Arena own = Arena.ofConfined()) {
            file.write(own.allocateFrom(ValueLayout.JAVA_BYTE, source), offset);
        }
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public boolean isMapped() {
        return false;
    }

    @Override
    public void close() {
        arena.close();
        file.close();
    }
}
