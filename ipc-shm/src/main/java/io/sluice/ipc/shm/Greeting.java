package io.sluice.ipc.shm;

import io.sluice.ipc.Address;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.NoSpaceException;
import io.sluice.ipc.os.MemoryFile;
import io.sluice.ipc.ring.Doorbell;
import io.sluice.ipc.ring.RingChannel;
import io.sluice.ipc.ring.RingPlan;
import io.sluice.ipc.spi.StandardOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import jdk.net.UnixDomainPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The server's half of the handshake with one client: reads its [Hello], proves its user, makes the memory, answers with a
/// [Welcome], waits until the client has mapped the memory, takes the memory's name away, and hands the channel over.
///
/// Everything happens on the loop's thread, except that the memory is made on a virtual one, because that takes time if
/// it is large. A client that stalls is cut off after [#PATIENCE_NANOS].
final class Greeting implements IoLoop.Ready {
    private static final Logger LOG = LoggerFactory.getLogger(Greeting.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    private enum Step {
        HELLO,
        MEMORY,
        MAPPED,
        OVER
    }

    private final ShmEndpoint endpoint;
    private final SocketChannel socket;
    private final ByteBuffer received = ByteBuffer.allocate(Hello.LENGTH);
    private Step step = Step.HELLO;
    private UnixDomainPrincipal principal;
    private Hello hello;
    private MemoryFile memory;
    private int slot = -1;

    Greeting(ShmEndpoint endpoint, SocketChannel socket) {
        this.endpoint = endpoint;
        this.socket = socket;
    }

    void start() {
        endpoint.loop().register(socket, SelectionKey.OP_READ, this);
        endpoint.loop().schedule(PATIENCE_NANOS, () -> {
            if (step != Step.OVER) {
                abandon("it did not complete the handshake in time");
            }
        });
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        switch (step) {
            case HELLO -> {
                if (read()) {
                    key.interestOps(0);
                    hello();
                }
            }
            case MAPPED -> {
                if (read()) {
                    mapped();
                }
            }
            case MEMORY, OVER -> key.interestOps(0);
        }
    }

    @Override
    public void failed(Exception cause) {
        abandon(cause.toString());
    }

    /// @return whether all that was expected is there
    private boolean read() throws IOException {
        if (socket.read(received) < 0) {
            abandon("it went away");
            return false;
        }
        return !received.hasRemaining();
    }

    private void hello() throws IOException {
        try {
            hello = Hello.decode(received.flip());
        } catch (IpcException e) {
            LOG.warn("{}: a client was cut off: {}", endpoint.address(), e.getMessage());
            end();
            return;
        }
        principal = Rendezvous.principal(socket);
        if (hello.version() != ShmLayout.VERSION) {
            refuse(
                    Welcome.Status.OTHER_VERSION,
                    "the client speaks version " + hello.version() + " of the handshake, the server "
                            + ShmLayout.VERSION + "; use the same version of Sluice on both sides");
        } else if (endpoint.group().isEmpty() && !principal.user().equals(endpoint.owner())) {
            refuse(
                    Welcome.Status.REFUSED_USER,
                    "the endpoint is for user " + endpoint.owner().getName() + ", the client runs as "
                            + principal.user().getName() + "; open it to a group with ?group=NAME on both sides");
        } else {
            slot = endpoint.doorbell().take();
            if (slot < 0) {
                refuse(
                        Welcome.Status.TOO_MANY,
                        "the endpoint has " + Doorbell.SLOTS + " open channels, which is the most; close some");
            } else {
                step = Step.MEMORY;
                Thread.ofVirtual().name("ipc-shm-memory").start(this::makeMemory);
            }
        }
    }

    // ---- on a virtual thread

    private void makeMemory() {
        int capacity = endpoint.capacity();
        long cookie = RANDOM.nextLong();
        try {
            MemoryFile made =
                    MemoryFile.create(endpoint.address().place(), ShmLayout.length(capacity), endpoint.group());
            ShmLayout.initialise(made.memory(), capacity, cookie);
            endpoint.loop().execute(() -> welcome(made, cookie));
        } catch (NoSpaceException e) {
            endpoint.loop().execute(() -> refuse(Welcome.Status.NO_SPACE, e.getMessage()));
        } catch (RuntimeException e) {
            endpoint.loop().execute(() -> refuse(Welcome.Status.FAILED, "the server cannot make memory: " + e));
        }
    }

    // ---- on the loop's thread again

    private void welcome(MemoryFile made, long cookie) {
        memory = made;
        if (step != Step.MEMORY || endpoint.isClosed()) {
            end();
            return;
        }
        Address address = endpoint.address();
        Welcome welcome = new Welcome(
                ShmLayout.VERSION,
                Welcome.Status.ACCEPTED,
                ShmTransport.sleeps(address),
                endpoint.capacity(),
                maxMessage(),
                slot,
                cookie,
                made.path().toString(),
                endpoint.doorbellPath());
        step = Step.MAPPED;
        received.clear().limit(1);
        if (answer(welcome)) {
            endpoint.loop().register(socket, SelectionKey.OP_READ, this);
        }
    }

    private int maxMessage() {
        return Math.min(StandardOptions.MAX_MESSAGE.of(endpoint.address()), hello.maxMessage());
    }

    private void mapped() {
        if (received.get(0) != Welcome.MAPPED) {
            abandon("it could not map the memory " + memory.path());
            return;
        }
        endpoint.arrived(open());
    }

    /// Ends the handshake with a channel.
    private RingChannel open() {
        memory.unlink();
        Doorbell doorbell = endpoint.doorbell();
        int channelSlot = slot;
        MemorySegment segment = memory.memory();
        int capacity = endpoint.capacity();
        ShmLink link = new ShmLink(
                socket,
                Rendezvous.peer(principal),
                memory,
                IoLoop.join(),
                () -> {}, // clients serve nobody: none has a doorbell
                () -> doorbell.free(channelSlot));
        RingPlan plan = RingPlan.of(
                endpoint.address(),
                ShmLayout.serverToClient(segment, capacity),
                ShmLayout.clientToServer(segment, capacity),
                capacity,
                slot,
                maxMessage(),
                hello.sleeps());
        RingChannel channel = new RingChannel(endpoint.address(), plan, link, ShmTransport.PROMISES);
        memory = null;
        slot = -1;
        step = Step.OVER;
        endpoint.done(this);
        link.watch(channel);
        return channel;
    }

    /// Ends because the endpoint is closed. A client that was welcomed may have its channel already, and be faster than its
    /// last word: it reads the end of the channel, as one does that nobody accepted.
    void endpointClosed() {
        if (step == Step.MAPPED) {
            open().close();
        } else {
            abandon("the endpoint was closed");
        }
    }

    private void refuse(Welcome.Status status, String reason) {
        LOG.warn("{}: a client was refused: {}", endpoint.address(), reason);
        answer(Welcome.refusal(status, endpoint.address().withoutOptions() + ": " + reason));
        end();
    }

    private boolean answer(Welcome welcome) {
        try {
            ByteBuffer bytes = welcome.encode();
            socket.write(bytes);
            if (!bytes.hasRemaining()) {
                return true;
            }
            abandon("it does not read its answer");
        } catch (IOException e) {
            abandon(e.toString());
        }
        return false;
    }

    /// Ends the handshake without a channel.
    void abandon(String reason) {
        if (step != Step.OVER) {
            LOG.debug("{}: the handshake with a client ended: {}", endpoint.address(), reason);
            end();
        }
    }

    private void end() {
        step = Step.OVER;
        endpoint.done(this);
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("{}: closing the rendezvous socket failed", endpoint.address(), e);
        }
        if (slot >= 0) {
            endpoint.doorbell().free(slot);
            slot = -1;
        }
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }
}
