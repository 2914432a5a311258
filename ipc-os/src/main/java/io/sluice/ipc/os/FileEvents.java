package io.sluice.ipc.os;

import io.sluice.ipc.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/// What happens to files, as one thread waits for it: inotify(7).
///
/// The kernel tells of what processes of this machine do through its file systems: not of stores to mapped memory, and not of
/// what other machines do to a file server's files. That a file was closed is told a moment before the locks of whoever
/// closed it are released.
///
/// Watches may be added and ended by any thread; one thread waits. Two watches of one file are one.
///
/// ```
///   struct inotify_event:
///   byte  0              4               8               12            16
///         +--------------+---------------+---------------+-------------+----------------------+
///         | watch  int32 | mask   uint32 | cookie uint32 | length u32  | name, so many bytes  |
///         +--------------+---------------+---------------+-------------+----------------------+
///
///   struct pollfd: fd int32, events int16, revents int16
/// ```
///
/// Sources: inotify(7), poll(2).
public final class FileEvents implements AutoCloseable {
    /// Something was written, by a call.
    public static final int MODIFIED = 0x2;

    /// Somebody who could write has closed it: on purpose or by dying.
    public static final int CLOSED = 0x8;

    /// A file has got a name in the directory.
    public static final int NAMED = 0x80 | 0x100; // IN_MOVED_TO, IN_CREATE

    private static final int IN_Q_OVERFLOW = 0x4000;
    private static final int HEADER = 16;
    private static final int MASK_OFFSET = 4;
    private static final int LENGTH_OFFSET = 12;
    private static final int BUFFER_LENGTH = 16 << 10;
    private static final short POLLIN = 1;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final int descriptor;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
    private final MemorySegment pollfd = arena.allocate(Long.BYTES, Long.BYTES);
    private final MemorySegment timespec = arena.allocate(2 * Long.BYTES, Long.BYTES);
    private final MemorySegment events = arena.allocate(BUFFER_LENGTH, Long.BYTES);

    /// Takes what has happened.
    @FunctionalInterface
    public interface Sink {
        /// Something has happened to a file.
        ///
        /// @param watch the number of its watch; -1 if so much has happened that some of it is not told
        /// @param mask what, [#MODIFIED] and so on
        void onEvent(int watch, int mask);
    }

    private FileEvents(int descriptor) {
        this.descriptor = descriptor;
        pollfd.set(ValueLayout.JAVA_INT, 0, descriptor);
        pollfd.set(ValueLayout.JAVA_SHORT, Integer.BYTES, POLLIN);
    }

    /// Begins to listen.
    ///
    /// @return the events; null if there is no inotify here, or the user has as many as
    ///     /proc/sys/fs/inotify/max_user_instances allows
    public static FileEvents open() {
        if (!DiskFile.isSupported()) {
            return null;
        }
        int descriptor = Libc.inotify(Libc.O_CLOEXEC | Libc.O_NONBLOCK);
        return descriptor < 0 ? null : new FileEvents(descriptor);
    }

    /// Watches a file.
    ///
    /// @param path the file, or a directory
    /// @param mask what to tell of
    /// @return the watch's number; -1 if it cannot be watched: it is not there, or there are as many watches as
    ///     /proc/sys/fs/inotify/max_user_watches allows
    public int watch(Path path, int mask) {
        return Math.max(-1, Libc.watch(descriptor, path, mask));
    }

    /// Ends a watch, which ends a wait that is under way.
    ///
    /// @param watch its number
    public void unwatch(int watch) {
        Libc.unwatch(descriptor, watch);
    }

    /// Waits until something happens. Blocks the platform thread that calls it, whether interrupted or not.
    ///
    /// @param nanos how long at most
    /// @param sink takes all that has happened
    /// @throws SystemCallException if the system refuses
    public void await(long nanos, Sink sink) {
        timespec.set(ValueLayout.JAVA_LONG, 0, nanos / NANOS_PER_SECOND);
        timespec.set(ValueLayout.JAVA_LONG, Long.BYTES, nanos % NANOS_PER_SECOND);
        int ready = Libc.poll(errno, pollfd.address(), 1, timespec);
        if (ready < 0 && ready != -Libc.EINTR) {
            throw new SystemCallException("poll(2) of an inotify queue failed: " + Libc.words(ready));
        }
        if (ready <= 0) {
            return;
        }
        long length = Libc.read(errno, descriptor, events.address(), BUFFER_LENGTH);
        if (length < 0 && length != -Libc.EAGAIN && length != -Libc.EINTR) {
            throw new SystemCallException("an inotify queue cannot be read: " + Libc.words((int) length));
        }
        for (long at = 0; at < length; at += HEADER + events.get(ValueLayout.JAVA_INT, at + LENGTH_OFFSET)) {
            int mask = events.get(ValueLayout.JAVA_INT, at + MASK_OFFSET);
            boolean lost = (mask & IN_Q_OVERFLOW) != 0;
            sink.onEvent(lost ? -1 : events.get(ValueLayout.JAVA_INT, at), mask);
        }
    }

    /// Ends all watches. Nobody may be waiting.
    @Override
    public void close() {
        Libc.close(descriptor);
        arena.close();
    }
}
