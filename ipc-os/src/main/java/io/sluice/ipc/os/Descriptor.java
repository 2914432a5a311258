package io.sluice.ipc.os;

import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.UnsupportedException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/// One end of a pipe, or a socket: a descriptor that never blocks and is used by read(2) or write(2).
///
/// Any thread may close it at any time. Its number goes back to the system only once nobody is inside a call with it: a
/// number that is free is given to the next file that is opened, and a late read would take what is another's. So each
/// use is counted, and whoever leaves last closes.
///
/// One thread at a time reads, one writes; others may close it or wait for it meanwhile. Nothing is allocated.
///
/// Sources: pipe(7), read(2), write(2), close(2), fcntl(2).
public final class Descriptor implements AutoCloseable {
    /// There is nothing to read, or no room to write, now.
    public static final int WOULD_BLOCK = 0;
    /// The end: nobody can write to it any more (when reading), or nobody will read it (when writing).
    public static final int END = -1;
    /// This side has closed it.
    public static final int CLOSED = -2;

    /// Above all counts of users.
    private static final int CLOSING = 1 << 30;
    /// struct timespec of no time at all.
    private static final MemorySegment NO_TIME = Arena.global().allocate(2 * Long.BYTES, Long.BYTES);
    private static final int RESULT = 6;
    private static final long MEMORY =
            Long.BYTES + Integer.BYTES + 2 * Linker.Option.captureStateLayout().byteSize();

    private final int number;
    /// How many are inside a call, and [#CLOSING] once nobody may enter any more.
    private final AtomicInteger users = new AtomicInteger();
    /// struct pollfd of this descriptor alone, which waits for nothing; see [PollSet].
    private final MemorySegment pollEntry;
    private final MemorySegment answer;
    private final MemorySegment errno;
    private final MemorySegment errnoOfWrite;

    /// @param number of an open descriptor that does not block, whose only owner this is from now on
    Descriptor(int number) {
        this.number = number;
        SegmentAllocator memory = SegmentAllocator.slicingAllocator(Arena.ofAuto().allocate(MEMORY, Long.BYTES));
        this.pollEntry = memory.allocate(Long.BYTES, Long.BYTES);
        this.answer = memory.allocate(ValueLayout.JAVA_INT);
        this.errno = memory.allocate(Linker.Option.captureStateLayout());
        this.errnoOfWrite = memory.allocate(Linker.Option.captureStateLayout());
    }

    /// Makes an anonymous pipe, which no other program that this process starts inherits.
    ///
    /// @return the end to read from and the end to write to
    /// @throws UnsupportedException if there are none here
    /// @throws SystemCallException if this process or the system has too many
    public static Descriptor[] pipe() {
        checkSupported();
        int[] ends = new int[2];
        int result = Libc.pipe(ends, Libc.O_CLOEXEC | Libc.O_NONBLOCK);
        if (result < 0) {
            throw new SystemCallException(
                    "a pipe cannot be made: " + Libc.words(result)
                            + "; if there are too many open files, raise ulimit -n, see pipe(7)");
        }
        return new Descriptor[] {new Descriptor(ends[0]), new Descriptor(ends[1])};
    }

    /// Takes over a descriptor that does not block, and that no other program inherits.
    ///
    /// @param number the descriptor; closing this closes it, and nobody else does
    /// @return it
    public static Descriptor adopted(int number) {
        checkSupported();
        return new Descriptor(number);
    }

    /// Takes over a descriptor that this process was started with; programs that it starts do not inherit it.
    ///
    /// @param number the descriptor
    /// @return it, which does not block from now on
    /// @throws SystemCallException if it is not open
    public static Descriptor inherited(int number) {
        checkSupported();
        int flags = Libc.fcntl(number, Libc.F_GETFL, 0);
        int result = flags < 0 ? flags : Libc.fcntl(number, Libc.F_SETFL, flags | Libc.O_NONBLOCK);
        if (result >= 0) {
            result = Libc.fcntl(number, Libc.F_SETFD, Libc.FD_CLOEXEC);
        }
        if (result < 0) {
            throw new SystemCallException("the descriptor " + number + " cannot be used: " + Libc.words(result));
        }
        return new Descriptor(number);
    }

    /// Whether pipes can be used and waited for here: Linux, and native access not denied.
    ///
    /// @return true if the methods of this class work
    public static boolean isSupported() {
        return Libc.LINUX && Libc.POSIX;
    }

    static void checkSupported() {
        if (!isSupported()) {
            throw new UnsupportedException(
                    "descriptors are waited for as Linux does it, on x86-64 or aarch64, and this is "
                            + System.getProperty("os.name") + " on " + System.getProperty("os.arch")
                            + "; use shm: or tcp:");
        }
    }

    /// Reads what is there.
    ///
    /// @param to native memory
    /// @param offset where in it, in bytes
    /// @param length how much at most, in bytes, more than 0
    /// @return how many bytes, [#WOULD_BLOCK], [#END] or [#CLOSED]
    /// @throws SystemCallException if the system says anything else
    public int read(MemorySegment to, long offset, int length) {
        Objects.checkFromIndexSize(offset, length, to.byteSize());
        if (!enter()) {
            return CLOSED;
        }
        try {
            long result;
            do {
                result = Libc.read(errno, number, to.address() + offset, length);
            } while (result == -Libc.EINTR);
            if (result > 0) {
                return (int) result;
            }
            if (result == 0) {
                return END;
            }
            if (result == -Libc.EAGAIN) {
                return WOULD_BLOCK;
            }
            throw new SystemCallException("a pipe or socket cannot be read: " + Libc.words((int) result));
        } finally {
            Reference.reachabilityFence(to);
            leave();
        }
    }

    /// Writes what fits.
    ///
    /// @param from native memory
    /// @param offset where in it, in bytes
    /// @param length how much at most, in bytes, more than 0
    /// @return how many bytes, [#WOULD_BLOCK], [#END] or [#CLOSED]
    /// @throws SystemCallException if the system says anything else
    public int write(MemorySegment from, long offset, int length) {
        Objects.checkFromIndexSize(offset, length, from.byteSize());
        if (!enter()) {
            return CLOSED;
        }
        try {
            long result;
            do {
                result = Libc.write(errnoOfWrite, number, from.address() + offset, length);
            } while (result == -Libc.EINTR);
            if (result >= 0) {
                return (int) result;
            }
            if (result == -Libc.EAGAIN) {
                return WOULD_BLOCK;
            }
            if (result == -Libc.EPIPE) {
                return END;
            }
            throw new SystemCallException("a pipe or socket cannot be written to: " + Libc.words((int) result));
        } finally {
            Reference.reachabilityFence(from);
            leave();
        }
    }

    /// Has the pipe hold so many bytes, if the system lets it; fcntl(2), F_SETPIPE_SZ.
    ///
    /// @param bytes how many; the system rounds up to a power of two
    /// @return whether it did; it may have an upper limit for this user, or the pipe hold more than that already
    public boolean resize(int bytes) {
        if (!enter()) {
            return false;
        }
        try {
            return Libc.fcntl(number, Libc.F_SETPIPE_SZ, bytes) >= 0;
        } finally {
            leave();
        }
    }

    /// How many bytes are in the pipe that its reader has not taken, ioctl(2), FIONREAD. By the thread that reads or
    /// writes.
    ///
    /// @return how many, or 0 if that cannot be told
    public int unread() {
        if (!enter()) {
            return 0;
        }
        try {
            return Libc.ioctl(number, Libc.FIONREAD, answer) < 0 ? 0 : answer.get(ValueLayout.JAVA_INT, 0);
        } finally {
            leave();
        }
    }

    /// How many bytes the pipe holds; fcntl(2), F_GETPIPE_SZ.
    ///
    /// @return how many, or 0 if that cannot be told
    public int size() {
        if (!enter()) {
            return 0;
        }
        try {
            return Math.max(0, Libc.fcntl(number, Libc.F_GETPIPE_SZ, 0));
        } finally {
            leave();
        }
    }

    /// Whether nobody has the other end any more: poll(2) without waiting. By the thread that reads or writes.
    ///
    /// @return true if it is gone, or this one is closed
    public boolean isGone() {
        if (!enter()) {
            return true;
        }
        try {
            pollEntry.set(ValueLayout.JAVA_INT, 0, number);
            int ready = Libc.poll(errno, pollEntry.address(), 1, NO_TIME);
            return ready > 0 && (pollEntry.get(ValueLayout.JAVA_SHORT, RESULT) & PollSet.GONE) != 0;
        } finally {
            leave();
        }
    }

    /// The name under which another process of this user can open this end once more, proc_pid_fd(5).
    ///
    /// @return a path that is valid until it is closed
    public String path() {
        return "/proc/" + ProcessHandle.current().pid() + "/fd/" + number;
    }

    int number() {
        return number;
    }

    /// Begins a use, in which the number stays this file's.
    ///
    /// @return false if it is closed; else [#leave] must follow
    public boolean enter() {
        int seen;
        do {
            seen = users.get();
            if (seen >= CLOSING) {
                return false;
            }
        } while (!users.compareAndSet(seen, seen + 1));
        return true;
    }

    /// Ends a use; the last one of a descriptor that was closed meanwhile closes its number.
    public void leave() {
        if (users.decrementAndGet() == CLOSING) {
            Libc.close(number);
        }
    }

    /// Whether [#close()] was called.
    ///
    /// @return true if it cannot be used any more
    public boolean isClosed() {
        return users.get() >= CLOSING;
    }

    /// Closes it, at once or as soon as nobody uses it any more. Closing twice does nothing.
    @Override
    public void close() {
        int seen;
        do {
            seen = users.get();
            if (seen >= CLOSING) {
                return;
            }
        } while (!users.compareAndSet(seen, seen | CLOSING));
        if (seen == 0) {
            Libc.close(number);
        }
    }
}
