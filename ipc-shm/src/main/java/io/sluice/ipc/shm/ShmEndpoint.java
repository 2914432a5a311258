package io.sluice.ipc.shm;

import io.sluice.ipc.Address;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.endpoint.ListeningEndpoint;
import io.sluice.ipc.os.FutexMemoryWait;
import io.sluice.ipc.os.MemoryFile;
import io.sluice.ipc.os.RuntimeDirectory;
import io.sluice.ipc.ring.Doorbell;
import io.sluice.ipc.ring.RingChannel;
import io.sluice.ipc.ring.RingEndpoint;
import io.sluice.ipc.ring.RingOptions;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A bound `shm:` name: accepts clients at its [Rendezvous] and gives each a [Greeting], all on the [IoLoop].
final class ShmEndpoint implements ListeningEndpoint.Listener, IoLoop.Ready {
    private static final Logger LOG = LoggerFactory.getLogger(ShmEndpoint.class);

    /// How long not to accept after that has failed, for example because there are no descriptors left.
    private static final long ACCEPT_PAUSE_NANOS = 100_000_000;

    private final Address address;
    private final Rendezvous rendezvous;
    private final UserPrincipal owner;
    private final MemoryFile doorbellFile;
    private final Doorbell doorbell;
    private final RingEndpoint endpoint;
    private final int capacity;
    private final IoLoop loop;
    private final Set<Greeting> greetings = new HashSet<>();
    private SelectionKey key;
    private volatile boolean closed;

    private ShmEndpoint(Address address, Rendezvous rendezvous, UserPrincipal owner, MemoryFile doorbellFile) {
        this.address = address;
        this.capacity = RingOptions.capacity(address);
        this.rendezvous = rendezvous;
        this.owner = owner;
        this.doorbellFile = doorbellFile;
        this.doorbell = new Doorbell(doorbellFile.memory(), FutexMemoryWait.get(), true, doorbellFile::close);
        this.endpoint = new RingEndpoint(address, doorbell);
        this.loop = IoLoop.join();
    }

    static Endpoint bind(Address address) {
        RingOptions.capacity(address);
        RuntimeDirectory directory = RuntimeDirectory.forBind();
        Rendezvous rendezvous = Rendezvous.bind(address, directory);
        try {
            MemoryFile.sweep(address.place());
            MemoryFile doorbell = MemoryFile.create(address.place(), Doorbell.LENGTH, ShmTransport.group(address));
            ShmEndpoint bound = new ShmEndpoint(address, rendezvous, Rendezvous.owner(directory), doorbell);
            bound.endpoint.attach(bound);
            bound.loop.register(rendezvous.socket(), SelectionKey.OP_ACCEPT, bound);
            return bound.endpoint;
        } catch (IOException e) {
            rendezvous.close();
            throw new SystemCallException(address.withoutOptions() + ": the owner of " + directory.path()
                    + " cannot be read: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            rendezvous.close();
            throw e;
        }
    }

    // ---- on the loop's thread

    @Override
    public void ready(SelectionKey readyKey) {
        key = readyKey;
        try {
            for (SocketChannel client; key.isValid() && (client = rendezvous.socket().accept()) != null;) {
                Greeting greeting = new Greeting(this, client);
                greetings.add(greeting);
                greeting.start();
            }
        } catch (IOException e) {
            if (!closed) {
                LOG.warn("{}: clients cannot be accepted at the moment: {}", address, e.getMessage());
                key.interestOps(0);
                loop.schedule(ACCEPT_PAUSE_NANOS, this::resumeNow);
            }
        }
    }

    @Override
    public void failed(Exception cause) {
        if (!closed) {
            LOG.warn("{}: the endpoint accepts no more clients", address, cause);
        }
    }

    /// A greeting has come to its end.
    void done(Greeting greeting) {
        greetings.remove(greeting);
    }

    /// A greeting has made a channel.
    void arrived(RingChannel channel) {
        if (!endpoint.arrived(channel) && key.isValid()) {
            key.interestOps(0);
        }
    }

    private void resumeNow() {
        if (key != null && key.isValid()) {
            key.interestOps(SelectionKey.OP_ACCEPT);
        }
    }

    private void closeNow(CompletableFuture<Void> done) {
        for (Greeting greeting : Set.copyOf(greetings)) {
            greeting.endpointClosed();
        }
        done.complete(null);
    }

    // ---- from any thread

    @Override
    public void resume() {
        loop.execute(this::resumeNow);
    }

    @Override
    public void close() {
        closed = true;
        rendezvous.close();
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> closeNow(done));
        done.join();
        loop.leave();
    }

    Address address() {
        return address;
    }

    Optional<String> group() {
        return ShmTransport.group(address);
    }

    UserPrincipal owner() {
        return owner;
    }

    int capacity() {
        return capacity;
    }

    Doorbell doorbell() {
        return doorbell;
    }

    String doorbellPath() {
        return doorbellFile.path().toString();
    }

    IoLoop loop() {
        return loop;
    }

    boolean isClosed() {
        return closed;
    }
}
