package io.sluice.ipc.file;

import io.sluice.ipc.Address;
import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.endpoint.ListeningEndpoint;
import io.sluice.ipc.os.DiskFile;
import io.sluice.ipc.os.FileEvents;
import io.sluice.ipc.os.FutexMemoryWait;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.ring.Doorbell;
import io.sluice.ipc.ring.MemoryWait;
import io.sluice.ipc.ring.RingChannel;
import io.sluice.ipc.ring.RingEndpoint;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.spi.WaitStrategy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A bound folder: greets each client that asks, in a thread of its own, so that none delays another.
final class FileEndpoint implements ListeningEndpoint.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(FileEndpoint.class);
    private static final long SHORTEST_SWEEP_NANOS = 1_000_000_000;
    private static final int SWEEPS_PER_KEEP = 8;

    private final Address address;
    private final EndpointFolder folder;
    private final DiskFile lock;
    private final boolean mapped;
    private final Doorbell doorbell;
    private final RingEndpoint endpoint;
    private final Leftovers leftovers;
    private final Duration keep;
    private final Set<String> greeting = new HashSet<>(); // guarded by this monitor, as the following
    private boolean paused;
    private boolean closed;
    private Watcher.Watch watch;
    private boolean sweeping;
    private long swept = System.nanoTime();

    private FileEndpoint(Address address, EndpointFolder folder, DiskFile lock, boolean mapped, Doorbell doorbell) {
        this.address = address;
        this.folder = folder;
        this.lock = lock;
        this.mapped = mapped;
        this.doorbell = doorbell;
        this.endpoint = new RingEndpoint(address, doorbell);
        this.keep = FileTransport.KEEP.of(address);
        this.leftovers = new Leftovers(folder, keep);
    }

    static Endpoint bind(Address address) {
        EndpointFolder folder = EndpointFolder.of(address);
        folder.create();
        DiskFile lock = folder.bind();
        if (lock == null) {
            throw new AddressInUseException(
                    address.withoutOptions() + ": another endpoint is bound to this folder, as the"
                            + " lock of " + folder.lock()
                            + " proves; close it (lslocks shows its process), or use another folder");
        }
        boolean bound = false;
        try {
            boolean mapped = FileTransport.isMapped(address, folder);
            FileEndpoint listener = new FileEndpoint(address, folder, lock, mapped, doorbell(folder, mapped));
            listener.endpoint.attach(listener);
            listener.leftovers.sweep();
            listener.watch = Watcher.watch(folder.asks(), FileEvents.NAMED, mapped, listener::look);
            listener.look();
            bound = true;
            return listener.endpoint;
        } finally {
            if (!bound) {
                lock.close();
            }
        }
    }

    private static Doorbell doorbell(EndpointFolder folder, boolean mapped) {
        Arena arena = Arena.ofShared();
        if (!mapped) {
            return new Doorbell(arena.allocate(Doorbell.LENGTH, Long.BYTES), MemoryWait.NONE, false, arena::close);
        }
        boolean made = false;
        try (DiskFile file = DiskFile.open(folder.doorbell(), DiskFile.Access.CREATE)) {
            file.reserve(Doorbell.LENGTH);
            MemorySegment memory = file.map(Doorbell.LENGTH, arena).fill((byte) 0);
            made = true;
            return new Doorbell(memory, FutexMemoryWait.get(), true, arena::close);
        } catch (NoSuchFileException e) {
            throw new HandshakeException(folder.name() + ": the folder was deleted", e);
        } finally {
            if (!made) {
                arena.close();
            }
        }
    }

    private boolean look(int mask) {
        if (mask == 0) {
            sweepOnceInAWhile();
        }
        look();
        return false;
    }

    /// Deletes what has been kept long enough of channels that have ended, if anything is ever to be deleted.
    private synchronized void sweepOnceInAWhile() {
        long now = System.nanoTime();
        if (!closed && !sweeping && !keep.isZero() && !keep.equals(Quantities.FOREVER)
                && now - swept > Math.max(SHORTEST_SWEEP_NANOS, Deadline.nanos(keep) / SWEEPS_PER_KEEP)) {
            sweeping = true;
            Thread.ofVirtual().name("ipc-file-sweep").start(this::sweep);
        }
    }

    private void sweep() {
        try {
            leftovers.sweep();
        } catch (IpcException e) {
            LOG.warn("{}: what has been kept long enough cannot be deleted: {}", address, e.getMessage());
        } finally {
            synchronized (this) {
                sweeping = false;
                swept = System.nanoTime();
            }
        }
    }

    /// Greets all who ask and are not being greeted.
    private void look() {
        for (String id : EndpointFolder.names(folder.asks())) {
            synchronized (this) {
                if (!closed && !paused && greeting.add(id)) {
                    Thread.ofVirtual().name("ipc-file-greet").start(() -> greet(id));
                }
            }
        }
    }

    private void greet(String id) {
        try {
            answer(id);
            Folder.delete(folder.ask(id));
        } catch (NoSuchFileException e) {
            Folder.delete(folder.ask(id)); // withdrawn, or nonsense
        } catch (IpcException e) {
            LOG.warn("{}: a client's request {} is refused: {}", address, folder.channel(id), e.getMessage());
            Folder.delete(folder.ask(id));
        } finally {
            synchronized (this) {
                greeting.remove(id);
            }
        }
    }

    private void answer(String id) throws NoSuchFileException {
        Session session = Session.open(folder, id, address, mapped);
        if (session == null) {
            return; // being greeted by another thread, or accepted already
        }
        RingChannel channel = null;
        int slot = -1;
        try {
            if (!session.isPeerAlive() || session.words.get(SessionLayout.ANSWER_OFFSET) != SessionLayout.ASKED) {
                return;
            }
            try {
                slot = doorbell.take();
                if (slot < 0) {
                    throw new HandshakeException(address.withoutOptions() + ": the endpoint has " + Doorbell.SLOTS
                            + " open channels, which is the most; close some");
                }
                agree(session, slot);
            } catch (IpcException e) {
                SessionLayout.refuse(session.words, e.getMessage());
                throw e;
            }
            if (session.words.compareAndExchange(
                    SessionLayout.ANSWER_OFFSET, SessionLayout.ASKED, SessionLayout.GREETED) == SessionLayout.ASKED) {
                int taken = slot;
                channel = FileLink.open(session, address, slot, () -> {}, () -> doorbell.free(taken));
                boolean more = endpoint.arrived(channel);
                session.words.put(SessionLayout.ANSWER_OFFSET, SessionLayout.ACCEPTED);
                synchronized (this) {
                    paused = !more;
                }
            }
        } finally {
            if (channel == null) {
                session.end();
                session.release();
                if (slot >= 0) {
                    doorbell.free(slot);
                }
            }
        }
    }

    private void agree(Session session, int slot) {
        Words words = session.words;
        session.keep(FileTransport.KEEP.of(address));
        session.openJournals();
        long theirs = words.get(SessionLayout.MAX_MESSAGE_OF_CLIENT_OFFSET);
        long ours = StandardOptions.MAX_MESSAGE.of(address);
        words.put(SessionLayout.MAX_MESSAGE_OFFSET, Math.min(Math.min(theirs, ours), session.maxLength()));
        words.put(SessionLayout.SLOT_OFFSET, slot);
        words.put(
                SessionLayout.SERVER_SPINS_OFFSET,
                StandardOptions.WAIT.of(address) == WaitStrategy.SPIN ? 1 : 0);
    }

    @Override
    public void resume() {
        synchronized (this) {
            paused = false;
        }
        look();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        watch.close();
        lock.close();
    }
}
