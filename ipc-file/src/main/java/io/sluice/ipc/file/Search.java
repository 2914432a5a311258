package io.sluice.ipc.file;

import io.sluice.ipc.DamagedException;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A tailer's search for the next record and for the one before: over fillers, given-up claims, the ends of segments, and,
/// if that is wished, damage. For one thread.
final class Search {
    private static final Logger LOG = LoggerFactory.getLogger(Search.class);

    /// How long a claim is looked at before its appender's life is asked for.
    private static final long CLAIM_PATIENCE_NANOS = 1_000_000;

    /// How long what is streamed may be out of order.
    private static final long SETTLING_NANOS = 1_000_000_000;

    private static final String DAMAGED = "damaged: its checksum does not hold";
    private static final String NO_RECORD = "damaged: no record begins here";
    private static final String LOST = "lost: it never reached the disk, or was damaged there";
    private static final String DELETED = "deleted before it was read";

    final Cursor at;

    private final Journal journal;
    private final BlockStarts starts = new BlockStarts();
    private Optional<Consumer<Damage>> skip = Optional.empty();

    /// What was deleted before the place where it began.
    private Optional<Damage> deleted = Optional.empty();

    /// The damage that was told of last.
    private long reported = -1;
    private boolean damageAhead;

    // The claim that the last search ended at, if it did, and since when.
    private long claim;
    private long claimSince;

    // The record that was found.
    private int span;
    private int length;

    Search(Journal journal, Cursor at) {
        this.journal = journal;
        this.at = at;
    }

    void skip(Consumer<Damage> listener) {
        skip = Optional.of(listener);
    }

    /// Forgets what is said of the place where it was.
    void moved() {
        starts.forget();
        deleted = Optional.empty();
    }

    void hasLost(Damage damage) {
        deleted = Optional.of(damage);
    }

    /// What the record that was found takes, and how long its body is.
    int span() {
        return span;
    }

    int length() {
        return length;
    }

    /// Whether the last search ended at damage, which the next, loud one will tell of.
    boolean isDamageAhead() {
        return damageAhead;
    }

    /// Whether the last search ended at a claim.
    boolean isClaimAhead() {
        return claim != 0;
    }

    /// Looks for the next record, and goes to it over what is none.
    ///
    /// @param loudly whether damage that is not skipped is thrown; else it only ends the search
    /// @return true if there is one, at the cursor
    boolean forward(boolean loudly) {
        damageAhead = false;
        if (deleted.isPresent()) {
            if (!report(loudly, deleted.get())) {
                return false;
            }
            deleted = Optional.empty();
        }
        while (true) {
            if (at.offset >= at.walk.end()) {
                if (!enterNext(loudly)) {
                    claim = 0;
                    return false;
                }
                continue;
            }
            long word = at.walk.word(at.offset);
            if (at.walk.holds(word, at.offset)) {
                span = RecordLayout.span(RecordLayout.length(word));
                length = RecordLayout.length(word);
                return true;
            }
            if (!step(word, loudly)) {
                return false;
            }
        }
    }

    /// Goes over what is no record, if that can be done now.
    private boolean step(long word, boolean loudly) {
        Walk walk = at.walk;
        int size = walk.span(word, at.offset);
        if (word == 0) {
            if (at.isInNewest()) {
                claim = 0;
                return at.remap();
            }
            // A newer segment is only made when this one is full; so if it still is 0, it will be so for ever.
            return walk.word(at.offset) != 0 || pass(loudly, walk.sound(at.offset), LOST);
        }
        if (walk.isClaim(word) && size != 0) {
            if (isGivenUp(word)) {
                at.offset += size;
                return true;
            }
            return false;
        }
        int reason = RecordLayout.reason(word, at.position());
        if (reason != 0 && size != 0) {
            if (reason == RecordLayout.LOST) {
                return pass(loudly, at.offset + size, LOST);
            }
            at.offset += size;
            return true;
        }
        if (at.isCut() && walk.sound(at.offset) == walk.end()) {
            return at.remap(); // the torn tail of a file that is too short; an appender will mend it
        }
        boolean begins = RecordLayout.kind(word) == RecordLayout.RECORD && size != 0;
        return pass(loudly, walk.behindDamage(at.offset), begins ? DAMAGED : NO_RECORD);
    }

    /// Goes over a damaged stretch, or throws.
    ///
    /// @return false if neither is to be done now
    private boolean pass(boolean loudly, int end, String why) {
        Walk walk = at.walk;
        if (end == walk.end() && at.isInNewest()) {
            if (walk.segment.isStreamed() && isYoung(at.position())) {
                return false; // a file server may show what was written last first
            }
            // Nothing sound is behind it yet, so where it ends is not known: the next record will show.
            int least = Math.max(walk.span(walk.word(at.offset), at.offset), RecordLayout.ALIGNMENT);
            report(loudly, new Damage(at.position(), at.position() + least, why));
            return false;
        }
        boolean passed = report(loudly, new Damage(at.position(), walk.position(end), why));
        at.offset = passed ? end : at.offset;
        return passed;
    }

    /// Whether a place is looked at only since a moment ago.
    private boolean isYoung(long position) {
        long now = System.nanoTime();
        if (claim != ~position) {
            claim = ~position;
            claimSince = now;
        }
        return now - claimSince < SETTLING_NANOS;
    }

    /// Tells of damage.
    ///
    /// @return whether it is to be skipped
    private boolean report(boolean loudly, Damage damage) {
        if (skip.isEmpty() && !loudly) {
            damageAhead = true;
            return false;
        }
        String what = journal.path() + ": positions " + damage.position() + " to " + damage.end();
        if (skip.isEmpty()) {
            throw new DamagedException(what + " cannot be read, " + damage.why() + "; seek to " + damage.end()
                    + " to go on behind it, or skip damage", damage.position(), damage.end());
        }
        if (reported != damage.position()) {
            reported = damage.position();
            LOG.warn("{} are skipped, {}", what, damage.why());
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
        // In this order: once it is dead, the word does not change any more, but it may have before.
        if (journal.locks().isAlive(RecordLayout.check(word)) || at.walk.word(at.offset) != word) {
            return false;
        }
        claim = 0;
        if (!journal.options().readOnly()) {
            int size = RecordLayout.span(RecordLayout.length(word));
            at.walk.segment.compareAndSet(
                    at.offset, word, RecordLayout.filler(at.position(), size, RecordLayout.ABANDONED));
        }
        return true;
    }

    /// Enters the next segment; false if there is none yet.
    private boolean enterNext(boolean loudly) {
        if (at.isCut()) {
            return at.remap();
        }
        if (at.isInNewest()) {
            return false;
        }
        long number = at.segment();
        if (!at.enter(number + 1, at.first())) {
            long next = at.firstFrom(number + 1);
            long end = next * at.walk.end();
            if (next < 0
                    || !report(loudly, new Damage(at.position(), end, DELETED))
                    || !at.enter(next, at.first())) {
                return false;
            }
        }
        starts.forget();
        return true;
    }

    /// Goes to the record before.
    ///
    /// @param loudly as for [#forward]
    /// @return false if there is none
    boolean backward(boolean loudly) {
        while (true) {
            int before = starts.before(at.walk, at.offset);
            if (before < 0) {
                if (!enterBefore(loudly)) {
                    return false;
                }
                continue;
            }
            long word = at.walk.word(before);
            if (at.walk.holds(word, before)) {
                at.offset = before;
                length = RecordLayout.length(word);
                return true;
            }
            int reason = RecordLayout.reason(word, at.walk.position(before));
            boolean harmless = at.walk.isClaim(word) || reason == RecordLayout.END || reason == RecordLayout.ABANDONED;
            if (!harmless && !report(loudly, new Damage(at.walk.position(before), at.position(), DAMAGED))) {
                return false;
            }
            at.offset = before;
        }
    }

    /// Enters the segment before, at its end.
    private boolean enterBefore(boolean loudly) {
        long before = at.lastBefore();
        int segmentLength = at.walk.segment.segmentLength();
        if (before < 0
                || before != at.segment() - 1
                        && !report(loudly, new Damage(
                                (before + 1) * segmentLength, at.segment() * segmentLength, "deleted, or not there"))
                || !at.enter(before, segmentLength)) {
            return false;
        }
        starts.forget();
        return true;
    }
}
