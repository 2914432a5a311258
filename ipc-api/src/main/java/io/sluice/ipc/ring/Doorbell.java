package io.sluice.ipc.ring;

import static io.sluice.ipc.ring.RingLayout.INT;
import static io.sluice.ipc.ring.RingLayout.LONG;
import static io.sluice.ipc.ring.RingLayout.WAIT_FUTEX;
import static io.sluice.ipc.ring.RingLayout.WAIT_LINK;
import static io.sluice.ipc.ring.RingLayout.WAIT_NONE;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/// One per endpoint: which of its channels want the serving thread, and a word for that thread to sleep on.
///
/// ```
///   byte
///      0  +--------------------------------+
///         | server waiting           int32 |  a WAIT_ word; set by the server, cleared by whoever wakes it
///    128  +--------------------------------+
///         | rung, a bit for each slot      |  64 slots to an int64; set by clients, cleared by the server
///         +--------------------------------+
/// ```
///
/// All clients can write all of it. One that writes nonsense wakes the server for nothing, or hides the ring of another
/// for up to a second, after which the server looks at every channel by itself; more it cannot do.
public final class Doorbell {
    /// How many channels an endpoint has at most.
    public static final int SLOTS = 1 << 16;

    /// The memory that a doorbell takes, in bytes.
    public static final long LENGTH = 128 + SLOTS / 8;

    private static final int WAITING_OFFSET = 0;
    private static final int RUNG_OFFSET = 128;

    /// How long a server sleeps where clients in other processes cannot wake it.
    private static final long UNWAKEABLE_NANOS = 1_000_000;

    private final MemorySegment memory;
    private final MemoryWait wait;
    private final boolean shared;
    private final BitSet taken = new BitSet();
    private Runnable release;
    private volatile Thread sleeper;
    private volatile int words;

    /// @param memory [#LENGTH] bytes, zeroed when the endpoint was bound
    /// @param wait how the serving thread sleeps
    /// @param shared whether clients have another object on the same memory, in another process
    /// @param release frees the memory
    public Doorbell(MemorySegment memory, MemoryWait wait, boolean shared, Runnable release) {
        this.memory = memory;
        this.wait = wait;
        this.shared = shared;
        this.release = release;
    }

    /// A doorbell for channels both ends of which, or the only one with memory, are in this process. On the heap, because it is
    /// rung as long as there are channels, whatever has become of the endpoint.
    ///
    /// @return a new one
    public static Doorbell inProcess() {
        MemorySegment memory = MemorySegment.ofArray(new long[(int) (LENGTH / Long.BYTES)]);
        return new Doorbell(memory, MemoryWait.NONE, false, () -> {});
    }

    // ---- the endpoint's side

    /// Takes the lowest free slot.
    ///
    /// @return the slot, or -1 if all are taken
    public synchronized int take() {
        int slot = taken.nextClearBit(0);
        if (slot >= SLOTS) {
            return -1;
        }
        taken.set(slot);
        words = (taken.length() + Long.SIZE - 1) / Long.SIZE;
        return slot;
    }

    /// Gives a slot back; a late ring of it does no harm.
    ///
    /// @param slot the slot
    public synchronized void free(int slot) {
        taken.clear(slot);
    }

    boolean isRung() {
        for (int word = 0; word < words; word++) {
            if ((long) LONG.getOpaque(memory, rungOffset(word)) != 0) {
                return true;
            }
        }
        return false;
    }

    /// Clears the bits that are set, and names their slots.
    boolean drain(IntConsumer slots) {
        boolean any = false;
        for (int word = 0; word < words; word++) {
            if ((long) LONG.getOpaque(memory, rungOffset(word)) != 0) {
                // Atomic: a bit that is set meanwhile is either in what we get or stays. Acquire pairs with ring().
                long bits = (long) LONG.getAndSet(memory, rungOffset(word), 0L);
                any = true;
                while (bits != 0) {
                    slots.accept(word * Long.SIZE + Long.numberOfTrailingZeros(bits));
                    bits &= bits - 1;
                }
            }
        }
        return any;
    }

    /// Sleeps until a bit is set, somebody calls [#wakeUp()], or the time is over.
    void await(long nanos, BooleanSupplier ready) {
        sleeper = Thread.currentThread();
        // Volatile and a fence: the word is set before we look once more; pairs with the atomic or of ring().
        INT.setVolatile(memory, (long) WAITING_OFFSET, wait.isSupported() ? WAIT_FUTEX : WAIT_LINK);
        VarHandle.fullFence();
        if (!isRung() && !ready.getAsBoolean()) {
            if (wait.isSupported()) {
                wait.sleep(memory, WAITING_OFFSET, nanos);
            } else {
                LockSupport.parkNanos(this, shared ? Math.min(nanos, UNWAKEABLE_NANOS) : nanos);
            }
        }
        INT.setRelease(memory, (long) WAITING_OFFSET, WAIT_NONE);
        sleeper = null;
    }

    /// Wakes the serving thread from within its own process, after something that its `ready` looks at was changed.
    void wakeUp() {
        Thread thread = sleeper; // not there yet: then its look at `ready` is still to come
        if (thread != null) {
            synchronized (this) {
                if (release != null) {
                    INT.setVolatile(memory, (long) WAITING_OFFSET, WAIT_NONE);
                    wait.wake(memory, WAITING_OFFSET);
                }
            }
            LockSupport.unpark(thread);
        }
    }

    /// Frees the memory, once. No thread may be asleep in it, and nobody may [#ring] any more.
    public synchronized void close() {
        if (release != null) {
            release.run();
            release = null;
        }
    }

    // ---- the client's side

    /// Sets a slot's bit and wakes the server if it sleeps. Does not block; from any thread of any process.
    ///
    /// @param slot the slot
    public void ring(int slot) {
        // A full fence on its own: the bit comes before our look at the word. Pairs with await.
        LONG.getAndBitwiseOr(memory, rungOffset(slot / Long.SIZE), 1L << slot);
        if ((int) INT.getVolatile(memory, (long) WAITING_OFFSET) != WAIT_NONE
                && (int) INT.getAndSet(memory, (long) WAITING_OFFSET, WAIT_NONE) != WAIT_NONE) {
            wait.wake(memory, WAITING_OFFSET);
            LockSupport.unpark(sleeper);
        }
    }

    private static long rungOffset(int word) {
        return RUNG_OFFSET + (long) word * Long.BYTES;
    }
}
