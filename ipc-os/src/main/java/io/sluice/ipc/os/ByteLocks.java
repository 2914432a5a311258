package io.sluice.ipc.os;

import io.sluice.ipc.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Exclusive locks on single bytes of a file, by which a process proves that it lives: the kernel releases them when
/// the process ends, whatever way it ends. The bytes need not exist.
///
/// These are the locks of open file descriptions, F_OFD_SETLK of fcntl(2). The older kind, which is Java's `FileLock`,
/// belongs to the process: it vanishes when any descriptor of the file is closed, and two users in one process do not
/// exclude each other. flock(2) locks whole files only.
///
/// ```
///   struct flock, 64 bits:
///   byte  0               2                4              8             16            24           28      32
///         +---------------+----------------+--------------+-------------+-------------+------------+-------+
///         | type    int16 | whence   int16 | -            | start int64 | length int64| pid  int32 | -     |
///         +---------------+----------------+--------------+-------------+-------------+------------+-------+
/// ```
///
/// Any thread may use it; all threads that share one object are one holder. Sources: fcntl(2), "Open file description
/// locks"; `<asm-generic/fcntl.h>`.
public final class ByteLocks {
    private static final int F_OFD_GETLK = 36;
    private static final int F_OFD_SETLK = 37;
    private static final short F_RDLCK = 0;
    private static final short F_WRLCK = 1;
    private static final short F_UNLCK = 2;
    private static final int TYPE_OFFSET = 0;
    private static final int START_OFFSET = 8;
    private static final int LENGTH_OFFSET = 16;
    private static final int STRUCT_LENGTH = 32;

    private final DiskFile file;

    /// @param file whose bytes are locked; it must be writable to lock, not to ask. Closing it releases all locks
    public ByteLocks(DiskFile file) {
        this.file = file;
    }

    /// Locks a byte if nobody else has it. Does not block.
    ///
    /// @param at which
    /// @return true if this holds it now
    /// @throws SystemCallException if the file system has no locks
    public boolean tryLock(long at) {
        int result = set(at, F_WRLCK);
        if (result == 0) {
            return true;
        }
        if (result == -Libc.EAGAIN || result == -Libc.EACCES) {
            return false;
        }
        throw failed(result);
    }

    /// Gives a byte back.
    ///
    /// @param at which
    public void unlock(long at) {
        int result = set(at, F_UNLCK);
        if (result < 0) {
            throw failed(result);
        }
    }

    private int set(long at, short type) {
        try (Arena arena = Arena.ofConfined()) {
            return Libc.lockBytes(file.descriptor(), F_OFD_SETLK, describe(arena, type, at, 1));
        }
    }

    /// Whether anybody else holds one of these bytes: another process, or another [DiskFile] of this one.
    ///
    /// @param from the first
    /// @param length how many; 0 for all that follow
    /// @return true if one is locked; by a process that lives, then
    public boolean isLockedByAnother(long from, long length) {
        try (Arena arena = Arena.ofConfined()) {
            // Asked as a reader would: that needs no right to write, and every lock here is a writer's.
            MemorySegment lock = describe(arena, F_RDLCK, from, length);
            int result = Libc.lockBytes(file.descriptor(), F_OFD_GETLK, lock);
            if (result < 0) {
                throw failed(result);
            }
            return lock.get(ValueLayout.JAVA_SHORT, TYPE_OFFSET) != F_UNLCK;
        }
    }

    private static MemorySegment describe(Arena arena, short type, long start, long length) {
        MemorySegment lock = arena.allocate(STRUCT_LENGTH, Long.BYTES);
        lock.set(ValueLayout.JAVA_SHORT, TYPE_OFFSET, type);
        lock.set(ValueLayout.JAVA_LONG, START_OFFSET, start);
        lock.set(ValueLayout.JAVA_LONG, LENGTH_OFFSET, length);
        return lock;
    }

    private SystemCallException failed(int result) {
        return new SystemCallException(file.path() + " cannot be locked: " + Libc.words(result)
                + "; journals need a file system with locks");
    }
}
