package io.sluice.ipc.inproc;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.NoSpaceException;
import io.sluice.ipc.endpoint.ListeningEndpoint;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.ring.Doorbell;
import io.sluice.ipc.ring.RingChannel;
import io.sluice.ipc.ring.RingEndpoint;
import io.sluice.ipc.ring.RingLayout;
import io.sluice.ipc.ring.RingOptions;
import io.sluice.ipc.ring.RingPlan;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.spi.WaitStrategy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A bound name: makes both ends of a channel for each connect.
final class InprocListener implements ListeningEndpoint.Listener {
    private final Address address;
    private final RingEndpoint endpoint;
    private final Doorbell doorbell;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition resumed = lock.newCondition();
    private boolean paused;
    private boolean closed;

    InprocListener(Address address, RingEndpoint endpoint, Doorbell doorbell) {
        this.address = address;
        this.endpoint = endpoint;
        this.doorbell = doorbell;
    }

    /// Makes a channel.
    ///
    /// @return the client's end, or null if the endpoint has been closed meanwhile
    Channel connect(Address from, long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (paused && !closed) {
                if (!resumed.await(Deadline.remaining(deadline), TimeUnit.NANOSECONDS)) {
                    throw new NoListenerException(from.withoutOptions()
                            + ": the endpoint has too many clients that it has not accepted; let it call accept");
                }
            }
            if (closed) {
                return null;
            }
            int slot = doorbell.take();
            if (slot < 0) {
                throw new NoListenerException(from.withoutOptions() + ": the endpoint has " + Doorbell.SLOTS
                        + " open channels, which is the most; close some");
            }
            RingChannel[] ends = open(from, slot);
            paused = !endpoint.arrived(ends[0]);
            return ends[1];
        } finally {
            lock.unlock();
        }
    }

    private RingChannel[] open(Address from, int slot) {
        int capacity = RingOptions.capacity(address);
        int maxMessage =
                Math.min(StandardOptions.MAX_MESSAGE.of(address), StandardOptions.MAX_MESSAGE.of(from));
        Arena arena = Arena.ofShared();
        InprocMemory memory = new InprocMemory(arena);
        MemorySegment toServer;
        MemorySegment toClient;
        try {
            toServer = memory.ring(capacity);
            toClient = memory.ring(capacity);
        } catch (OutOfMemoryError e) {
            arena.close();
            doorbell.free(slot);
            throw new NoSpaceException(from.withoutOptions() + ": two rings of " + Quantities.size(capacity)
                    + " do not fit into this process's memory; use a smaller ?capacity=", e);
        }
        InprocLink serverLink = new InprocLink(memory, doorbell, slot, true);
        InprocLink clientLink = new InprocLink(memory, doorbell, slot, false);
        RingChannel server = new RingChannel(
                address,
                RingPlan.of(address, toClient, toServer, capacity, slot, maxMessage, sleeps(from)),
                serverLink,
                InprocTransport.PROMISES);
        RingChannel client = new RingChannel(
                from,
                RingPlan.of(from, toServer, toClient, capacity, slot, maxMessage, sleeps(address)),
                clientLink,
                InprocTransport.PROMISES);
        serverLink.join(client);
        clientLink.join(server);
        return new RingChannel[] {server, client};
    }

    private static boolean sleeps(Address side) {
        return StandardOptions.WAIT.of(side) != WaitStrategy.SPIN;
    }

    @Override
    public void resume() {
        lock.lock();
        try {
            paused = false;
            resumed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        InprocTransport.unbind(address);
        lock.lock();
        try {
            closed = true;
            resumed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The memory of one channel; freed when both ends have let go of it.
    static final class InprocMemory {
        private final Arena arena;
        private int users = 2;

        InprocMemory(Arena arena) {
            this.arena = arena;
        }

        MemorySegment ring(int capacity) {
            return arena.allocate(RingLayout.ringLength(capacity), RingLayout.ALIGNMENT);
        }

        synchronized void release() {
            if (--users == 0) {
                arena.close();
            }
        }
    }
}
