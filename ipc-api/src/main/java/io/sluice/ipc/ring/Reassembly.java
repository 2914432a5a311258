package io.sluice.ipc.ring;

import static io.sluice.ipc.ring.RingLayout.FRAGMENTED_LENGTH;
import static io.sluice.ipc.ring.RingLayout.TYPE_FIRST;
import static io.sluice.ipc.ring.RingLayout.TYPE_LAST;
import static io.sluice.ipc.ring.RingLayout.TYPE_MIDDLE;

import io.sluice.ipc.SegmentBuffer;

/// Joins the fragments of one message. Takes memory only for a length that was checked, and only as bytes arrive.
final class Reassembly {
    private static final int FIRST_STEP = 64 << 10;
    private static final int KEPT = 4 << 20;

    private final int maxMessage;
    private byte[] bytes = new byte[0];
    private SegmentBuffer buffer = new SegmentBuffer(bytes);
    private int expected = -1;
    private int received;

    Reassembly(int maxMessage) {
        this.maxMessage = maxMessage;
    }

    void checkLength(long length) {
        if (length < 0 || length > maxMessage) {
            throw new BrokenRingException("the peer sent a message of " + length + " bytes, but the limit agreed on is "
                    + maxMessage + " bytes");
        }
    }

    void add(int type, SegmentBuffer from, int offset, int length) {
        switch (type) {
            case TYPE_FIRST -> {
                if (length < FRAGMENTED_LENGTH) {
                    throw new BrokenRingException("the peer sent a first fragment of " + length + " bytes, too short"
                            + " for the length of its message");
                }
                long whole = from.getLong(offset);
                checkLength(whole);
                expected = (int) whole;
                received = 0;
                append(from, offset + FRAGMENTED_LENGTH, length - FRAGMENTED_LENGTH, false);
            }
            case TYPE_MIDDLE -> append(from, offset, length, false);
            case TYPE_LAST -> append(from, offset, length, true);
            default -> throw new BrokenRingException("the peer sent a record of the unknown type " + type);
        }
    }

    private void append(SegmentBuffer from, int offset, int length, boolean last) {
        if (expected < 0) {
            throw new BrokenRingException("the peer sent a later fragment of a message without the first one");
        }
        if (length > expected - received || last != (length == expected - received)) {
            throw new BrokenRingException("the peer sent " + (received + (long) length) + " bytes of a message of "
                    + expected + " in fragments that do not add up");
        }
        if (bytes.length < received + length) {
            grow(received + length);
        }
        from.getBytes(offset, bytes, received, length);
        received += length;
    }

    private void grow(int atLeast) {
        int doubled = Math.max(FIRST_STEP, (int) Math.min(maxMessage, 2L * bytes.length));
        byte[] larger = new byte[Math.min(expected, Math.max(atLeast, doubled))];
        System.arraycopy(bytes, 0, larger, 0, received);
        bytes = larger;
        buffer = new SegmentBuffer(bytes);
    }

    /// Whether all bytes of a message are there; an empty one is never fragmented.
    boolean isComplete() {
        return expected >= 0 && received == expected;
    }

    SegmentBuffer buffer() {
        return buffer;
    }

    int length() {
        return received;
    }

    /// Marks the complete message as taken.
    void taken() {
        expected = -1;
    }

    /// Takes the mark back: the message stays.
    void restore() {
        expected = received;
    }

    /// Lets go of the memory of an exceptionally large message once it was taken.
    void trim() {
        if (bytes.length > KEPT) {
            bytes = new byte[0];
            buffer = new SegmentBuffer(bytes);
        }
    }

    /// Forgets an unfinished message: its sender gave it up.
    void discard() {
        expected = -1;
    }
}
