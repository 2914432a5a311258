package io.sluice.ipc.stream;

/// Says when an offered message is worth a write: a lone one at once, and many in one write where that is worth it.
///
/// - A message that comes alone is written at once.
/// - One that follows another within [#BURST_NANOS] is gathered with those that follow it while the peer has not even taken
///   what was written before, until there are [#ENOUGH] bytes.
/// - In a *flood*, many messages without a pause worth a write between them, they are gathered even if the peer keeps up, for
///   [#FLOOD_NANOS] at most: a peer that takes every message as it comes would else be sent each by itself, for ever, at
///   the pace of write(2).
/// - So it is with those that follow another where nobody can tell whether the peer keeps up, as on sockets. Over tcp on one machine, a message every
///   5 us, the median message arrives after 20 to 30 us, as if each were written by itself (and 200 us if they wait for a
///   peer that is taken to be behind); as many as can be offered, three times as many arrive as if each were.
///
/// Guarded by its user's lock.
final class Pacing {
    /// How much is worth a write.
    static final int ENOUGH = 16 << 10;
    /// A message that follows sooner than this is one of many.
    static final long BURST_NANOS = 10_000;
    /// A sender that pauses for less would spend more time in writes than between them.
    static final long PAUSE_NANOS = 2_000;
    /// So many messages without a pause are a flood.
    static final int FLOOD = 32;
    /// How long a flood is gathered while it lasts.
    static final long FLOOD_NANOS = 20_000;

    private final ByteStream stream;
    /// Not before so many bytes wait is another write worth trying, unless somebody needs the room.
    private int nextWrite = ENOUGH;
    private long lastOffer;
    private long lastWrite;
    /// How many messages came without a pause.
    private int row;
    /// Whether the stream can tell what the peer has taken.
    private boolean told = true;

    /// @param stream where to
    /// @param now the time, by [System#nanoTime()]
    Pacing(ByteStream stream, long now) {
        this.stream = stream;
        this.lastOffer = now - BURST_NANOS;
        this.lastWrite = lastOffer;
    }

    /// Takes note of a message, and decides.
    ///
    /// @param now the time, by [System#nanoTime()]
    /// @param size how many bytes wait, those of the message included
    /// @param begins whether no others do
    /// @return whether to write now what waits; [#written] must follow
    boolean isWorthAWrite(long now, int size, boolean begins) {
        long pause = now - lastOffer;
        lastOffer = now;
        row = pause < PAUSE_NANOS ? row + 1 : 0;
        if (pause >= BURST_NANOS || size >= nextWrite) {
            return true;
        }
        if (row < FLOOD) {
            if (begins) {
                int unread = stream.unread();
                told = unread != ByteStream.UNKNOWN;
                if (unread == 0) {
                    return true;
                }
            }
            if (told) {
                return false;
            }
        }
        return nextWrite == ENOUGH && now - lastWrite >= FLOOD_NANOS;
    }

    /// A write was tried because of a message; the pause before the next one begins after it.
    void written(long now) {
        lastOffer = now;
        lastWrite = now;
    }

    /// There was no room for all that waits.
    void full(int left) {
        nextWrite = left + ENOUGH;
    }

    /// Nothing waits.
    void empty() {
        nextWrite = ENOUGH;
    }
}
