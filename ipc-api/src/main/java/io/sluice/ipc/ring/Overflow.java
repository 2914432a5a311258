package io.sluice.ipc.ring;

import static io.sluice.ipc.ring.RingLayout.INT;
import static io.sluice.ipc.ring.RingLayout.PRODUCER_WAITING_OFFSET;
import static io.sluice.ipc.ring.RingLayout.WAIT_LINK;
import static io.sluice.ipc.ring.RingLayout.WAIT_NONE;

import io.sluice.ipc.SegmentBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.DirectBuffer;

/// One message that was offered, is accepted, and is larger than the ring: it is kept here, and passed on as the peer
/// makes room. At most one at a time, so a channel's memory stays bounded.
///
/// From [#take] until it is passed on, the producer belongs to whoever runs [#passOn]: first the offering thread, then the
/// thread that the link notifies. Senders see [#isBusy] and keep off. The count of calls makes runs of `passOn` exclude one
/// another without a lock: a call that finds one running leaves its work to it, be it another thread's or its own further
/// up the stack.
final class Overflow {
    /// @param passedOn is done when nothing is left of it
    /// @param sendersMayLook is done at the same time, or earlier if the channel closes
    private record Pending(
            SegmentBuffer bytes, CompletableFuture<Void> passedOn, CompletableFuture<Void> sendersMayLook) {}

    private final RingChannel channel;
    private final Outbound outbound;
    private final MemorySegment ring;
    private final AtomicInteger calls = new AtomicInteger();
    private volatile Pending pending;
    private int done;

    Overflow(RingChannel channel, Outbound outbound, MemorySegment ring) {
        this.channel = channel;
        this.outbound = outbound;
        this.ring = ring;
    }

    boolean isBusy() {
        return pending != null;
    }

    /// Accepts a message. The caller has the turn, and the overflow is not busy.
    void take(DirectBuffer source, int offset, int length) {
        byte[] copy = new byte[length];
        source.getBytes(offset, copy);
        done = 0;
        pending = new Pending(new SegmentBuffer(copy), new CompletableFuture<>(), new CompletableFuture<>());
        passOn();
    }

    /// Writes what fits into the ring, and asks for a notification if something is left.
    void passOn() {
        if (pending == null || calls.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            Pending message = pending;
            try {
                if (message != null && writeAll(message)) {
                    finish(message);
                }
            } catch (Throwable e) {
                // The ring is broken or unmapped: nobody is to wait for what will not be passed on.
                finish(message);
                calls.set(0);
                throw e;
            }
            seen = calls.addAndGet(-seen);
        } while (seen != 0);
    }

    private void finish(Pending message) {
        pending = null;
        message.sendersMayLook.complete(null);
        message.passedOn.complete(null);
        channel.changed();
    }

    /// @return true if nothing is left, or nobody is left to take it
    private boolean writeAll(Pending message) {
        int length = message.bytes.capacity();
        while (done < length) {
            if (channel.isPeerGone() || channel.isCutOff()) {
                return true;
            }
            int part = outbound.putFragment(message.bytes, 0, length, done);
            done += part;
            if (part == 0) {
                // As in WaitPoint.sleep: pairs with PeerSignal.changed.
                INT.setVolatile(ring, PRODUCER_WAITING_OFFSET, WAIT_LINK);
                VarHandle.fullFence();
                if (!outbound.hasRoomForFragment()) {
                    return false;
                }
                INT.setRelease(ring, PRODUCER_WAITING_OFFSET, WAIT_NONE);
            }
        }
        return true;
    }

    /// Lets those go who wait in [#await]: the channel is closed.
    void wakeSenders() {
        Pending message = pending;
        if (message != null) {
            message.sendersMayLook.complete(null);
        }
    }

    /// Waits, as a sender, until nothing is pending or the channel is closed.
    ///
    /// @return false if the time was over first
    boolean await(long nanos) throws InterruptedException {
        Pending message = pending;
        return message == null || isDone(message.sendersMayLook, nanos);
    }

    private static boolean isDone(CompletableFuture<Void> future, long nanos) throws InterruptedException {
        try {
            future.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Waits until nothing is pending, or the time is over.
    void awaitUninterruptibly(long nanos) {
        Pending message = pending;
        if (message == null) {
            return;
        }
        long deadline = Deadline.after(nanos);
        boolean interrupted = false;
        while (true) {
            try {
                boolean _ = isDone(message.passedOn, Deadline.remaining(deadline));
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
