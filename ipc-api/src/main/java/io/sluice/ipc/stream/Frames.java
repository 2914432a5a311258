package io.sluice.ipc.stream;

import io.sluice.ipc.SegmentBuffer;
import java.nio.ByteOrder;

/// The frames of `framing=length`, and a scanner that follows them through a stream without looking at messages.
///
/// ```
///   byte  0              4               4 + length
///         +--------------+---------------+
///         | length int32 | message       |      length 0 or more: a message
///         +--------------+---------------+
///         | -1     int32 |                      CLOSED: the sender has closed in order; nothing follows
///         +--------------+
///         | -2     int32 |                      CUT_OFF: the sender gives up, because it was sent what cannot be
///         +--------------+
/// ```
///
/// Little-endian. A stream that ends without CLOSED or CUT_OFF is the death of its sender; a message that is not whole then was
/// never sent. A length beyond the limit agreed on, or any other negative number, is garbage: known before any memory
/// is taken for it.
final class Frames {
    static final int HEADER_LENGTH = Integer.BYTES;
    static final int CLOSED = -1;
    static final int CUT_OFF = -2;

    private final int maxMessage;
    private long toSkip;
    private int header;
    private int headerBytes;
    private int end;

    /// @param maxMessage the limit agreed on
    Frames(int maxMessage) {
        this.maxMessage = maxMessage;
    }

    /// Follows some more bytes of the stream.
    void pass(SegmentBuffer buffer, int from, int to) {
        int at = from;
        while (at < to && end == 0) {
            if (toSkip > 0) {
                int skipped = (int) Math.min(toSkip, to - at);
                toSkip -= skipped;
                at += skipped;
            } else if (headerBytes == 0 && to - at >= HEADER_LENGTH) {
                length(buffer.getInt(at, ByteOrder.LITTLE_ENDIAN));
                at += HEADER_LENGTH;
            } else {
                header |= (buffer.getByte(at++) & 0xFF) << (Byte.SIZE * headerBytes++);
                if (headerBytes == HEADER_LENGTH) {
                    length(header);
                    header = 0;
                    headerBytes = 0;
                }
            }
        }
    }

    private void length(int value) {
        if (isMessage(value)) {
            toSkip = value;
        } else {
            end = value;
        }
    }

    boolean isMessage(int value) {
        return value >= 0 && value <= maxMessage;
    }

    /// Whether the stream has come to a frame after which nothing counts.
    boolean hasEnded() {
        return end != 0;
    }

    /// Whether that frame was [#CLOSED].
    boolean isClosed() {
        return end == CLOSED;
    }

    /// Whether that frame was [#CUT_OFF].
    boolean isCutOff() {
        return end == CUT_OFF;
    }
}
