package io.sluice.ipc.file;

import io.sluice.ipc.NoSpaceException;
import io.sluice.ipc.ring.Deadline;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/// Says to the sender what of a channel's journal need not be kept any more: by the position that is stored under the
/// receiver's name, which follows the receiver one `keep` later. Whenever the sender begins a segment, it deletes those before
/// that position; see [Retention#withUnread()].
///
/// So what is deleted was received, and as long ago as was chosen, whenever it was sent; and the receiver, who may not be
/// held up by a sender that is stopped while it has the journal's lock, only writes a few bytes once a segment.
///
/// By the thread whose turn it is to receive.
final class Forgetting {
    private final Tailer tailer;
    private final long keepNanos;
    private final Deque<Read> read = new ArrayDeque<>(); // what is still kept, the oldest first
    private long segment;

    /// All before a position was received by then.
    private record Read(long position, long nanos) {}

    Forgetting(Tailer tailer, Duration keep) {
        this.tailer = tailer;
        this.keepNanos = Deadline.nanos(keep);
        this.segment = tailer.segment();
    }

    /// To be called when something was received.
    void received() {
        if (segment != tailer.segment()) {
            segment = tailer.segment();
            long now = System.nanoTime();
            read.add(new Read(tailer.segmentStart(), now));
            forget(now);
        }
    }

    private void forget(long now) {
        Read last = null;
        for (Read each : read) {
            if (now - each.nanos >= keepNanos) {
                last = each;
            }
        }
        if (last != null) {
            try {
                tailer.store(last.position);
            } catch (NoSpaceException e) {
                return; // the first time it needs room; the next time, then
            }
            while (read.peek() != last) {
                read.remove();
            }
            read.remove();
        }
    }
}
