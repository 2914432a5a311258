package io.sluice.ipc.mq;

import io.sluice.ipc.ProtocolException;
import io.sluice.ipc.SegmentBuffer;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import org.agrona.DirectBuffer;

/// `framing=fragment`: messages larger than the kernel's unit, between two of ours.
///
/// Every kernel message starts with a header of 24 bytes, little-endian:
///
/// ```
///   byte  0            8               12             16             20           24
///         +------------+---------------+--------------+--------------+------------+-----------------+
///         | sender     | magic   int32 | length int32 | offset int32 | 0    int32 | part of message |
///         | int64      | 0x51464D51    | of message   | of this part |            |                 |
///         +------------+---------------+--------------+--------------+------------+-----------------+
/// ```
///
/// The sender is 64 random bits of one open queue, so that messages of several senders may be mixed. A part at offset 0
/// voids what the same sender has left unfinished. The parts of one message must all reach one receiver; if another one
/// takes some, both say so.
final class Fragments {
    static final int HEADER_LENGTH = 24;

    private static final int MAGIC = 0x5146_4D51;
    private static final int MAX_UNFINISHED = 64;
    private static final SecureRandom RANDOM = new SecureRandom();

    /// A message of which parts have come.
    private static final class Unfinished {
        final byte[] bytes;
        int received;

        Unfinished(int length) {
            bytes = new byte[length];
        }
    }

    private final QueueName name;
    private final int maxMessage;
    private final int part;
    private final long sender = RANDOM.nextLong();
    private final SegmentBuffer outgoing;
    private final Map<Long, Unfinished> unfinished = new LinkedHashMap<>();

    /// @param unit the kernel's largest message
    Fragments(QueueName name, int unit, int maxMessage) {
        this.name = name;
        this.maxMessage = maxMessage;
        this.part = unit - HEADER_LENGTH;
        this.outgoing = SegmentBuffer.allocate(unit);
    }

    int maxMessage() {
        return maxMessage;
    }

    /// How many bytes of a message the part at an offset has.
    int partAt(int offset, int length) {
        return Math.min(part, length - offset);
    }

    /// Makes the kernel message for a part; for one thread at a time.
    ///
    /// @return it, [#HEADER_LENGTH] longer than the part
    DirectBuffer frame(DirectBuffer source, int start, int length, int offset) {
        outgoing.putLong(0, sender);
        outgoing.putInt(8, MAGIC);
        outgoing.putInt(12, length);
        outgoing.putInt(16, offset);
        outgoing.putInt(20, 0);
        outgoing.putBytes(HEADER_LENGTH, source, start + offset, partAt(offset, length));
        return outgoing;
    }

    /// Takes a kernel message; for one thread at a time.
    ///
    /// @return the message that it completes, or null
    byte[] join(SegmentBuffer from, int size) {
        if (size < HEADER_LENGTH || from.getInt(8) != MAGIC) {
            throw foreign("a message of " + size + " bytes that is no fragment; its sender uses no framing=fragment");
        }
        long origin = from.getLong(0);
        int length = from.getInt(12);
        int offset = from.getInt(16);
        int count = size - HEADER_LENGTH;
        if (length < 0 || length > maxMessage || offset < 0 || count > length - offset || count == 0 && length > 0) {
            throw foreign("a fragment of " + count + " bytes at " + offset + " of " + length
                    + " bytes, where max-message is " + maxMessage);
        }
        Unfinished message = offset == 0 ? new Unfinished(length) : unfinished.get(origin);
        if (message == null || message.received != offset || message.bytes.length != length) {
            unfinished.remove(origin);
            throw foreign(
                    "a fragment whose predecessor went to another receiver; with framing=fragment a queue has one");
        }
        from.getBytes(HEADER_LENGTH, message.bytes, offset, count);
        message.received += count;
        if (message.received == length) {
            unfinished.remove(origin);
            return message.bytes;
        }
        unfinished.put(origin, message);
        if (unfinished.size() > MAX_UNFINISHED) { // its sender is dead, or was too slow for all the others
            unfinished.remove(unfinished.keySet().iterator().next());
        }
        return null;
    }

    private ProtocolException foreign(String what) {
        return new ProtocolException(name.where() + ": took " + what + "; it was dropped");
    }
}
