package io.sluice.ipc.stream;

import io.sluice.ipc.SegmentBuffer;
import java.nio.ByteOrder;

/// Finds the next message in what was read from the peer, as the framing says.
///
/// Nothing is copied: a message is given by where it is. Only the receiver whose turn it is uses this.
final class NextMessage {
    private final GrowingBuffer bytes;
    private final Framing framing;
    private final int maxMessage;

    private int at;
    private int length;
    /// How many bytes follow the message and belong to it.
    private int trailer;
    /// How far there is no line feed, from the head.
    private int searched;
    /// How many bytes the next message takes, as far as that is known.
    private int wanted;

    /// @param bytes what was read; its head is where the next message begins
    NextMessage(GrowingBuffer bytes, StreamPlan plan) {
        this.bytes = bytes;
        this.framing = plan.framing();
        this.maxMessage = plan.maxMessage();
    }

    /// Looks for it.
    ///
    /// @param ended whether nothing comes behind what was read
    /// @return whether it is there, whole
    boolean find(boolean ended) {
        trailer = 0;
        wanted = 0;
        return switch (framing) {
            case LENGTH -> findFrame();
            case LINE -> findLine(ended);
            case RAW -> {
                at = bytes.head();
                length = Math.min(bytes.size(), maxMessage);
                yield length > 0;
            }
        };
    }

    private boolean findFrame() {
        if (bytes.size() < Frames.HEADER_LENGTH) {
            return false;
        }
        int value = bytes.buffer().getInt(bytes.head(), ByteOrder.LITTLE_ENDIAN);
        if (value == Frames.CLOSED || value == Frames.CUT_OFF) {
            return false;
        }
        if (value < 0 || value > maxMessage) {
            throw new BrokenStreamException("the peer sent a message of " + value + " bytes, but the limit"
                    + " agreed on is " + maxMessage + " bytes");
        }
        at = bytes.head() + Frames.HEADER_LENGTH;
        length = value;
        wanted = Frames.HEADER_LENGTH + value;
        return bytes.size() >= wanted;
    }

    private boolean findLine(boolean ended) {
        SegmentBuffer buffer = bytes.buffer();
        int size = bytes.size();
        at = bytes.head();
        while (searched < size && buffer.getByte(at + searched) != '\n') {
            searched++;
        }
        if (searched > maxMessage) {
            throw new BrokenStreamException(
                    "the peer sent a line of more than " + maxMessage + " bytes; raise ?max-message=");
        }
        length = searched;
        trailer = searched < size ? 1 : 0;
        wanted = size + 1;
        return searched < size || size > 0 && ended;
    }

    /// Where it is in the buffer.
    int at() {
        return at;
    }

    int length() {
        return length;
    }

    /// How many bytes it takes with what the framing adds.
    int whole() {
        return at + length + trailer - bytes.head();
    }

    /// How many bytes it takes, or more, where it was not there yet; 0 if that is not known.
    int wanted() {
        return wanted;
    }

    /// Takes it out of what was read.
    void take() {
        bytes.taken(whole());
        searched = 0;
    }
}
