package io.sluice.ipc.mq;

import io.sluice.ipc.IpcException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.os.KernelQueue;
import io.sluice.ipc.os.QueueSlot;
import io.sluice.ipc.os.QueueStatus;
import io.sluice.ipc.spi.WaitStrategy;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.agrona.DirectBuffer;

/// This process's hold on a queue: any number of threads send and receive through it at once, and the kernel sorts them out.
///
/// Each call borrows a slot, native memory for one message, from a few that are kept; so nothing is allocated for a message.
/// Waiting is spinning for as long as that has paid off lately, then sleeping in the kernel.
///
/// Closing: a thread registers, then looks whether the port is closed; `close` marks it as closed, then stops all that are
/// registered. So one of the two sees the other, and the last thread to leave frees the memory.
final class QueuePort {
    private static final int KEPT = 16;
    private static final int FIRST_CAPACITY = 64 << 10;
    private static final long MAX_SPIN_NANOS = 20_000;
    private static final long MIN_SPIN_NANOS = 500;
    private static final boolean ONE_PROCESSOR = Runtime.getRuntime().availableProcessors() == 1;

    /// Memory for one message, and a buffer on it.
    private static final class Slot {
        final QueueSlot memory;
        final SegmentBuffer buffer;

        Slot(int capacity) {
            memory = new QueueSlot(capacity);
            buffer = new SegmentBuffer(memory.message());
        }
    }

    private final QueueName name;
    private final KernelQueue queue;
    private final WaitStrategy strategy;
    private final AtomicReferenceArray<Slot> kept = new AtomicReferenceArray<>(KEPT);
    private final Set<Slot> all = new HashSet<>();
    private final AtomicInteger users = new AtomicInteger();
    private final AtomicBoolean freed = new AtomicBoolean();
    private volatile boolean closed;
    private volatile int capacity;
    /// Written by many threads without order: any of their values will do.
    private volatile long spinNanos = MAX_SPIN_NANOS;

    QueuePort(QueueName name, KernelQueue queue, WaitStrategy strategy) {
        this.name = name;
        this.queue = queue;
        this.strategy = strategy;
        this.capacity = name.isPosix() ? queue.messageSize() : Math.min(queue.messageSize(), FIRST_CAPACITY);
    }

    QueueName name() {
        return name;
    }

    boolean isClosed() {
        return closed;
    }

    // ---- sending

    boolean offer(DirectBuffer source, int offset, int length, long label) {
        Slot slot = enter(length);
        try {
            slot.buffer.putBytes(0, source, offset, length);
            return sent(queue.trySend(slot.memory, length, label), length);
        } finally {
            leave(slot);
        }
    }

    /// @return false if the deadline passed first
    boolean send(DirectBuffer source, int offset, int length, long label, long deadline) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (offer(source, offset, length, label)) {
            return true;
        }
        return Thread.currentThread().isVirtual()
                ? PlatformCalls.make(() -> sendWaiting(source, offset, length, label, deadline))
                : sendWaiting(source, offset, length, label, deadline);
    }

    private boolean sendWaiting(DirectBuffer source, int offset, int length, long label, long deadline)
            throws InterruptedException {
        Slot slot = enter(length);
        try {
            slot.buffer.putBytes(0, source, offset, length);
            for (long end = spinUntil(deadline); goesOnSpinning(end);) {
                if (sent(queue.trySend(slot.memory, length, label), length)) {
                    spinHasPaidOff();
                    return true;
                }
            }
            while (true) {
                long nanos = remaining(deadline);
                if (nanos == 0) {
                    return sent(queue.trySend(slot.memory, length, label), length);
                }
                if (sent(queue.send(slot.memory, length, label, nanos), length)) {
                    return true;
                }
                checkWaiting();
            }
        } finally {
            leave(slot);
        }
    }

    private boolean sent(int result, int length) {
        if (result == 0) {
            return true;
        }
        if (result == KernelQueue.AGAIN) {
            return false;
        }
        throw length > largest() && (result == KernelQueue.INVALID || result == KernelQueue.MESSAGE_SIZE)
                ? QueueErrors.tooLarge(name, length, largest(), false)
                : QueueErrors.using(name, result, "send to it");
    }

    // ---- receiving

    boolean poll(QueueHandler handler, long selector) {
        while (true) {
            Slot slot = enter(0);
            boolean grow = false;
            try {
                int length = queue.tryReceive(slot.memory, selector);
                if (length >= 0) {
                    handler.onMessage(slot.buffer, 0, length, slot.memory.label());
                    return true;
                }
                if (length == KernelQueue.AGAIN) {
                    return false;
                }
                grow = isTooSmall(slot, length);
                if (!grow) {
                    throw QueueErrors.using(name, length, "receive from it");
                }
            } finally {
                leave(slot);
            }
            grow(slot);
        }
    }

    /// @return false if the deadline passed first
    boolean receive(QueueHandler handler, long selector, long deadline) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (poll(handler, selector)) {
            return true;
        }
        return Thread.currentThread().isVirtual()
                ? PlatformCalls.make(() -> receiveWaiting(handler, selector, deadline))
                : receiveWaiting(handler, selector, deadline);
    }

    private boolean receiveWaiting(QueueHandler handler, long selector, long deadline) throws InterruptedException {
        for (long end = spinUntil(deadline); goesOnSpinning(end);) {
            if (poll(handler, selector)) {
                spinHasPaidOff();
                return true;
            }
        }
        while (true) {
            long nanos = remaining(deadline);
            if (nanos == 0) {
                return poll(handler, selector);
            }
            Slot slot = enter(0);
            boolean grow = false;
            try {
                int length = queue.receive(slot.memory, selector, nanos);
                if (length >= 0) {
                    handler.onMessage(slot.buffer, 0, length, slot.memory.label());
                    return true;
                }
                grow = isTooSmall(slot, length);
                if (!grow && length != KernelQueue.AGAIN) {
                    throw QueueErrors.using(name, length, "receive from it");
                }
            } finally {
                leave(slot);
            }
            if (grow) {
                grow(slot);
            }
            checkWaiting();
        }
    }

    /// System V leaves a message where it is if the memory for it is too small; how large it is nobody says.
    private boolean isTooSmall(Slot slot, int error) {
        return error == KernelQueue.TOO_BIG && slot.memory.capacity() < Integer.MAX_VALUE - Long.BYTES;
    }

    private void grow(Slot tooSmall) {
        long larger = Math.max(2L * tooSmall.memory.capacity(), FIRST_CAPACITY);
        capacity = Math.max(capacity, (int) Math.min(larger, Integer.MAX_VALUE - Long.BYTES));
    }

    /// Whether there is any point in waiting on.
    private void checkWaiting() throws InterruptedException {
        if (closed) {
            throw QueueErrors.closed(name);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (queue.isRemoved()) {
            throw QueueErrors.using(name, KernelQueue.REMOVED, "wait for it");
        }
    }

    // ---- the queue itself

    /// The largest message that the kernel takes.
    int largest() {
        return queue.messageSize();
    }

    QueueStat stat() {
        users.incrementAndGet();
        try {
            if (closed) {
                throw QueueErrors.closed(name);
            }
            QueueStatus status = new QueueStatus();
            int error = queue.status(status);
            if (error < 0) {
                throw QueueErrors.using(name, error, "look at it");
            }
            return new QueueStat(
                    status.messages(), status.bytes(), status.depth(), queue.messageSize(), status.capacity());
        } finally {
            leave();
        }
    }

    IpcException full() {
        return QueueErrors.full(name, stat());
    }

    // ---- who is inside

    private Slot enter(int length) {
        users.incrementAndGet();
        Slot slot = null;
        try {
            if (closed) {
                throw QueueErrors.closed(name);
            }
            int needed = Math.max(length, capacity);
            slot = take(needed);
            if (slot == null) {
                slot = new Slot(needed);
                synchronized (all) {
                    all.add(slot);
                }
            }
            // Once more, now that close() would find the slot: see the class.
            if (closed) {
                throw QueueErrors.closed(name);
            }
            return slot;
        } catch (RuntimeException | Error e) {
            leave(slot);
            throw e;
        }
    }

    private Slot take(int needed) {
        for (int i = 0; i < KEPT; i++) {
            Slot slot = kept.get(i) == null ? null : kept.getAndSet(i, null);
            if (slot != null && slot.memory.capacity() >= needed) {
                return slot;
            }
            if (slot != null) {
                drop(slot);
            }
        }
        return null;
    }

    private void leave(Slot slot) {
        if (slot != null) {
            boolean stays = false;
            for (int i = 0; i < KEPT && !stays && slot.memory.capacity() >= capacity; i++) {
                stays = kept.compareAndSet(i, null, slot);
            }
            if (!stays) {
                drop(slot);
            }
        }
        leave();
    }

    private void drop(Slot slot) {
        synchronized (all) {
            all.remove(slot); // so close() does not stop it while we free it
        }
        slot.memory.close();
    }

    private void leave() {
        if (users.decrementAndGet() == 0 && closed) {
            free();
        }
    }

    private void free() {
        if (users.get() == 0 && freed.compareAndSet(false, true)) {
            for (int i = 0; i < KEPT; i++) {
                Slot slot = kept.getAndSet(i, null);
                if (slot != null) {
                    drop(slot);
                }
            }
            queue.close();
        }
    }

    void close() {
        closed = true;
        synchronized (all) {
            all.forEach(slot -> slot.memory.stop());
        }
        free();
    }

    static long remaining(long deadline) {
        return deadline == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, deadline - System.nanoTime());
    }

    // ---- trying for some microseconds before going to sleep, which costs more than that

    private long spinUntil(long deadline) {
        long nanos =
                switch (strategy) {
                    case SPIN -> Long.MAX_VALUE;
                    case ADAPTIVE -> ONE_PROCESSOR ? 0 : spinNanos;
                    case BLOCK -> 0;
                };
        long most = Math.min(nanos, remaining(deadline));
        return most == Long.MAX_VALUE ? most : System.nanoTime() + most;
    }

    private boolean goesOnSpinning(long end) throws InterruptedException {
        if (closed) {
            throw QueueErrors.closed(name);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (end != Long.MAX_VALUE && System.nanoTime() - end >= 0) {
            spinNanos = Math.max(MIN_SPIN_NANOS, spinNanos / 2);
            return false;
        }
        Thread.onSpinWait();
        return true;
    }

    private void spinHasPaidOff() {
        spinNanos = Math.min(MAX_SPIN_NANOS, 2 * spinNanos);
    }
}
