package io.sluice.ipc.file;

import io.sluice.ipc.Address;
import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.os.DiskFile;
import io.sluice.ipc.os.FutexMemoryWait;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.ring.Doorbell;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.StandardOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// The client's half of the handshake; see [FileEndpoint] for the other. Waits, until `connect-timeout` is over, as long as
/// nobody is bound; then makes the folder of a channel, asks, and waits for the answer.
final class FileConnect {
    private static final long RETRY_MILLIS = 5;
    private static final long SHORTEST_PAUSE_NANOS = 50_000;
    private static final long LONGEST_PAUSE_NANOS = 2_000_000;

    private final Address address;
    private final EndpointFolder folder;
    private final Duration timeout;
    private final long deadline;

    FileConnect(Address address) {
        this.address = address;
        this.folder = EndpointFolder.of(address);
        this.timeout = StandardOptions.CONNECT_TIMEOUT.of(address);
        this.deadline = Deadline.after(timeout);
    }

    Channel connect() throws InterruptedException {
        while (true) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Channel channel = folder.isBound() ? ask() : null;
            if (channel != null) {
                return channel;
            }
            if (Deadline.remaining(deadline) == 0) {
                throw new NoListenerException(address.withoutOptions() + ": nobody listened within "
                        + Quantities.duration(timeout) + " (looked at " + folder.lock()
                        + "); start the server, or check that both sides name the same folder");
            }
            Thread.sleep(RETRY_MILLIS);
        }
    }

    /// @return null if the endpoint went away before it answered
    private Channel ask() throws InterruptedException {
        Session session = Session.create(folder, address, FileTransport.isMapped(address, folder));
        Channel channel = null;
        try {
            Files.createFile(folder.ask(session.id));
            long answer = awaitAnswer(session);
            if (answer == SessionLayout.REFUSED) {
                throw new HandshakeException(SessionLayout.refusal(session.words));
            }
            if (answer == SessionLayout.ACCEPTED) {
                channel = open(session);
            }
            return channel;
        } catch (AccessDeniedException e) {
            throw new AuthenticationException(address.withoutOptions() + ": this user may not write to " + folder.asks()
                    + "; its owner and mode say who may connect", e);
        } catch (IOException e) {
            throw new SystemCallException(address.withoutOptions() + ": the endpoint cannot be asked: " + e, e);
        } finally {
            if (channel == null) {
                giveUp(session);
            }
        }
    }

    /// @return the answer; [SessionLayout#WITHDRAWN] if there was none as long as anybody was bound
    private long awaitAnswer(Session session) throws InterruptedException {
        long pause = SHORTEST_PAUSE_NANOS;
        while (true) {
            long answer = session.words.get(SessionLayout.ANSWER_OFFSET);
            if (answer != SessionLayout.ASKED && answer != SessionLayout.GREETED) {
                return answer;
            }
            boolean late = Deadline.remaining(deadline) == 0;
            // Whoever has begun to greet holds a lock; that somebody is bound may be somebody else meanwhile.
            boolean gone = answer == SessionLayout.GREETED ? !session.isPeerAlive() : !folder.isBound();
            if (late || gone) {
                long found = session.words.compareAndExchange(
                        SessionLayout.ANSWER_OFFSET, SessionLayout.ASKED, SessionLayout.WITHDRAWN);
                if (late && found != SessionLayout.ACCEPTED && !gone) {
                    throw new HandshakeException(address.withoutOptions() + ": the endpoint did not answer within "
                            + Quantities.duration(timeout) + "; its process is stopped or overloaded");
                }
                return found == SessionLayout.ACCEPTED ? found : SessionLayout.WITHDRAWN;
            }
            LockSupport.parkNanos(this, pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private Channel open(Session session) throws NoSuchFileException {
        session.openJournals();
        int slot = Math.clamp(session.words.get(SessionLayout.SLOT_OFFSET), 0, Doorbell.SLOTS - 1);
        if (!session.words.isMapped()) {
            return FileLink.open(session, address, slot, () -> {}, () -> {});
        }
        Arena arena = Arena.ofShared();
        Channel channel = null;
        try (DiskFile file = DiskFile.open(folder.doorbell(), DiskFile.Access.WRITE)) {
            Doorbell doorbell = new Doorbell(
                    file.map(Doorbell.LENGTH, arena), FutexMemoryWait.get(), true, arena::close);
            channel = FileLink.open(session, address, slot, () -> doorbell.ring(slot), doorbell::close);
            return channel;
        } finally {
            if (channel == null) {
                arena.close();
            }
        }
    }

    /// Lets a session go that became no channel. The server may have taken it for one meanwhile: then it finds it closed.
    private void giveUp(Session session) {
        session.words.put(SessionLayout.CLIENT_CLOSED_OFFSET, SessionLayout.CLOSED_IN_ORDER);
        session.words.compareAndExchange(
                SessionLayout.ANSWER_OFFSET, SessionLayout.ASKED, SessionLayout.WITHDRAWN);
        Folder.delete(folder.ask(session.id));
        session.end();
        session.release();
    }
}
