package io.sluice.ipc.mq;

import io.sluice.ipc.SegmentBuffer;
import java.nio.charset.StandardCharsets;

/// A message that was taken out of a [MessageQueue]: bytes of its own, which nobody else changes.
///
/// @param bytes the message; not copied
/// @param label its priority on `mq:`, its type on `sysv:`
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record QueueMessage(byte[] bytes, long label) {
    /// The message's length.
    ///
    /// @return bytes; may be 0
    public int length() {
        return bytes.length;
    }

    /// A buffer on the bytes, for codecs.
    ///
    /// @return a new buffer over [#bytes()]
    public SegmentBuffer buffer() {
        return new SegmentBuffer(bytes);
    }

    /// The message as text, for those that are.
    ///
    /// @return the bytes decoded as UTF-8
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "QueueMessage[" + bytes.length + " bytes, " + label + "]";
    }
}
