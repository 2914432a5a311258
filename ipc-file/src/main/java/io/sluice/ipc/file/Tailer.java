package io.sluice.ipc.file;

import io.sluice.ipc.DamagedException;
import io.sluice.ipc.ring.HeadStart;
import io.sluice.ipc.ring.InboundDirection;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

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
    /// A sleeper looks around that often: an appender can be killed after it has published and before it has woken anybody.
    private static final long TICK_NANOS = 1_000_000_000;
    private static final long CLAIM_TICK_NANOS = 20_000_000;
    private static final long POLL_NANOS = 1_000_000;
    private static final int SPINS = 100;

    private final Journal journal;
    private final Head head;
    private final Gate gate;
    private final Optional<Readers.Named> named;

    /// Behind the record that was read last; before it, if that was backward.
    private final Cursor at;
    private final Search search;

    /// How many records of the poll under way came before the last rest.
    private int rested;

    Tailer(Journal journal, Optional<Readers.Named> named) {
        this.journal = journal;
        this.head = journal.head();
        this.named = named;
        this.gate = new Gate(journal.path() + ": the tailer");
        this.at = new Cursor(journal);
        this.search = new Search(journal, at);
        long stored = named.map(Readers.Named::position).orElse(-1L);
        long begin = at.seek(stored);
        if (stored >= 0 && begin / head.segmentLength() > stored / head.segmentLength()) {
            search.hasLost(new Damage(stored, begin, "deleted before it was read"));
        }
    }

    /// Skips what is damaged from now on, instead of throwing.
    ///
    /// @param listener is told of each stretch once, on the reading thread
    /// @return this
    public Tailer skipDamage(Consumer<Damage> listener) {
        search.skip(listener);
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
            while (count < limit && findNext(count)) {
                int offset = at.offset;
                at.offset += search.span();
                count++;
                deliver(handler, offset);
            }
            return count;
        } finally {
            gate.leave();
        }
    }

    /// Reads forward, for somebody who may leave a record where it is.
    int take(InboundDirection.Sink sink, int limit) {
        gate.enter();
        try {
            int count = 0;
            while (count < limit && findNext(count)) {
                int offset = at.offset;
                at.offset += search.span(); // before the call, so that a record whose taker throws counts as taken
                if (!sink.accept(at.walk.segment.buffer, offset + RecordLayout.BODY_OFFSET, search.length())) {
                    at.offset = offset;
                    break;
                }
                count++;
            }
            return count;
        } finally {
            gate.leave();
        }
    }

    /// Finds the next record, if need be after a [HeadStart] for the appenders.
    ///
    /// @param count of the records before it in this poll
    private boolean findNext(int count) {
        if (count == 0) {
            rested = 0;
        }
        while (!search.forward(count == 0)) {
            if (!HeadStart.give(count - rested)) {
                return false;
            }
            rested = count;
        }
        return true;
    }

    /// The number of the segment that it is in. By the thread that reads.
    long segment() {
        return at.segment();
    }

    /// Where that segment begins.
    long segmentStart() {
        return at.walk.position(0);
    }

    /// Whether there is a record to take, or a damaged stretch.
    boolean isReadable() {
        gate.enter();
        try {
            return looksReadable();
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
            while (count < limit && search.backward(count == 0)) {
                count++;
                deliver(handler, at.offset);
            }
            return count;
        } finally {
            gate.leave();
        }
    }

    private void deliver(RecordHandler handler, int offset) {
        Walk walk = at.walk;
        handler.onRecord(
                walk.position(offset),
                walk.buffer.getLong(offset + RecordLayout.TIME_OFFSET),
                walk.buffer,
                offset + RecordLayout.BODY_OFFSET,
                search.length());
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
                if (looksReadable()) {
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
                    if (!looksReadable() && !gate.isClosing()) {
                        head.sleep(Math.min(left, search.isClaimAhead() ? CLAIM_TICK_NANOS : TICK_NANOS));
                    }
                }
            }
        } finally {
            gate.leave();
        }
    }

    private boolean looksReadable() {
        return search.forward(false) || search.isDamageAhead();
    }

    /// Where it is: before the record that [#poll] would read, behind the one that [#pollBackward] would.
    ///
    /// @return a position
    public long position() {
        gate.enter();
        try {
            return at.position();
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
            at.seek(position);
            search.moved();
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
            at.seekTime(time);
            search.moved();
        } finally {
            gate.leave();
        }
    }

    /// Goes before the first record that there is.
    public void seekStart() {
        gate.enter();
        try {
            at.seek(0);
            search.moved();
        } finally {
            gate.leave();
        }
    }

    /// Goes behind the last record that there is now.
    public void seekEnd() {
        gate.enter();
        try {
            at.seek(Long.MAX_VALUE);
            search.moved();
        } finally {
            gate.leave();
        }
    }

    /// Stores [#position()] under this tailer's name: where it begins the next time, in whatever process.
    /// Survives the death of the process at once, that of the machine as [JournalOptions#sync()] says for a record.
    ///
    /// @throws IllegalStateException if it has no name; see [Journal#tailer(String)]
    public void store() {
        store(position());
    }

    /// Stores another position.
    void store(long position) {
        gate.enter();
        try {
            named.orElseThrow(() -> new IllegalStateException(journal.path() + ": the tailer has no name"))
                    .store(position, journal.options().sync() instanceof Sync.Every);
        } finally {
            gate.leave();
        }
    }

    /// Lets the journal go, and the name; ends an [#await]. A second time does nothing.
    @Override
    public void close() {
        if (gate.close(head::wake)) {
            at.release();
            named.ifPresent(Readers.Named::close);
            journal.forget(this);
        }
    }
}
