package io.sluice.ipc.os;

import io.sluice.ipc.UnsupportedException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;

/// A POSIX message queue, mq_overview(7): a name, a depth, the largest message, and priorities.
///
/// The descriptor blocks, and a call that must not has the deadline 1970, which the kernel takes for that. Whoever waits for
/// ever does so in mq_timedreceive(3) itself, as in C, and a signal gets it out ([CallSignal]): a round trip then takes 1.0
/// times that of C, where ppoll(2) and another try took 1.26. Whoever waits for some time does so in ppoll(2), whose clock
/// nobody sets; and so does who waits for room. All look twice a second whether the queue still has its name, for the
/// kernel wakes nobody when it loses it.
///
/// ```
///   struct mq_attr, int64 each:   0 flags   8 depth (mq_maxmsg)   16 size (mq_msgsize)   24 messages (mq_curmsgs)   64
/// ```
///
/// Sources: mq_open(3), mq_send(3), mq_receive(3), mq_getattr(3), mq_unlink(3), poll(2); the layout is that of Linux.
public final class PosixQueue extends KernelQueue {
    /// The priorities end here: sysconf(_SC_MQ_PRIO_MAX) on Linux.
    public static final int PRIORITIES = 32_768;

    private static final int ATTRIBUTES_LENGTH = 64;
    private static final int TIMED_OUT = -110; // ETIMEDOUT
    /// How long a thread waits before it looks whether the queue is still there.
    private static final long LOOK_MILLIS = 500;
    private static final long LOOK_NANOS = LOOK_MILLIS * 1_000_000;
    /// struct timespec of a time that is always over.
    private static final long NOW =
            Arena.global().allocate(2 * Long.BYTES, Long.BYTES).address();

    private static final MethodHandle OPEN = Libc.bind(
            "mq_open",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(2),
            Libc.ERRNO);
    private static final MethodHandle UNLINK =
            Libc.bind("mq_unlink", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS), Libc.ERRNO);
    private static final MethodHandle GET_ATTRIBUTES = Libc.bind(
            "mq_getattr",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
            Libc.ERRNO);
    /// Memory is given by its address, so that no object is made for it; the slot is held by the caller meanwhile.
    private static final MethodHandle SEND = Libc.bind(
            "mq_timedsend",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG),
            Libc.ERRNO);
    private static final MethodHandle RECEIVE = Libc.bind(
            "mq_timedreceive",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG),
            Libc.ERRNO);

    private static final MethodHandle CHANGE_MODE = Libc.bind(
            "fchmod",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
            Libc.ERRNO);

    private static final boolean SUPPORTED = Libc.LINUX && Libc.POSIX;

    /// Not constants, so that the compiler takes each handle by itself, and not as a part of whatever calls it: only then is
    /// it sure to leave out the object that the linker makes for `errno` at each call.
    private final MethodHandle send = SEND;
    private final MethodHandle receive = RECEIVE;
    private final Descriptor descriptor;
    private final int number;
    private final int messageSize;
    private final QueueSlot.Call blockingReceive = (slot, length, label) -> receive(slot, slot.inMillis(LOOK_MILLIS));

    private PosixQueue(int number, int messageSize) {
        this.descriptor = new Descriptor(number);
        this.number = number;
        this.messageSize = messageSize;
    }

    /// Whether this system has such queues.
    ///
    /// @return true on Linux; the kernel may still have been built without
    public static boolean isSupported() {
        return SUPPORTED;
    }

    /// What to do with a name.
    ///
    /// @param create whether to make the queue if it is missing
    /// @param exclusive whether it must be missing
    /// @param mode the permissions of a new queue, less the umask
    /// @param depth how many messages a new queue holds; 0 for the kernel's default, which `messageSize` then follows
    /// @param messageSize the largest message of a new queue
    public record Opening(boolean create, boolean exclusive, int mode, long depth, long messageSize) {}

    /// A queue, or why there is none.
    ///
    /// @param queue the queue, or null
    /// @param error 0 or an error number below zero
    public record Opened(PosixQueue queue, int error) {}

    /// Opens a queue for sending and receiving.
    ///
    /// @param name with its slash in front
    /// @param how what to do if it is missing
    /// @return the queue, or an error number
    /// @throws UnsupportedException where there are no such queues
    public static Opened open(String name, Opening how) {
        checkSupported();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            MemorySegment attributes = arena.allocate(ATTRIBUTES_LENGTH, Long.BYTES);
            attributes.set(ValueLayout.JAVA_LONG, 8, how.depth());
            attributes.set(ValueLayout.JAVA_LONG, 16, how.messageSize());
            int flags = Libc.O_RDWR | Libc.O_CLOEXEC
                    | (how.create() ? Libc.O_CREAT : 0)
                    | (how.exclusive() ? Libc.O_EXCL : 0);
            MemorySegment given = how.depth() == 0 ? MemorySegment.NULL : attributes;
            int descriptor = (int) OPEN.invokeExact(
                    errno,
                    arena.allocateFrom(name),
                    flags,
                    how.mode(),
                    given);
            if (descriptor < 0) {
                return new Opened(null, Libc.errno(errno));
            }
            int asked = (int) GET_ATTRIBUTES.invokeExact(errno, descriptor, attributes);
            return new Opened(new PosixQueue(descriptor, (int) attributes.get(ValueLayout.JAVA_LONG, 16)), 0);
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    private static void checkSupported() {
        if (!SUPPORTED) {
            throw new UnsupportedException("there are no POSIX message queues on " + System.getProperty("os.name")
                    + " " + System.getProperty("os.arch") + "; they need Linux on x86-64 or aarch64. Use shm:, unix: or"
                    + " pipe: between processes of this machine instead");
        }
    }

    /// Says who may use the queue, whatever the umask was when it was made: fchmod(2).
    ///
    /// @param mode the permissions
    /// @return 0 or an error number
    public int setMode(int mode) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            return (int) CHANGE_MODE.invokeExact(errno, number, mode) < 0 ? Libc.errno(errno) : 0;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /// Takes a queue's name away; it vanishes when all who have it open have let go.
    ///
    /// @param name with its slash in front
    /// @return 0 or an error number
    public static int unlink(String name) {
        checkSupported();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            return (int) UNLINK.invokeExact(errno, arena.allocateFrom(name)) < 0 ? Libc.errno(errno) : 0;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    @Override
    public int trySend(QueueSlot slot, int length, long label) {
        checked(slot, length);
        if (!descriptor.enter()) {
            return CLOSED;
        }
        try {
            return send(slot.errno(), number, slot.messageAddress(), length, (int) label) < 0 ? error(slot) : 0;
        } finally {
            Reference.reachabilityFence(slot);
            descriptor.leave();
        }
    }

    private int send(MemorySegment errno, int number, long message, long length, int priority) {
        try {
            return (int) send.invokeExact(errno, number, message, length, priority, NOW);
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    private long receive(
            MemorySegment errno, int number, long message, long capacity, long priority, long deadline) {
        try {
            return (long) receive.invokeExact(errno, number, message, capacity, priority, deadline);
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    private static int error(QueueSlot slot) {
        int error = Libc.errno(slot.errno());
        return error == TIMED_OUT ? AGAIN : error;
    }

    @Override
    public int tryReceive(QueueSlot slot, long selector) {
        return receive(slot, NOW);
    }

    private int receive(QueueSlot slot, long deadline) {
        if (!descriptor.enter()) {
            return CLOSED;
        }
        try {
            long result = receive(
                    slot.errno(), number, slot.messageAddress(), slot.capacity(), slot.priority().address(), deadline);
            if (result < 0) {
                return error(slot);
            }
            slot.label(slot.priority().get(ValueLayout.JAVA_INT, 0));
            return (int) result;
        } finally {
            Reference.reachabilityFence(slot);
            descriptor.leave();
        }
    }

    @Override
    public int send(QueueSlot slot, int length, long label, long nanos) {
        slot.poll(descriptor, PollSet.OUT, Math.min(nanos, LOOK_NANOS));
        return trySend(slot, length, label);
    }

    @Override
    public int receive(QueueSlot slot, long selector, long nanos) {
        if (nanos == Long.MAX_VALUE && CallSignal.isSupported()) {
            return slot.call(blockingReceive, 0, 0, nanos);
        }
        slot.poll(descriptor, PollSet.IN, Math.min(nanos, LOOK_NANOS));
        return tryReceive(slot, selector);
    }

    @Override
    public int status(QueueStatus into) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            MemorySegment attributes = arena.allocate(ATTRIBUTES_LENGTH, Long.BYTES);
            int result = (int) GET_ATTRIBUTES.invokeExact(errno, number, attributes);
            if (result < 0) {
                return Libc.errno(errno);
            }
            into.depth = attributes.get(ValueLayout.JAVA_LONG, 8);
            into.messageSize = attributes.get(ValueLayout.JAVA_LONG, 16);
            into.messages = attributes.get(ValueLayout.JAVA_LONG, 24);
            return 0;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    @Override
    public boolean isRemoved() {
        try {
            // On Linux the descriptor is one of a file, which has no link any more once its name is gone.
            return (Integer) Files.getAttribute(Path.of("/proc/self/fd", Integer.toString(number)),
                    "unix:nlink") == 0;
        } catch (IOException e) {
            return false; // it cannot be told
        }
    }

    @Override
    public int messageSize() {
        return messageSize;
    }

    /// What a poll(2) waits for, for a message or for room.
    ///
    /// @return the queue's descriptor, to be waited for only
    public Descriptor descriptor() {
        return descriptor;
    }

    /// Lets go of the queue, at once or as soon as the last call that is under way has ended.
    @Override
    public void close() {
        descriptor.close(); // mq_close(3) is close(2)
    }
}
