package io.sluice.ipc.file;

import io.sluice.ipc.Address;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.os.ByteLocks;
import io.sluice.ipc.os.DiskFile;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.spi.WaitStrategy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// A channel's folder as one of its sides has it open: its state, the proof that this side lives, and both journals.
final class Session {
    private static final String RECEIVER = "receiver";
    private static final MemorySegment NUDGE = Arena.global().allocate(1);

    final EndpointFolder endpoint;
    final String id;
    final boolean client;
    final Words words;

    private final Path path;
    private final Address address;
    private final DiskFile life;
    private Journal outbound;
    private Journal inbound;
    private boolean hasEnded; // guarded by this monitor: a closed descriptor's number may be another file's

    private Session(EndpointFolder endpoint, String id, boolean client, Address address, DiskFile life, Words words) {
        this.endpoint = endpoint;
        this.id = id;
        this.client = client;
        this.path = endpoint.channel(id);
        this.address = address;
        this.life = life;
        this.words = words;
    }

    /// Makes the folder of a new channel, for a client; whole before anybody is asked to look at it.
    static Session create(EndpointFolder endpoint, Address address, boolean mapped) {
        String id = EndpointFolder.newId(System.currentTimeMillis());
        Path path = endpoint.channel(id);
        Session session = null;
        boolean made = false;
        try (DiskFile _ = endpoint.making()) {
            try {
                Files.createDirectory(path);
                DiskFile life = live(path.resolve("client"), DiskFile.Access.CREATE);
                DiskFile.open(path.resolve("server"), DiskFile.Access.CREATE).close();
                Words words = words(path, DiskFile.Access.CREATE, mapped, life);
                session = new Session(endpoint, id, true, address, life, words);
                SessionLayout.initialise(
                        words,
                        StandardOptions.MAX_MESSAGE.of(address),
                        System.currentTimeMillis(),
                        StandardOptions.WAIT.of(address) == WaitStrategy.SPIN);
                made = true;
                return session;
            } catch (IOException e) {
                throw new SystemCallException(endpoint.name() + ": " + path + " cannot be made: " + e, e);
            } finally {
                if (!made) {
                    if (session != null) {
                        session.end();
                        session.release();
                    }
                    EndpointFolder.delete(path);
                }
            }
        }
    }

    /// Opens the folder that a client has made, for the server; its journals are not opened yet.
    ///
    /// @return null if another one has it open
    /// @throws NoSuchFileException if it is not there, or not all of it
    /// @throws HandshakeException if it is of another version, or no such thing
    static Session open(EndpointFolder endpoint, String id, Address address, boolean mapped)
            throws NoSuchFileException {
        Path path = endpoint.channel(id);
        DiskFile life = live(path.resolve("server"), DiskFile.Access.WRITE);
        if (life == null) {
            return null;
        }
        Words words = words(path, DiskFile.Access.WRITE, mapped, life);
        String fault = SessionLayout.fault(words);
        if (fault != null) {
            words.close();
            life.close();
            throw new HandshakeException(path + " cannot be used: " + fault);
        }
        return new Session(endpoint, id, false, address, life, words);
    }

    /// Takes the file whose lock proves that a side lives.
    ///
    /// @return null if it is taken
    private static DiskFile live(Path file, DiskFile.Access access) throws NoSuchFileException {
        DiskFile life = DiskFile.open(file, access);
        boolean taken = false;
        try {
            taken = new ByteLocks(life).tryLock(0);
            return taken ? life : null;
        } finally {
            if (!taken) {
                life.close();
            }
        }
    }

    private static Words words(Path path, DiskFile.Access access, boolean mapped, DiskFile life)
            throws NoSuchFileException {
        boolean opened = false;
        try {
            DiskFile file = DiskFile.open(path.resolve("state"), access);
            try {
                if (access == DiskFile.Access.CREATE) {
                    file.reserve(SessionLayout.LENGTH);
                } else if (file.length() < SessionLayout.LENGTH) {
                    throw new HandshakeException(file.path() + " cannot be used: it has " + file.length() + " bytes");
                }
                Words words = mapped
                        ? new MappedWords(file, SessionLayout.LENGTH)
                        : new StreamedWords(file, SessionLayout.LENGTH);
                opened = true;
                return words;
            } finally {
                if (mapped || !opened) {
                    file.close();
                }
            }
        } finally {
            if (!opened) {
                life.close();
            }
        }
    }

    /// Opens both journals, and makes them if they are missing: with segments so long that the client's longest message fits.
    void openJournals() {
        JournalOptions options = JournalOptions.DEFAULT
                .withSegmentLength(segmentLength(words.get(SessionLayout.MAX_MESSAGE_OF_CLIENT_OFFSET)))
                .withRetention(keep().isEmpty() ? Retention.FOREVER : Retention.FOREVER.withUnread())
                .withIo(words.isMapped() ? JournalOptions.Io.MAPPED : JournalOptions.Io.STREAM);
        JournalOptions ours = options.withSync(FileTransport.SYNC.of(address));
        outbound = Journal.open(path.resolve(client ? "to-server" : "to-client"), ours, false);
        inbound = Journal.open(path.resolve(client ? "to-client" : "to-server"), options, false);
    }

    private static int segmentLength(long maxMessage) {
        long wanted = Math.max(2 * maxMessage, 1 << 20);
        return (int) Math.min(SegmentLayout.MAX_LENGTH, Long.highestOneBit(2 * wanted - 1));
    }

    /// The longest message that fits into the journals.
    int maxLength() {
        return Math.min(outbound.maxLength(), inbound.maxLength());
    }

    Appender appender() {
        return outbound.appender();
    }

    /// The reader of what comes; with a name, if the sender is to know what it has read, see [Forgetting].
    Tailer tailer() {
        return keep().isEmpty() ? inbound.tailer() : inbound.tailer(RECEIVER);
    }

    /// How long what was received is kept.
    ///
    /// @return nothing if that is for ever
    Optional<Duration> keep() {
        long millis = words.get(SessionLayout.KEEP_OFFSET);
        return millis < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
    }

    void keep(Duration time) {
        words.put(SessionLayout.KEEP_OFFSET, time.equals(Quantities.FOREVER) ? -1 : time.toMillis());
    }

    /// Whose closing and writing tells of the other side.
    Path peersLife() {
        return path.resolve(client ? "server" : "client");
    }

    boolean isPeerAlive() {
        return EndpointFolder.isLocked(peersLife(), 0, 1);
    }

    /// Has the other side look at the channel: the kernel tells it that something was written, whatever that is.
    synchronized void nudge() {
        if (!hasEnded) {
            life.write(NUDGE, 0);
        }
    }

    /// Says that this side is gone.
    synchronized void end() {
        hasEnded = true;
        life.close();
    }

    /// Lets all go, after [#end()]. Whoever goes last deletes what is not to be kept: the folder of a channel that was never
    /// accepted, or that has carried nothing, or whose messages are not kept.
    ///
    /// The other side may come to the same result at the same time, and both delete. It makes no files any more: this side has
    /// released its lock before it looks at the other's, and whoever takes that one looks at ours before it makes any.
    void release() {
        long answer = words.get(SessionLayout.ANSWER_OFFSET);
        boolean carried = answer == SessionLayout.GREETED || answer == SessionLayout.ACCEPTED;
        carried &= outbound != null && inbound != null && !(outbound.isEmpty() && inbound.isEmpty());
        if (outbound != null) {
            outbound.close();
        }
        if (inbound != null) {
            inbound.close();
        }
        boolean last = !isPeerAlive();
        if (last) {
            words.compareAndExchange(SessionLayout.ENDED_OFFSET, 0, System.currentTimeMillis());
        }
        boolean deletes = last && (!carried || keep().filter(Duration::isZero).isPresent());
        words.close();
        if (deletes) {
            EndpointFolder.delete(path);
        }
    }
}
