package io.sluice.ipc.file;

import io.sluice.ipc.DamagedException;
import io.sluice.ipc.SystemCallException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a [Journal], forward or backward, from any position, while others append. Takes no lock, and holds up nobody.
///
/// For one thread at a time: each takes its own. [#close()] may be called by any thread, and ends a wait. Reading
/// allocates nothing, except where it moves to another segment.
///
/// **Damage**: a record whose checksum does not hold, what a crash of the machine has lost, and what retention deleted
/// before it was read. Unless [#skipDamage] was called, [DamagedException] says where, again and again until somebody
/// seeks behind it.
///
/// **Deletion.** A segment that is deleted while a tailer is in it is read to its end; its room on disk is free once the
/// last tailer has moved on.
public final class Tailer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Tailer.class);

    /// How long a claim is looked at before its appender's life is asked for.
    private static final long CLAIM_PATIENCE_NANOS = 1_000_000;

    /// A sleeper looks around that often: an appender can be killed after it has published and before it has woken anybody.
    private static final long TICK_NANOS = 1_000_000_000;
    private static final long CLAIM_TICK_NANOS = 20_000_000;
    private static final long POLL_NANOS = 1_000_000;
    private static final int SPINS = 100;

    private final Journal journal;
    private final Head head;
    private final Gate gate;
    private final Checksum checksum = new Checksum();
    private final Optional<Readers.Named> named;
    private Optional<Consumer<Damage>> skip = Optional.empty();

    // Where it is: behind the record that was read last.
    private Walk walk;
    private int offset;

    // The record that was found at the offset.
    private int span;
    private int length;

    // The claim at the offset that was seen, and since when.
    private long claim;
    private long claimSince;
    private long reported = -1;
    private boolean damagedAhead;

    // What was deleted before the place where it began.
    private Optional<Damage> deleted = Optional.empty();
    private final BlockStarts starts = new BlockStarts();

    Tailer(Journal journal, Optional<Readers.Named> named) {
        this.journal = journal;
        this.head = journal.head();
        this.named = named;
        this.gate = new Gate(journal.path() + ": the tailer");
        long stored = named.map(Readers.Named::position).orElse(-1L);
        if (stored >= 0) {
            toPosition(stored, true);
        } else {
            toStart();
        }
    }

    /// Skips what is damaged from now on, instead of throwing.
    ///
    /// @param listener is told of each stretch once, on the reading thread
    /// @return this
    public Tailer skipDamage(Consumer<Damage> listener) {
        skip = Optional.of(listener);
        return this;
    }

    /// Reads forward. Does not block.
    ///
    /// @param handler takes the records, in order
    /// @param limit how many at most
    /// @return how many there were; 0 at the end, or before a record that is being written
    /// @throws DamagedException at a damaged stretch; nothing was read
    /// @throws io.sluice.ipc.ClosedException if this or the journal is closed
    public int poll(RecordHandler handler, int limit) {
        gate.enter();
        try {
            int count = 0;
            while (count < limit && find(count == 0)) {
                int at = offset;
                int size = length;
                offset += span;
                count++;
                deliver(handler, at, size);
            }
            return count;
        } finally {
            gate.leave();
        }
    }

    /// Reads backward: the record before [#position()] first. Does not block.
    ///
    /// @param handler takes the records, in reverse order
    /// @param limit how many at most
    /// @return how many there were; 0 at the beginning
    /// @throws DamagedException at a damaged stretch; nothing was read
    /// @throws io.sluice.ipc.ClosedException if this or the journal is closed
    public int pollBackward(RecordHandler handler, int limit) {
        gate.enter();
        try {
            int count = 0;
            while (count < limit && findBefore(count == 0)) {
                count++;
                deliver(handler, offset, length);
            }
            return count;
        } finally {
            gate.leave();
        }
    }

    private void deliver(RecordHandler handler, int at, int size) {
        handler.onRecord(
                walk.position(at),
                walk.buffer.getLong(at + RecordLayout.TIME_OFFSET),
                walk.buffer,
                at + RecordLayout.BODY_OFFSET,
                size);
    }

    /// Waits until there is a record to poll, or a damaged stretch. A platform thread sleeps in the kernel meanwhile, at no
    /// cost; a virtual thread, and one that may only read the folder, looks every millisecond.
    ///
    /// @param timeout how long at most
    /// @return false if there was none in time
    /// @throws InterruptedException if the thread is interrupted; the tailer stays usable
    /// @throws io.sluice.ipc.ClosedException if this or the journal is closed
    public boolean await(Duration timeout) throws InterruptedException {
        long patience = timeout.compareTo(Duration.ofNanos(Long.MAX_VALUE)) < 0 ? timeout.toNanos() : Long.MAX_VALUE;
        long start = System.nanoTime();
        gate.enter();
        try {
            for (int spins = 0;; spins++) {
                if (isReadable()) {
                    return true;
                }
                long left = patience - (System.nanoTime() - start);
                if (gate.isClosing()) {
                    throw gate.closed();
                } else if (Thread.interrupted()) {
                    throw new InterruptedException();
                } else if (left <= 0) {
                    return false;
                } else if (spins < SPINS) {
                    Thread.onSpinWait();
                } else if (!head.canSleep() || Thread.currentThread().isVirtual()) {
                    LockSupport.parkNanos(this, Math.min(left, POLL_NANOS));
                } else {
                    head.announceSleep();
                    if (!isReadable() && !gate.isClosing()) {
                        head.sleep(Math.min(left, claim == 0 ? TICK_NANOS : CLAIM_TICK_NANOS));
                    }
                }
            }
        } finally {
            gate.leave();
        }
    }

    private boolean isReadable() {
        return find(false) || damagedAhead;
    }

    /// Looks for the next record, and goes to it over what is none.
    ///
    /// @param loudly whether damage that is not skipped is thrown; else it only ends the search
    /// @return true if there is one, at the offset
    private boolean find(boolean loudly) {
        damagedAhead = false;
        if (deleted.isPresent()) {
            if (!report(loudly, deleted.get())) {
                return false;
            }
            deleted = Optional.empty();
        }
        while (true) {
            if (offset >= walk.end()) {
                if (!enterNext(loudly)) {
                    return false;
                }
                continue;
            }
            long word = walk.word(offset);
            if (word == 0) {
                if (head.newest() <= walk.segment.number) {
                    if (remap()) {
                        continue;
                    }
                    claim = 0;
                    return false;
                }
                // A newer segment is only made when this one is full; so if it still is 0, it will be so for ever.
                if (walk.word(offset) == 0 && !pass(loudly, walk.sound(offset), "lost: it never reached the disk")) {
                    return false;
                }
                continue;
            }
            int size = walk.span(word, offset);
            switch (RecordLayout.kind(word)) {
                case RecordLayout.RECORD -> {
                    if (walk.holds(word, offset)) {
                        span = size;
                        length = RecordLayout.length(word);
                        return true;
                    }
                    if (isTorn()) {
                        if (remap()) {
                            continue;
                        }
                        return false;
                    }
                    if (!pass(loudly, walk.behindDamage(offset), "damaged: its checksum does not hold")) {
                        return false;
                    }
                }
                case RecordLayout.CLAIMED -> {
                    if (size == 0 || !walk.isClaim(word)) {
                        if (!pass(loudly, walk.behindDamage(offset), "damaged: no record begins here")) {
                            return false;
                        }
                    } else if (isGivenUp(word)) {
                        offset += size;
                    } else {
                        return false;
                    }
                }
                case RecordLayout.FILLER -> {
                    boolean lost = RecordLayout.reason(word, walk.position(offset)) == RecordLayout.LOST;
                    if (size != 0 && !lost) {
                        offset += size;
                    } else if (!pass(loudly, lost ? offset + size : walk.behindDamage(offset), lost
                            ? "lost: it never reached the disk, or was damaged there"
                            : "damaged: no record begins here")) {
                        return false;
                    }
                }
                default -> {
                    if (!pass(loudly, walk.behindDamage(offset), "damaged: no record begins here")) {
                        return false;
                    }
                }
            }
        }
    }

    /// Whether what is at the offset is the torn tail of a file that is too short, which an appender will mend.
    private boolean isTorn() {
        return walk.end() < walk.segment.segmentLength() && walk.sound(offset) == walk.end();
    }

    /// Maps the segment anew, if its file was too short and has been mended.
    private boolean remap() {
        return walk.end() < walk.segment.segmentLength() && walk.segment.hasGrown()
                && enter(walk.segment.number, offset);
    }

    /// Goes over a damaged stretch, or throws.
    ///
    /// @return false if neither is to be done now
    private boolean pass(boolean loudly, int end, String why) {
        if (end == walk.end() && head.newest() <= walk.segment.number) {
            // Nothing sound is behind it yet, so where it ends is not known: the next record will show.
            int least = Math.max(walk.span(walk.word(offset), offset), RecordLayout.ALIGNMENT);
            report(loudly, new Damage(walk.position(offset), walk.position(offset + least), why));
            return false;
        }
        boolean passed = report(loudly, new Damage(walk.position(offset), walk.position(end), why));
        offset = passed ? end : offset;
        return passed;
    }

    /// Tells of damage.
    ///
    /// @return whether it is to be skipped
    private boolean report(boolean loudly, Damage damage) {
        if (skip.isEmpty() && !loudly) {
            damagedAhead = true;
            return false;
        }
        if (skip.isEmpty()) {
            throw new DamagedException(journal.path() + ": positions " + damage.position() + " to " + damage.end()
                    + " cannot be read, " + damage.why() + "; seek to " + damage.end()
                    + " to go on behind it, or skip damage",
                    damage.position(), damage.end());
        }
        if (reported != damage.position()) {
            reported = damage.position();
            LOG.warn("{}: positions {} to {} are skipped, {}", journal.path(), damage.position(), damage.end(),
                    damage.why());
            skip.get().accept(damage);
        }
        return true;
    }

    /// Whether a claim was given up because its appender is dead; whoever may write says so in the segment.
    private boolean isGivenUp(long word) {
        long now = System.nanoTime();
        if (claim != word) {
            claim = word;
            claimSince = now;
        }
        if (now - claimSince < CLAIM_PATIENCE_NANOS) {
            return false;
        }
        claimSince = now;
        // In this order: once it is dead, the word does not change any more.
        if (journal.locks().isAlive(RecordLayout.check(word)) || walk.word(offset) != word) {
            return false;
        }
        claim = 0;
        int size = RecordLayout.span(RecordLayout.length(word));
        if (!journal.options().readOnly()) {
            walk.buffer.compareAndSetLong(
                    offset, word, RecordLayout.filler(walk.position(offset), size, RecordLayout.ABANDONED));
        }
        return true;
    }

    /// Enters the next segment; false if there is none yet.
    private boolean enterNext(boolean loudly) {
        long number = walk.segment.number;
        if (walk.end() < walk.segment.segmentLength()) {
            return remap();
        }
        if (head.newest() <= number) {
            claim = 0;
            return false;
        }
        if (enter(number + 1, firstRecord())) {
            return true;
        }
        long next = firstFrom(number + 1);
        if (next < 0) {
            return false;
        }
        return report(loudly, new Damage(
                walk.position(walk.end()), next * walk.segment.segmentLength(), "deleted before it was read"))
                && enter(next, firstRecord());
    }

    private int firstRecord() {
        return SegmentLayout.records(head.segmentLength());
    }

    /// The first segment that is there with that number or a higher one; -1 if there is none.
    private long firstFrom(long number) {
        for (long each : journal.folder().segments()) {
            if (each >= number) {
                return each;
            }
        }
        return -1;
    }

    private boolean enter(long number, int at) {
        try {
            Mapping next = journal.mappings().acquire(number);
            if (walk != null) {
                journal.mappings().release(walk.segment);
            }
            walk = new Walk(next, checksum, head);
            offset = at;
            starts.forget();
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /// Goes to the record before the offset.
    ///
    /// @return false if there is none
    private boolean findBefore(boolean loudly) {
        while (true) {
            int before = starts.before(walk, offset);
            if (before < 0) {
                if (!enterBefore(loudly)) {
                    return false;
                }
                continue;
            }
            long word = walk.word(before);
            if (walk.holds(word, before)) {
                offset = before;
                length = RecordLayout.length(word);
                return true;
            }
            boolean harmless = RecordLayout.kind(word) == RecordLayout.CLAIMED
                    || RecordLayout.reason(word, walk.position(before)) == RecordLayout.END
                    || RecordLayout.reason(word, walk.position(before)) == RecordLayout.ABANDONED;
            if (!harmless && !report(loudly, new Damage(
                    walk.position(before), walk.position(offset), "damaged: its checksum does not hold"))) {
                return false;
            }
            offset = before;
        }
    }

    /// Enters the segment before, at its end.
    private boolean enterBefore(boolean loudly) {
        long here = walk.segment.number;
        long before = -1;
        for (long each : journal.folder().segments()) {
            if (each < here) {
                before = each;
            }
        }
        if (before < 0) {
            return false;
        }
        if (before != here - 1 && !report(loudly, new Damage(
                (before + 1) * head.segmentLength(), here * head.segmentLength(), "not there"))) {
            return false;
        }
        return enter(before, head.segmentLength());
    }

    /// Where it is: before the record that [#poll] would read, behind the one that [#pollBackward] would.
    ///
    /// @return a position
    public long position() {
        gate.enter();
        try {
            return walk.position(offset);
        } finally {
            gate.leave();
        }
    }

    /// Goes to the first record at a position or behind it. Finds it by the segment's index.
    ///
    /// @param position of a record, or any other; beyond the end it is the end
    public void seek(long position) {
        gate.enter();
        try {
            toPosition(position, false);
        } finally {
            gate.leave();
        }
    }

    /// Goes to the first record that is not earlier than some time. Finds it by bisection.
    ///
    /// @param time in milliseconds since 1970
    public void seekTime(long time) {
        gate.enter();
        try {
            Seek.Place place = Seek.time(journal, checksum, time);
            deleted = Optional.empty();
            if (!enter(place.segment(), place.offset())) {
                toPosition((place.segment() + 1) * head.segmentLength(), false); // deleted meanwhile
            }
        } finally {
            gate.leave();
        }
    }

    /// Goes before the first record that there is.
    public void seekStart() {
        gate.enter();
        try {
            toStart();
        } finally {
            gate.leave();
        }
    }

    /// Goes behind the last record that there is now.
    public void seekEnd() {
        gate.enter();
        try {
            toPosition(Long.MAX_VALUE, false);
        } finally {
            gate.leave();
        }
    }

    private void toStart() {
        toPosition(0, false);
    }

    /// @param stored whether it is where somebody has read before: then what was deleted since is a loss to be told
    private void toPosition(long position, boolean stored) {
        int segmentLength = head.segmentLength();
        long wanted = Math.max(position, 0) / segmentLength;
        long number = Math.min(wanted, head.newest());
        int at = number == wanted ? (int) (Math.max(position, 0) % segmentLength) : segmentLength;
        deleted = Optional.empty();
        while (!enter(number, firstRecord())) {
            long next = firstFrom(number);
            if (next < 0) {
                throw new SystemCallException(journal.path() + ": the journal was deleted");
            }
            if (stored) {
                deleted = Optional.of(new Damage(position, next * segmentLength, "deleted before it was read"));
            }
            number = next;
            at = 0;
        }
        offset = Seek.offset(walk, at);
    }

    /// Stores [#position()] under this tailer's name: where it begins the next time, in whatever process.
    /// Survives the death of the process at once, that of the machine as [JournalOptions#sync()] says for a record.
    ///
    /// @throws IllegalStateException if it has no name; see [Journal#tailer(String)]
    public void store() {
        gate.enter();
        try {
            named.orElseThrow(() -> new IllegalStateException(journal.path() + ": the tailer has no name"))
                    .store(walk.position(offset), journal.options().sync() instanceof Sync.Every);
        } finally {
            gate.leave();
        }
    }

    /// Lets the journal go, and the name; ends an [#await]. A second time does nothing.
    @Override
    public void close() {
        if (gate.close(head::wake)) {
            journal.mappings().release(walk.segment);
            named.ifPresent(Readers.Named::close);
            journal.forget(this);
        }
    }
}
