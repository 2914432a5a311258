package io.sluice.ipc.file;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.os.DiskFile;
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
/// On a local file system of Linux its files are mapped; elsewhere, or if that is chosen, they are streamed, see
/// [JournalOptions.Io]. What survives a death is said at [Sync]; what is damaged is said
/// at [Tailer]. Who may use it is said by the modes of the folder and its files, which the umask decides.
public final class Journal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    private final Folder folder;
    private final JournalOptions options;
    private final Head head;
    private final Locks locks;
    private final OpenSegments openSegments;
    private final Readers readers;
    private final Segments segments;
    private final Flusher flusher;
    private final Optional<FlushThread> flushThread;
    private final Optional<Pretoucher> pretoucher;
    private final List<Damage> recovered;
    private final Set<AutoCloseable> users = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private Journal(Folder folder, JournalOptions options, Locks locks, Head head) throws NoSuchFileException {
        this.folder = folder;
        this.options = options;
        this.locks = locks;
        this.head = head;
        this.openSegments = new OpenSegments(folder, head, !options.readOnly());
        this.readers = new Readers(folder);
        this.segments = new Segments(folder, head, locks, openSegments, readers, options);
        this.recovered = options.readOnly() ? List.of() : enlist();
        this.flusher = new Flusher(head, openSegments);
        this.flushThread = options.sync() instanceof Sync.Interval interval && !options.readOnly()
                ? Optional.of(new FlushThread(folder.path(), flusher, interval.time()))
                : Optional.empty();
        this.pretoucher = !options.readOnly() && head.isMapped() && head.segmentLength() >= 2 * Pretoucher.AHEAD
                ? Optional.of(new Pretoucher(openSegments, head.segmentLength()))
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
    /// @throws io.sluice.ipc.UnsupportedException if this is not Linux, or mapping is asked for where it does not work
    public static Journal open(Path path, JournalOptions options) {
        return open(path, options, true);
    }

    /// As [#open(Path, JournalOptions)].
    ///
    /// @param flush whether a new journal survives the death of the machine from the beginning
    static Journal open(Path path, JournalOptions options, boolean flush) {
        Folder folder = new Folder(path.toAbsolutePath().normalize());
        try {
            if (!options.readOnly()) {
                folder.create();
            }
            return open(folder, options, flush);
        } catch (NoSuchFileException e) {
            throw new SystemCallException(folder.path() + " is no journal: there is no " + e.getFile(), e);
        }
    }

    private static Journal open(Folder folder, JournalOptions options, boolean flush) throws NoSuchFileException {
        boolean mapped = folder.isMapped(options.io());
        Locks locks = null;
        Head head = null;
        boolean open = false;
        try {
            if (options.readOnly()) {
                head = Head.open(folder, false, mapped);
                locks = new Locks(folder, DiskFile.Access.READ);
            } else {
                locks = new Locks(folder, DiskFile.Access.CREATE);
                locks.upkeep(() -> createHead(folder, options, !mapped, flush));
                head = Head.open(folder, true, mapped);
            }
            Journal journal = new Journal(folder, options, locks, head);
            open = true;
            return journal;
        } finally {
            if (!open) {
                close(head, locks);
            }
        }
    }

    private static void createHead(Folder folder, JournalOptions options, boolean streamed, boolean flush) {
        if (!Files.exists(folder.head())) {
            try {
                Head.create(folder, options.segmentLength(), options.clock().millis(), streamed, flush);
            } catch (NoSuchFileException e) {
                throw new SystemCallException(folder.path() + " was deleted", e);
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

    /// Makes this process an appender: under upkeep, so that nobody repairs at the same time.
    private List<Damage> enlist() {
        List<Damage> found = new ArrayList<>();
        locks.upkeep(() -> {
            if (head.isStreamed() == head.isMapped() && locks.hasOthers()) {
                throw new HandshakeException(path() + ": a living process appends with io="
                        + (head.isStreamed() ? "stream" : "mapped") + "; all who append at the same time do the same");
            }
            if (!(options.sync() instanceof Sync.None)) {
                head.flushed();
            }
            try {
                long[] numbers = folder.segments();
                if (numbers.length > 0) {
                    head.raiseNewest(numbers[numbers.length - 1]);
                }
                if (head.newest() < 0 || !Files.exists(folder.segment(head.newest()))) {
                    segments.create(head.newest() + 1);
                }
                found.addAll(new Recovery(folder, head, locks, openSegments).run(head.newest()));
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

    /// Whether nothing was ever appended to it; a claim, perhaps of one that died, is nothing yet.
    boolean isEmpty() {
        try (Tailer tailer = new Tailer(this, Optional.empty())) {
            return head.newest() <= 0 && !tailer.isReadable();
        }
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

    OpenSegments openSegments() {
        return openSegments;
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

    /// Called by an appender that is fast, now and then.
    void passing(long position) {
        if (pretoucher.isPresent()) {
            pretoucher.get().passing(position);
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
            pretoucher.ifPresent(Pretoucher::close);
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
