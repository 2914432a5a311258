package io.sluice.ipc.mq;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.NoSpaceException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.UnsupportedException;
import io.sluice.ipc.os.KernelQueue;

/// What the kernel's error numbers mean for a queue, and what helps.
final class QueueErrors {
    private QueueErrors() {}

    /// Why a queue could not be opened or made.
    ///
    /// @param depth how deep it was to be, 0 if that was left to the kernel
    /// @param messageSize how large its messages were to be
    static IpcException opening(QueueName name, int error, long depth, long messageSize) {
        String where = name.where() + ": ";
        return switch (error) {
            case KernelQueue.NO_ENTRY ->
                new NoListenerException(where + name.inWords() + " does not exist, and ?create=false; start the program"
                        + " that makes it, or leave the option out. In containers, it may exist in another IPC"
                        + " namespace: start both with the same --ipc");
            case KernelQueue.ACCESS, KernelQueue.NOT_PERMITTED ->
                new AuthenticationException(where + name.inWords() + " belongs to another user, who has not opened it"
                        + " to this one; let its owner make it with ?mode=0660, or use another name");
            case KernelQueue.INVALID ->
                name.isPosix()
                        ? new InvalidAddressException(where + "the kernel refuses a queue of "
                                + (depth == 0 ? "its default depth" : depth + " messages of " + messageSize + " bytes")
                                + ": it allows " + KernelLimits.DEPTH.inWords(Math.max(depth, 10)) + " messages of "
                                + KernelLimits.POSIX_SIZE.inWords(Math.max(messageSize, 8192)) + " bytes")
                        : other(name, "opened", error);
            case KernelQueue.TOO_MANY_FILES ->
                new NoSpaceException(where + "this user's queues would take more than the " + KernelLimits.queueBytes()
                        + " bytes of RLIMIT_MSGQUEUE, or this process has too many descriptors open; a queue takes"
                        + " depth times (message-size + 96) bytes: use smaller ?depth= and ?message-size=, remove queues"
                        + " (ipc mq ls, ipc mq rm), or raise ulimit -q, and ulimit -n");
            case KernelQueue.NO_SPACE ->
                new NoSpaceException(where + "there are as many queues as the kernel allows: "
                        + (name.isPosix()
                                ? KernelLimits.POSIX_QUEUES.inWords(1024)
                                : KernelLimits.SYSTEM_V_QUEUES.inWords(64_000))
                        + "; remove some (ipc mq ls, ipc mq rm)");
            case KernelQueue.TOO_MANY_IN_SYSTEM ->
                new NoSpaceException(where + "the system has too many files open; raise /proc/sys/fs/file-max");
            case KernelQueue.NO_SYSTEM_CALL ->
                new UnsupportedException(where + "this kernel was built without "
                        + (name.isPosix() ? "POSIX" : "System V") + " message queues, or a sandbox forbids them; use "
                        + (name.isPosix() ? "sysv:" : "mq:") + ", shm: or unix: instead");
            default -> other(name, "opened", error);
        };
    }

    /// Why a call on an open queue failed.
    static IpcException using(QueueName name, int error, String what) {
        return switch (error) {
            case KernelQueue.REMOVED, KernelQueue.INVALID ->
                new ClosedException(name.where() + ": " + name.inWords()
                        + " was removed, with all that was in it; open it anew");
            case KernelQueue.ACCESS ->
                new AuthenticationException(name.where() + ": " + name.inWords()
                        + " belongs to another user, who does not let this one " + what + "; its mode says who may");
            default -> other(name, what, error);
        };
    }

    static IpcException removing(QueueName name, int error) {
        return error == KernelQueue.ACCESS || error == KernelQueue.NOT_PERMITTED
                ? new AuthenticationException(name.where() + ": " + name.inWords()
                        + " belongs to another user, and only its owner or root removes it")
                : other(name, "remove it", error);
    }

    static IpcException capacity(QueueName name, int capacity, int error) {
        return error == KernelQueue.NOT_PERMITTED
                ? new NoSpaceException(name.where() + ": a queue of " + capacity + " bytes was asked, and the kernel"
                        + " allows " + KernelLimits.SYSTEM_V_CAPACITY.inWords(capacity)
                        + "; ask for less with ?capacity=")
                : other(name, "set its capacity", error);
    }

    private static SystemCallException other(QueueName name, String what, int error) {
        return new SystemCallException(name.where() + ": " + name.inWords() + ": the system refuses (" + what + "): "
                + KernelQueue.words(error));
    }

    static MessageTooLargeException tooLarge(QueueName name, int length, int limit, boolean fragmenting) {
        if (fragmenting) {
            return new MessageTooLargeException(name.where() + ": a message of " + length
                    + " bytes was to be sent, the limit is " + limit + "; raise ?max-message= on both sides");
        }
        return new MessageTooLargeException(name.where() + ": a message of " + length + " bytes was to be sent, and "
                + name.inWords() + " takes at most " + limit + " bytes; "
                + (name.isPosix()
                        ? "make it anew with a larger ?message-size=, up to " + KernelLimits.POSIX_SIZE.inWords(length)
                        : "the limits are " + KernelLimits.SYSTEM_V_SIZE.inWords(length) + " for a message and "
                                + KernelLimits.SYSTEM_V_CAPACITY.inWords(2L * length) + " for a queue")
                + "; or use ?framing=fragment on both sides");
    }

    static TimedOutException full(QueueName name, QueueStat stat) {
        return new TimedOutException(name.where() + ": " + name.inWords() + " stayed full ("
                + stat.messages() + " messages" + (name.isPosix()
                        ? ""
                        : ", " + stat.bytes() + " bytes of "
                                + stat.capacity())
                + ") within send-timeout; nobody receives, or more slowly than is sent. "
                + (name.isPosix()
                        ? "A deeper one needs " + KernelLimits.DEPTH.inWords(64)
                        : "A larger one needs " + KernelLimits.SYSTEM_V_CAPACITY.inWords(1 << 20)));
    }

    static TimedOutException empty(QueueName name) {
        return new TimedOutException(name.where() + ": no message arrived in time");
    }

    static ClosedException closed(QueueName name) {
        return new ClosedException(name.where() + ": this side has closed the queue");
    }
}
