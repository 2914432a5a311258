package io.sluice.ipc.ring;

import static io.sluice.ipc.ring.RingLayout.CONSUMER_POSITION_OFFSET;
import static io.sluice.ipc.ring.RingLayout.HEADER_LENGTH;
import static io.sluice.ipc.ring.RingLayout.PRODUCER_CLOSED_OFFSET;
import static io.sluice.ipc.ring.RingLayout.TYPE_PADDING;
import static io.sluice.ipc.ring.RingLayout.TYPE_WHOLE;

import io.sluice.ipc.SegmentBuffer;
import java.lang.foreign.MemorySegment;

/// The reading end of a ring. For one thread at a time.
///
/// The next record is there when its header is not zero. Every header is read once, into a local, and checked before it
/// is used, because the peer can write anything at any time. Room is given back after the handler has returned: once for
/// a batch, and within it whenever an eighth of the ring was read.
///
/// One that is at the heels of its producer gives it a [HeadStart].
final class RingConsumer {
    private final SegmentBuffer ring;
    private final SegmentBuffer records;
    private final Reassembly reassembly;
    private final PeerSignal roomFreed;
    private final int capacity;
    private final int mask;

    private long position;
    /// Where the last record ends at the latest, once the producer writes no more.
    private long end = Long.MAX_VALUE;
    private long released;
    /// Where the position was when the producer was last given a signal.
    private long signalled;

    RingConsumer(MemorySegment ring, int capacity, int maxMessage, PeerSignal roomFreed) {
        this.ring = RingLayout.words(ring);
        this.records = RingLayout.records(ring, capacity);
        this.reassembly = new Reassembly(maxMessage);
        this.roomFreed = roomFreed;
        this.capacity = capacity;
        this.mask = capacity - 1;
    }

    /// Hands up to `limit` messages to the sink.
    ///
    /// @return how many it accepted
    int poll(InboundDirection.Sink sink, int limit) {
        int messages = 0;
        long start = position;
        boolean foundEmpty = false;
        int rested = 0;
        try {
            while (messages < limit) {
                if (reassembly.isComplete()) {
                    reassembly.taken(); // first, so that a message whose handler throws counts as taken
                    if (!sink.accept(reassembly.buffer(), 0, reassembly.length())) {
                        reassembly.restore();
                        break;
                    }
                    reassembly.trim();
                    messages++;
                    continue;
                }
                if (position - start >= capacity) {
                    break; // one lap: neither a long message nor a ring full of nonsense keeps the caller here
                }
                if (position >= end) {
                    throw new BrokenRingException(
                            "the peer is gone, and its ring has more unread bytes than the ring's "
                                    + capacity + ": it broke the protocol or its memory was overwritten");
                }
                int index = (int) position & mask;
                // Acquire: pairs with the producer's release of the header; the payload is there.
                long header = records.getLongAcquire(index);
                if (header == 0) {
                    if (!HeadStart.give(messages - rested)) {
                        foundEmpty = true;
                        break;
                    }
                    rested = messages;
                    continue;
                }
                int type = RingLayout.headerType(header);
                int length = RingLayout.headerLength(header);
                if (length < 0 || length > capacity - index - HEADER_LENGTH) {
                    throw new BrokenRingException("a record of " + length + " bytes at index " + index
                            + " does not fit a ring of " + capacity
                            + ": the peer broke the protocol or its memory was overwritten");
                }
                int record = RingLayout.recordLength(length);
                if (type == TYPE_WHOLE) {
                    reassembly.discard();
                    reassembly.checkLength(length);
                    position += record; // first, so that a message whose handler throws counts as taken
                    if (!sink.accept(records, index + HEADER_LENGTH, length)) {
                        position -= record;
                        break;
                    }
                    messages++;
                } else {
                    if (type != TYPE_PADDING) {
                        reassembly.add(type, records, index + HEADER_LENGTH, length);
                    }
                    position += record;
                }
                if (position - signalled >= capacity >>> 3) {
                    release();
                    signal();
                }
            }
        } finally {
            if (position != released) {
                release();
                // Saves the fence of a signal for each lone message. A producer sleeps only if half the ring is unread by
                // the position that it has seen (see RingProducer.reserve), and it has seen the one of our last signal at
                // least, or that signal has woken it. So if nothing is left, and less than an eighth was read since that
                // signal, none sleeps. One that fills the ring after our look publishes records, which make us come by
                // here again.
                if (!foundEmpty) {
                    signal();
                }
            }
        }
        return messages;
    }

    /// The producer is gone: what is unread now is all there is, at most a ring full.
    void producerIsGone() {
        if (end == Long.MAX_VALUE) {
            end = position + capacity;
        }
    }

    private void signal() {
        signalled = position;
        roomFreed.changed();
    }

    private void release() {
        released = position;
        // Release: our reads of the records come before the producer's writes over them.
        ring.putLongRelease(CONSUMER_POSITION_OFFSET, position);
    }

    /// Whether [#poll] would find something to do.
    boolean isReady() {
        return reassembly.isComplete() || records.getLongAcquire((int) position & mask) != 0;
    }

    /// Whether and how the producer has said that no record follows those published.
    ///
    /// @return 0 or one of the CLOSED_ words of [RingLayout]
    int producerClosed() {
        return ring.getIntAcquire(PRODUCER_CLOSED_OFFSET);
    }
}
