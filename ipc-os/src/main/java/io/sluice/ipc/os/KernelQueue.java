package io.sluice.ipc.os;

/// A message queue of the kernel, POSIX or System V: what both can do, one message at a time.
///
/// Nothing here throws for what the kernel answers: a result below zero is an error number with its sign turned, one of
/// the constants below or another that [#words] puts in words. [#AGAIN] is also what a call that waited returns when its
/// time is over, when it was stopped, or for no reason: look why you wait, and call again.
///
/// Any number of threads may use a queue, each with a [QueueSlot] of its own. Only platform threads may call what waits: a
/// virtual thread would hold its carrier.
public abstract sealed class KernelQueue implements AutoCloseable permits PosixQueue, SystemVQueue {
    /// Nothing there, no room, or not yet.
    public static final int AGAIN = -11;
    /// This user may not.
    public static final int ACCESS = -13;
    /// It exists already.
    public static final int EXISTS = -17;
    /// There is none of that name or key.
    public static final int NO_ENTRY = -2;
    /// A value that the kernel does not take.
    public static final int INVALID = -22;
    /// System V: the message is larger than the memory for it.
    public static final int TOO_BIG = -7;
    /// POSIX: the message is larger than the queue's messages.
    public static final int MESSAGE_SIZE = -90;
    /// POSIX: this user's queues would take more than `ulimit -q`, or the process has too many descriptors.
    public static final int TOO_MANY_FILES = -24;
    /// The system has too many queues, or descriptors.
    public static final int TOO_MANY_IN_SYSTEM = -23;
    /// There are too many queues, or there is no memory.
    public static final int NO_SPACE = -28;
    /// System V: removed meanwhile.
    public static final int REMOVED = -43;
    /// The name is too long.
    public static final int NAME_TOO_LONG = -36;
    /// Not permitted.
    public static final int NOT_PERMITTED = -1;
    /// This process has closed it.
    public static final int CLOSED = -9;
    /// The kernel was built without such queues.
    public static final int NO_SYSTEM_CALL = -38;

    /// For the two kinds.
    KernelQueue() {}

    /// Sends the message in the slot, if there is room.
    ///
    /// @param slot holds the message
    /// @param length its length in bytes
    /// @param label the priority, 0 to 32,767, or the type, at least 1
    /// @return 0, [#AGAIN] if there is no room, or another error number
    public abstract int trySend(QueueSlot slot, int length, long label);

    /// Takes a message into the slot, if there is one.
    ///
    /// @param slot where it goes
    /// @param selector System V: 0 for the next, a type, or less than zero for the least type up to that; POSIX: 0
    /// @return its length in bytes, [#AGAIN] if there is none, or another error number
    public abstract int tryReceive(QueueSlot slot, long selector);

    /// As [#trySend], but waits for room. An interrupt ends the wait.
    ///
    /// @param slot holds the message
    /// @param length its length in bytes
    /// @param label the priority or the type
    /// @param nanos how long at most, `Long.MAX_VALUE` for ever
    /// @return 0, [#AGAIN] if it was not sent, or another error number
    public abstract int send(QueueSlot slot, int length, long label, long nanos);

    /// As [#tryReceive], but waits for a message. An interrupt ends the wait.
    ///
    /// @param slot where it goes
    /// @param selector which
    /// @param nanos how long at most, `Long.MAX_VALUE` for ever
    /// @return its length in bytes, [#AGAIN] if there was none, or another error number
    public abstract int receive(QueueSlot slot, long selector, long nanos);

    /// What the kernel says of the queue.
    ///
    /// @param into is filled
    /// @return 0 or an error number
    public abstract int status(QueueStatus into);

    /// Whether the queue has been removed, so that nobody else will ever find it. Only POSIX queues live on then, for those
    /// who have them open; the calls of others return [#REMOVED].
    ///
    /// @return true if it has lost its name
    public abstract boolean isRemoved();

    /// The largest message in bytes.
    ///
    /// @return what was found when it was opened
    public abstract int messageSize();

    /// Lets go of the queue, which stays in the kernel. No thread may be inside a call: [QueueSlot#stop] them first.
    @Override
    public abstract void close();

    /// What the system calls an error.
    ///
    /// @param error an error number below zero
    /// @return for example `Permission denied (13)`
    public static String words(int error) {
        return Libc.words(error);
    }

    /// Refuses what would read beyond a slot.
    static void checked(QueueSlot slot, int length) {
        if (length < 0 || length > slot.capacity()) {
            throw new IndexOutOfBoundsException(length + " bytes in a slot of " + slot.capacity());
        }
    }
}
