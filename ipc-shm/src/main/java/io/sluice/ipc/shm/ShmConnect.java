package io.sluice.ipc.shm;

import io.sluice.ipc.Address;
import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.NoSpaceException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.os.FutexMemoryWait;
import io.sluice.ipc.os.MemoryFile;
import io.sluice.ipc.os.RuntimeDirectory;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.ring.Doorbell;
import io.sluice.ipc.ring.RingChannel;
import io.sluice.ipc.ring.RingPlan;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.StandardOptions;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.net.UnixDomainPrincipal;

/// The client's half of the handshake; see [Greeting] for the other. Tries again, until `connect-timeout` is over, as long as
/// nobody listens.
final class ShmConnect {
    private static final long RETRY_MILLIS = 5;

    private final Address address;
    private final boolean group;
    private final Duration timeout;
    private final long deadline;
    private final RuntimeDirectory directory;
    private final Path path;
    private IOException lastFailure;

    ShmConnect(Address address) {
        this.address = address;
        this.group = ShmTransport.group(address).isPresent();
        this.timeout = StandardOptions.CONNECT_TIMEOUT.of(address);
        this.deadline = Deadline.after(timeout);
        this.directory = RuntimeDirectory.forConnect(group);
        this.path = directory.socket(address, Rendezvous.SUFFIX);
    }

    Channel connect() throws InterruptedException {
        IoLoop loop = IoLoop.join();
        Channel channel = null;
        try {
            while (channel == null) {
                channel = attempt(loop);
                if (channel == null) {
                    if (Deadline.remaining(deadline) == 0) {
                        throw nobody();
                    }
                    Thread.sleep(RETRY_MILLIS);
                }
            }
            return channel;
        } finally {
            if (channel == null) {
                loop.leave();
            }
        }
    }

    /// @return null if nobody listens, or the listener went away before it answered
    private Channel attempt(IoLoop loop) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        AtomicBoolean over = new AtomicBoolean();
        AtomicBoolean late = new AtomicBoolean();
        SocketChannel socket = null;
        boolean connected = false;
        Channel channel = null;
        try {
            socket = SocketChannel.open(StandardProtocolFamily.UNIX);
            closeWhenLate(loop, socket, over, late);
            socket.connect(UnixDomainSocketAddress.of(path));
            connected = true;
            channel = handshake(socket, loop);
            return channel;
        } catch (ClosedByInterruptException e) {
            Thread.interrupted();
            InterruptedException interrupted = new InterruptedException();
            interrupted.initCause(e);
            throw interrupted;
        } catch (IOException e) {
            if (connected && late.get()) {
                throw new HandshakeException(address.withoutOptions() + ": the endpoint did not answer within "
                        + Quantities.duration(timeout) + "; its process is stopped or overloaded", e);
            }
            return retry(e);
        } finally {
            over.set(true);
            if (channel == null) {
                close(socket);
            }
        }
    }

    private void closeWhenLate(IoLoop loop, SocketChannel socket, AtomicBoolean over, AtomicBoolean late) {
        if (deadline != Deadline.NEVER) {
            loop.execute(() -> loop.schedule(Deadline.remaining(deadline), () -> {
                if (over.compareAndSet(false, true)) {
                    late.set(true);
                    close(socket);
                }
            }));
        }
    }

    private static void close(SocketChannel socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            throw new SystemCallException("a socket could not be closed: " + e.getMessage(), e);
        }
    }

    /// A refusal, a missing file, a full backlog or a listener that goes away mean: not now.
    private Channel retry(IOException e) {
        boolean absent = e instanceof ConnectException || e instanceof EOFException || !Files.exists(path);
        if (!absent && !Files.isWritable(path)) {
            throw new AuthenticationException(address.withoutOptions() + ": user " + System.getProperty("user.name")
                    + " may not use the endpoint's socket " + path
                    + "; it belongs to another user, who can open it to a group with ?group=NAME", e);
        }
        lastFailure = e;
        return null;
    }

    private NoListenerException nobody() {
        return new NoListenerException(address.withoutOptions() + ": nobody listened within "
                + Quantities.duration(timeout) + " (looked at " + path
                + "); start the server, or check that both sides use the same name and runtime directory (ipc.dir)",
                lastFailure);
    }

    // ---- the handshake

    private Channel handshake(SocketChannel socket, IoLoop loop) throws IOException {
        UnixDomainPrincipal server = Rendezvous.principal(socket);
        if (!server.user().equals(Rendezvous.owner(directory))) {
            throw new AuthenticationException(address.withoutOptions() + ": the endpoint is run by "
                    + server.user().getName() + ", but its directory " + directory.path()
                    + " belongs to somebody else");
        }
        int maxMessage = StandardOptions.MAX_MESSAGE.of(address);
        write(socket, new Hello(ShmLayout.VERSION, ShmTransport.sleeps(address), maxMessage).encode());
        Welcome welcome = readWelcome(socket);
        if (welcome.status() != Welcome.Status.ACCEPTED) {
            throw refusal(welcome);
        }
        if (welcome.maxMessage() > maxMessage) {
            throw new HandshakeException(address.withoutOptions() + ": the server insists on messages of "
                    + welcome.maxMessage() + " bytes, beyond this side's max-message of " + maxMessage);
        }
        MemoryFile memory = map(welcome.memory(), ShmLayout.length(welcome.capacity()), server);
        MemoryFile bell = null;
        Channel channel = null;
        try {
            if (!ShmLayout.isInitialised(memory.memory(), welcome.capacity(), welcome.cookie())) {
                throw new HandshakeException(
                        address.withoutOptions() + ": the file " + memory.path() + " is not this channel's memory");
            }
            bell = map(welcome.doorbell(), Doorbell.LENGTH, server);
            write(socket, ByteBuffer.wrap(new byte[] {Welcome.MAPPED}));
            channel = open(socket, loop, server, welcome, memory, bell);
            return channel;
        } finally {
            if (channel == null) {
                memory.close();
                if (bell != null) {
                    bell.close();
                }
            }
        }
    }

    private Channel open(
            SocketChannel socket,
            IoLoop loop,
            UnixDomainPrincipal server,
            Welcome welcome,
            MemoryFile memory,
            MemoryFile bell) {
        Doorbell doorbell = new Doorbell(bell.memory(), FutexMemoryWait.get(), true, bell::close);
        int slot = welcome.slot();
        ShmLink link = new ShmLink(
                socket, Rendezvous.peer(server), memory, loop, () -> doorbell.ring(slot), doorbell::close);
        MemorySegment segment = memory.memory();
        RingPlan plan = RingPlan.of(
                address,
                ShmLayout.clientToServer(segment, welcome.capacity()),
                ShmLayout.serverToClient(segment, welcome.capacity()),
                welcome.capacity(),
                slot,
                welcome.maxMessage(),
                welcome.sleeps());
        RingChannel channel = new RingChannel(address, plan, link, ShmTransport.PROMISES);
        link.watch(channel);
        return channel;
    }

    private MemoryFile map(String file, long length, UnixDomainPrincipal server) throws IOException {
        MemoryFile memory;
        try {
            memory = MemoryFile.open(Path.of(file), length);
        } catch (NoSuchFileException e) {
            throw new HandshakeException(address.withoutOptions() + ": the server's memory " + file
                    + " is not visible to this process; containers must share it: an IPC namespace, or a volume named"
                    + " by ipc.shm.dir on both sides", e);
        } catch (InvalidPathException e) {
            throw new HandshakeException(
                    address.withoutOptions() + ": the server's memory " + file + " cannot be mapped: " + e, e);
        }
        if (!memory.owner().equals(server.user().getName())) {
            memory.close();
            throw new AuthenticationException(address.withoutOptions() + ": the memory " + file + " belongs to "
                    + memory.owner() + ", not to the server's user " + server.user().getName());
        }
        return memory;
    }

    private Welcome readWelcome(SocketChannel socket) throws IOException {
        ByteBuffer fixed = ByteBuffer.allocate(Welcome.FIXED_LENGTH);
        read(socket, fixed);
        try {
            ByteBuffer whole = ByteBuffer.allocate(Welcome.FIXED_LENGTH + Welcome.lengthOfPaths(fixed))
                    .order(fixed.order())
                    .put(fixed.flip());
            read(socket, whole);
            return Welcome.decode(whole);
        } catch (HandshakeException e) {
            throw new HandshakeException(address.withoutOptions() + ": " + e.getMessage(), e);
        }
    }

    private static void read(SocketChannel socket, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (socket.read(into) < 0) {
                throw new EOFException("the endpoint went away during the handshake");
            }
        }
    }

    private static void write(SocketChannel socket, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
    }

    private static IpcException refusal(Welcome welcome) {
        String reason = welcome.memory();
        return switch (welcome.status()) {
            case REFUSED_USER -> new AuthenticationException(reason);
            case NO_SPACE -> new NoSpaceException(reason);
            case ACCEPTED, OTHER_VERSION, TOO_MANY, FAILED -> new HandshakeException(reason);
        };
    }
}
