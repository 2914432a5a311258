package io.sluice.ipc.file;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.UnsupportedException;
import io.sluice.ipc.os.DiskFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A durable journal: records in a folder, in one order for all, appended and read by many processes at once.
///
/// ```java
/// try (Journal journal = Journal.open(Path.of("/var/lib/app/orders")); Appender appender = journal.appender()) {
///     long position = appender.append("order 17".getBytes());
/// }
/// ```
///
/// Any thread may use it; an [Appender] and a [Tailer] are for one thread each. A process opens a journal once as a rule,
/// and shares it among its threads; opening it twice is allowed.
///
/// The folder must be on a local file system of Linux. What survives a death is said at [Sync]; what is damaged is said
/// at [Tailer]. Who may use it is said by the modes of the folder and its files, which the umask decides.
public final class Journal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    /// File systems of other machines or of other programs: what they map is not what others see.
    private static final Set<String> NOT_LOCAL =
            Set.of("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "ceph", "afs", "gfs2", "ocfs2",
                    "glusterfs");

    private final Folder folder;
    private final JournalOptions options;
    private final Head head;
    private final Locks locks;
    private final Mappings mappings;
    private final Readers readers;
    private final Segments segments;
    private final Flusher flusher;
    private final Optional<FlushThread> flushThread;
    private final List<Damage> recovered;
    private final Set<AutoCloseable> users = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private Journal(Folder folder, JournalOptions options, Locks locks, Head head) throws NoSuchFileException {
        this.folder = folder;
        this.options = options;
        this.locks = locks;
        this.head = head;
        this.mappings = new Mappings(folder, head.segmentLength(), !options.readOnly());
        this.readers = new Readers(folder);
        this.segments = new Segments(folder, head, locks, mappings, readers, options);
        this.recovered = options.readOnly() ? List.of() : enlist();
        this.flusher = new Flusher(head, mappings);
        this.flushThread = options.sync() instanceof Sync.Interval interval && !options.readOnly()
                ? Optional.of(new FlushThread(folder.path(), flusher, interval.time()))
                : Optional.empty();
    }

    /// Opens a journal to read and append, and creates it if there is none; [JournalOptions#DEFAULT].
    ///
    /// @param path the folder
    /// @return the journal; [#close()] it
    public static Journal open(Path path) {
        return open(path, JournalOptions.DEFAULT);
    }

    /// Opens a journal, and creates it if there is none unless it is to be read only.
    ///
    /// If a process or the machine has died since it was used, its newest segment is looked through and mended first:
    /// [#recovered()]. Blocks while another process does that, for milliseconds.
    ///
    /// @param path the folder
    /// @param options how to use it
    /// @return the journal; [#close()] it
    /// @throws io.sluice.ipc.HandshakeException if it has another version, or a file that should be its is no such file
    /// @throws AuthenticationException if this user may not read it or, unless it is to be read only, write it
    /// @throws io.sluice.ipc.NoSpaceException if its first segment does not fit
    /// @throws io.sluice.ipc.TimedOutException if a process that holds its lock is stopped or hangs
    /// @throws SystemCallException if there is none, to be read only; or the system refuses something else
    /// @throws UnsupportedException if this is not Linux, or the file system is not local
    public static Journal open(Path path, JournalOptions options) {
        Folder folder = new Folder(path.toAbsolutePath().normalize());
        try {
            if (options.readOnly()) {
                return openReadOnly(folder, options);
            }
            makeFolder(folder.path());
            checkLocal(folder.path());
            return openToAppend(folder, options);
        } catch (NoSuchFileException e) {
            throw new SystemCallException(folder.path() + " is no journal: there is no " + e.getFile(), e);
        }
    }

    private static Journal openReadOnly(Folder folder, JournalOptions options) throws NoSuchFileException {
        checkLocal(folder.path());
        Head head = Head.open(folder, false);
        Locks locks = null;
        boolean open = false;
        try {
            locks = new Locks(folder, DiskFile.Access.READ);
            Journal journal = new Journal(folder, options, locks, head);
            open = true;
            return journal;
        } finally {
            if (!open) {
                close(head, locks);
            }
        }
    }

    private static Journal openToAppend(Folder folder, JournalOptions options) throws NoSuchFileException {
        Locks locks = new Locks(folder, DiskFile.Access.CREATE);
        Head head = null;
        boolean open = false;
        try {
            locks.upkeep(() -> {
                if (!Files.exists(folder.head())) {
                    try {
                        Head.create(folder, options.segmentLength(), options.clock().millis());
                    } catch (NoSuchFileException e) {
                        throw new SystemCallException(folder.path() + " was deleted", e);
                    }
                }
            });
            head = Head.open(folder, true);
            Journal journal = new Journal(folder, options, locks, head);
            open = true;
            return journal;
        } finally {
            if (!open) {
                close(head, locks);
            }
        }
    }

    private static void close(Head head, Locks locks) {
        if (head != null) {
            head.close();
        }
        if (locks != null) {
            locks.close();
        }
    }

    private static void makeFolder(Path path) {
        try {
            Files.createDirectories(path);
        } catch (AccessDeniedException e) {
            throw new AuthenticationException(path + " cannot be created by this user: " + e, e);
        } catch (FileSystemException e) {
            if (!Files.isDirectory(path)) {
                throw new SystemCallException(path + " cannot be created: " + e, e);
            }
        } catch (IOException e) {
            throw new SystemCallException(path + " cannot be created: " + e, e);
        }
    }

    private static void checkLocal(Path path) throws NoSuchFileException {
        try {
            String type = Files.getFileStore(path).type();
            if (NOT_LOCAL.contains(type) || type.startsWith("fuse")) {
                throw new UnsupportedException(
                        path + " is on a file system of the type " + type + ", where mapped memory is"
                                + " not the same for all; put the journal on a local one");
            }
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw new SystemCallException(path + " cannot be looked at: " + e, e);
        }
    }

    /// Makes this process an appender: under upkeep, so that nobody repairs at the same time.
    private List<Damage> enlist() {
        List<Damage> found = new ArrayList<>();
        locks.upkeep(() -> {
            try {
                long[] numbers = folder.segments();
                if (numbers.length > 0) {
                    head.raiseNewest(numbers[numbers.length - 1]);
                }
                if (head.newest() < 0 || !Files.exists(folder.segment(head.newest()))) {
                    segments.create(head.newest() + 1);
                }
                found.addAll(new Recovery(folder, head, locks, mappings).run(head.newest()));
            } catch (NoSuchFileException e) {
                throw new SystemCallException(folder.path() + ": the journal was deleted", e);
            }
            locks.become(head.nextAppender());
        });
        for (Damage each : found) {
            LOG.warn("{}: positions {} to {} were {}", folder.path(), each.position(), each.end(), each.why());
        }
        return List.copyOf(found);
    }

    /// Makes an appender, for one thread.
    ///
    /// @return the appender; [Appender#close()] it
    /// @throws AuthenticationException if the journal was opened to be read only
    public Appender appender() {
        if (options.readOnly()) {
            throw new AuthenticationException(path() + " was opened to be read only");
        }
        return register(new Appender(this));
    }

    /// Makes a tailer, for one thread, before the first record that there is.
    ///
    /// @return the tailer; [Tailer#close()] it
    public Tailer tailer() {
        return register(new Tailer(this, Optional.empty()));
    }

    /// Makes a tailer with a name, for one thread: it begins where the name has [Tailer#store]d its position, and else
    /// before the first record. One tailer at a time has the name; the kernel takes it from a process that dies.
    ///
    /// @param name letters, digits, `_` and `-`
    /// @return the tailer; [Tailer#close()] it
    /// @throws io.sluice.ipc.AddressInUseException if another tailer has the name, in any process
    public Tailer tailer(String name) {
        return register(new Tailer(this, Optional.of(readers.take(name))));
    }

    private <T extends AutoCloseable> T register(T user) {
        users.add(user);
        if (closed) {
            closeAll();
            throw new ClosedException(path() + ": the journal is closed");
        }
        return user;
    }

    /// Takes a reader's name out of the journal, so that it keeps nothing any more.
    ///
    /// @param name the reader's
    /// @throws io.sluice.ipc.AddressInUseException if a tailer has the name, in any process
    public void forget(String name) {
        if (folder.readers().contains(name)) {
            try (Readers.Named _ = readers.take(name)) {
                Folder.delete(folder.reader(name));
            }
        }
    }

    /// Deletes the segments that are not to be kept; see [JournalOptions#retention()].
    ///
    /// @return how many were deleted
    public int prune() {
        int[] deleted = new int[1];
        locks.upkeep(() -> deleted[0] = segments.prune());
        return deleted[0];
    }

    /// Deletes the segments that hold only records before a position; never the newest.
    ///
    /// @param position the first that is still wanted
    /// @return how many were deleted
    public int prune(long position) {
        int[] deleted = new int[1];
        locks.upkeep(() -> deleted[0] = segments.prune(position));
        return deleted[0];
    }

    /// Returns when everything that was appended before, by whatever process, is on disk; whatever [Sync] says.
    public void flush() {
        flusher.flushAll();
    }

    /// What was found and mended when it was opened: claims of dead appenders, and what the death of the machine has
    /// left.
    ///
    /// @return empty if nothing was
    public List<Damage> recovered() {
        return recovered;
    }

    /// The longest record that fits.
    ///
    /// @return bytes
    public int maxLength() {
        int length = head.segmentLength();
        return Math.min(
                length - SegmentLayout.records(length) - RecordLayout.BODY_OFFSET, RecordLayout.MAX_LENGTH);
    }

    /// What it is and holds now.
    ///
    /// @return a snapshot
    public JournalStats stats() {
        long[] numbers = folder.segments();
        int length = head.segmentLength();
        try (Tailer end = new Tailer(this, Optional.empty())) {
            long start = end.position();
            end.seekEnd();
            return new JournalStats(
                    head.created(),
                    head.lastTime(),
                    start,
                    end.position(),
                    numbers.length,
                    length,
                    readers.positions());
        }
    }

    /// Reads all of it, and compares every checksum; others may append meanwhile.
    ///
    /// @param listener is told of each stretch that cannot be read
    /// @return how much was sound
    /// @throws io.sluice.ipc.HandshakeException if the head of a segment is damaged, so that nothing of it can be read
    public Verification verify(Consumer<Damage> listener) {
        long[] found = new long[3];
        try (Tailer tailer = tailer().skipDamage(damage -> {
            found[2]++;
            listener.accept(damage);
        })) {
            RecordHandler count = (position, time, buffer, offset, length) -> {
                found[0]++;
                found[1] += length;
            };
            while (tailer.poll(count, Integer.MAX_VALUE) > 0) {
                // On.
            }
        }
        return new Verification(found[0], found[1], found[2]);
    }

    /// Where it is.
    ///
    /// @return the folder
    public Path path() {
        return folder.path();
    }

    Folder folder() {
        return folder;
    }

    JournalOptions options() {
        return options;
    }

    Head head() {
        return head;
    }

    Locks locks() {
        return locks;
    }

    Mappings mappings() {
        return mappings;
    }

    Segments segments() {
        return segments;
    }

    Flusher flusher() {
        return flusher;
    }

    /// Called for each record that nobody waits for to be on disk.
    void appended() {
        if (flushThread.isPresent()) {
            flushThread.get().appended();
        }
    }

    void forget(AutoCloseable user) {
        users.remove(user);
    }

    /// Closes all appenders and tailers, waits for what they are doing, and unmaps. What was appended is on disk then,
    /// unless [Sync#none()] was chosen. A second time does nothing.
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        closeAll();
        try {
            flushThread.ifPresent(FlushThread::close);
            if (!options.readOnly() && !(options.sync() instanceof Sync.None)) {
                flusher.flushAll();
            }
        } finally {
            close(head, locks);
        }
    }

    private void closeAll() {
        for (AutoCloseable user : users) {
            switch (user) {
                case Appender appender -> appender.close();
                case Tailer tailer -> tailer.close();
                default -> throw new AssertionError(user);
            }
        }
    }
}
