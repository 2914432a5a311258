package io.sluice.ipc.mq;

import io.sluice.ipc.Address;
import io.sluice.ipc.os.KernelQueue;
import io.sluice.ipc.os.PosixQueue;
import io.sluice.ipc.os.QueueStatus;
import io.sluice.ipc.os.SystemVQueue;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.spi.WaitStrategy;

/// Finds, makes and removes queues of the kernel.
final class QueueOpening {
    private static final long USUAL_DEPTH = 10;
    private static final long USUAL_SIZE = 8192;

    private QueueOpening() {}

    static QueuePort open(QueueName name) {
        Address address = name.address();
        int mode = QueueOptions.mode(address);
        boolean create = QueueOptions.CREATE.of(address) == QueueOptions.Create.TRUE;
        WaitStrategy strategy = StandardOptions.WAIT.of(address);
        return new QueuePort(name, name.isPosix() ? posix(name, create, mode) : systemV(name, create, mode), strategy);
    }

    private static KernelQueue posix(QueueName name, boolean create, int mode) {
        long depth = QueueOptions.DEPTH.of(name.address());
        long size = QueueOptions.MESSAGE_SIZE.of(name.address());
        if (depth == 0 && size != 0) {
            depth = Math.min(
                    KernelLimits.DEFAULT_DEPTH.valueOr(USUAL_DEPTH), KernelLimits.DEPTH.valueOr(USUAL_DEPTH));
        } else if (size == 0 && depth != 0) {
            size = Math.min(
                    KernelLimits.DEFAULT_SIZE.valueOr(USUAL_SIZE), KernelLimits.POSIX_SIZE.valueOr(USUAL_SIZE));
        }
        PosixQueue.Opened opened;
        do { // another may make it, or remove it, between the two
            opened = PosixQueue.open(name.posix(), new PosixQueue.Opening(create, create, mode, depth, size));
            if (opened.queue() != null && create) {
                opened.queue().setMode(mode); // ours a moment ago, so it cannot fail
            }
            if (opened.error() == KernelQueue.EXISTS) {
                opened = PosixQueue.open(name.posix(), new PosixQueue.Opening(false, false, 0, 0, 0));
            }
        } while (create && opened.error() == KernelQueue.NO_ENTRY);
        if (opened.queue() == null) {
            throw QueueErrors.opening(name, opened.error(), depth, size);
        }
        return opened.queue();
    }

    private static KernelQueue systemV(QueueName name, boolean create, int mode) {
        int capacity = QueueOptions.CAPACITY.of(name.address());
        int id;
        boolean made;
        do { // another may make it, or remove it, between the two
            id = create ? SystemVQueue.find(name.key(), true, true, mode) : KernelQueue.EXISTS;
            made = id >= 0;
            if (id == KernelQueue.EXISTS) {
                id = SystemVQueue.find(name.key(), false, false, 0);
            }
        } while (create && id == KernelQueue.NO_ENTRY);
        if (id < 0) {
            throw QueueErrors.opening(name, id, 0, 0);
        }
        long largest = KernelLimits.SYSTEM_V_SIZE.valueOr(USUAL_SIZE);
        SystemVQueue queue = new SystemVQueue(id, (int) Math.min(largest, Integer.MAX_VALUE - Long.BYTES));
        if (made && capacity > 0) {
            int error = queue.setCapacity(capacity);
            if (error < 0) {
                SystemVQueue.remove(id);
                throw QueueErrors.capacity(name, capacity, error);
            }
        }
        QueueStatus status = new QueueStatus();
        // Who may only send cannot look; then the kernel's own refusals must do.
        if (queue.status(status) == 0 && status.capacity() < queue.messageSize()) {
            return new SystemVQueue(id, (int) status.capacity());
        }
        return queue;
    }

    static boolean remove(QueueName name) {
        int result;
        if (name.isPosix()) {
            result = PosixQueue.unlink(name.posix());
        } else {
            int id = SystemVQueue.find(name.key(), false, false, 0);
            result = id < 0 ? id : SystemVQueue.remove(id);
        }
        if (result == KernelQueue.NO_ENTRY || result == KernelQueue.REMOVED) {
            return false;
        }
        if (result < 0) {
            throw QueueErrors.removing(name, result);
        }
        return true;
    }
}
