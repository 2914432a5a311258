package io.sluice.ipc.os;

import io.sluice.ipc.UnsupportedException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;

/// A System V message queue, sysvipc(7): a key, a capacity in bytes, and messages of types.
///
/// Its calls cannot be polled and have no deadline. So a thread that waits is in msgrcv(2) or msgsnd(2) itself, as in C,
/// and a signal gets it out; see [CallSignal]. The call that was ended has done nothing, and one that was not has done
/// all: so no message is ever between the two.
///
/// ```
///   struct msqid_ds, 64-bit Linux
///     0 key int32    4 uid int32    8 gid int32    12 cuid int32    16 cgid int32    20 mode int16 ...
///    48 stime       56 rtime       64 ctime        72 cbytes        80 qnum          88 qbytes    96 lspid  100 lrpid   120
/// ```
///
/// Sources: msgget(2), msgop(2), msgctl(2), ftok(3); the layout is that of Linux on x86-64 and aarch64.
public final class SystemVQueue extends KernelQueue {
    private static final int IPC_CREAT = 01000;
    private static final int IPC_EXCL = 02000;
    private static final int IPC_NOWAIT = 04000;
    private static final int IPC_RMID = 0;
    private static final int IPC_SET = 1;
    private static final int IPC_STAT = 2;
    private static final int STATUS_LENGTH = 120;
    private static final int NO_MESSAGE = -42; // ENOMSG

    private static final MethodHandle GET = Libc.bind(
            "msgget",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
            Libc.ERRNO);
    /// Memory is given by its address, so that no object is made for it; the slot is held by the caller meanwhile.
    private static final MethodHandle SEND = Libc.bind(
            "msgsnd",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT),
            Libc.ERRNO);
    private static final MethodHandle RECEIVE = Libc.bind(
            "msgrcv",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT),
            Libc.ERRNO);
    private static final MethodHandle CONTROL = Libc.bind(
            "msgctl",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
            Libc.ERRNO);

    private static final boolean SUPPORTED = Libc.LINUX && Libc.POSIX;

    /// Not constants, for the reason that [PosixQueue] gives.
    private final MethodHandle send = SEND;
    private final MethodHandle receive = RECEIVE;
    private final int id;
    private final int messageSize;
    private final QueueSlot.Call blockingSend = (slot, length, label) -> makeSend(slot, length, label, 0);
    private final QueueSlot.Call blockingReceive = (slot, length, label) -> makeReceive(slot, label, 0);

    /// @param id the queue's, as msgget(2) has returned it
    /// @param messageSize the largest message that the kernel takes, /proc/sys/kernel/msgmax
    public SystemVQueue(int id, int messageSize) {
        this.id = id;
        this.messageSize = messageSize;
    }

    /// Whether this system has such queues, as far as this class knows them.
    ///
    /// @return true on Linux
    public static boolean isSupported() {
        return SUPPORTED;
    }

    private static void checkSupported() {
        if (!SUPPORTED) {
            throw new UnsupportedException(
                    "System V message queues are used on Linux on x86-64 and aarch64 only, not on "
                            + System.getProperty("os.name") + " " + System.getProperty("os.arch")
                            + "; use shm:, unix: or pipe: between processes of this machine instead");
        }
    }

    /// Finds the queue of a key, or makes it.
    ///
    /// @param key the key, not 0
    /// @param create whether to make it if it is missing
    /// @param exclusive whether it must be missing
    /// @param mode the permissions of a new one
    /// @return its id, or an error number below zero
    /// @throws UnsupportedException where there are no such queues
    public static int find(int key, boolean create, boolean exclusive, int mode) {
        checkSupported();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            int flags = mode | (create ? IPC_CREAT : 0) | (exclusive ? IPC_EXCL : 0);
            int id = (int) GET.invokeExact(errno, key, flags);
            return id < 0 ? Libc.errno(errno) : id;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /// Removes a queue with all its messages; whoever waits on it gets [#REMOVED].
    ///
    /// @param id the queue
    /// @return 0 or an error number
    public static int remove(int id) {
        checkSupported();
        return control(id, IPC_RMID, MemorySegment.NULL);
    }

    private static int control(int id, int command, MemorySegment status) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(Linker.Option.captureStateLayout());
            return (int) CONTROL.invokeExact(errno, id, command, status) < 0 ? Libc.errno(errno) : 0;
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    /// Sets how many bytes fit.
    ///
    /// @param capacity bytes
    /// @return 0 or an error number: [#NOT_PERMITTED] if it is beyond /proc/sys/kernel/msgmnb or the queue is another's
    public int setCapacity(long capacity) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(STATUS_LENGTH, Long.BYTES);
            int result = control(id, IPC_STAT, status);
            if (result < 0) {
                return result;
            }
            status.set(ValueLayout.JAVA_LONG, 88, capacity);
            return control(id, IPC_SET, status);
        }
    }

    /// The queue's id.
    ///
    /// @return as `ipcs -q` lists it
    public int id() {
        return id;
    }

    @Override
    public int trySend(QueueSlot slot, int length, long label) {
        return makeSend(slot, length, label, IPC_NOWAIT);
    }

    @Override
    public int tryReceive(QueueSlot slot, long selector) {
        return makeReceive(slot, selector, IPC_NOWAIT);
    }

    @Override
    public int send(QueueSlot slot, int length, long label, long nanos) {
        return slot.call(blockingSend, length, label, nanos);
    }

    @Override
    public int receive(QueueSlot slot, long selector, long nanos) {
        return slot.call(blockingReceive, 0, selector, nanos);
    }

    private int makeSend(QueueSlot slot, int length, long label, int flags) {
        checked(slot, length);
        slot.label(label);
        try {
            return send(slot.errno(), id, slot.labelledAddress(), length, flags) < 0 ? Libc.errno(slot.errno()) : 0;
        } finally {
            Reference.reachabilityFence(slot);
        }
    }

    private int makeReceive(QueueSlot slot, long selector, int flags) {
        try {
            long result = receive(slot.errno(), id, slot.labelledAddress(), slot.capacity(), selector, flags);
            if (result >= 0) {
                return (int) result;
            }
            int error = Libc.errno(slot.errno());
            return error == NO_MESSAGE ? AGAIN : error;
        } finally {
            Reference.reachabilityFence(slot);
        }
    }

    private int send(MemorySegment errno, int id, long message, long length, int flags) {
        try {
            return (int) send.invokeExact(errno, id, message, length, flags);
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    private long receive(MemorySegment errno, int id, long message, long capacity, long selector, int flags) {
        try {
            return (long) receive.invokeExact(errno, id, message, capacity, selector, flags);
        } catch (Throwable e) {
            throw Libc.unexpected(e);
        }
    }

    @Override
    public int status(QueueStatus into) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(STATUS_LENGTH, Long.BYTES);
            int result = control(id, IPC_STAT, status);
            if (result == 0) {
                into.bytes = status.get(ValueLayout.JAVA_LONG, 72);
                into.messages = status.get(ValueLayout.JAVA_LONG, 80);
                into.capacity = status.get(ValueLayout.JAVA_LONG, 88);
            }
            return result;
        }
    }

    @Override
    public boolean isRemoved() {
        return false;
    }

    @Override
    public int messageSize() {
        return messageSize;
    }

    /// Does nothing: a queue of this kind is not opened, and stays until it is removed.
    @Override
    public void close() {}
}
