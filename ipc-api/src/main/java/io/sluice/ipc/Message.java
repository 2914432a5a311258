package io.sluice.ipc;

import java.nio.charset.StandardCharsets;

/// A message that [Channel#receive] took out of a channel: bytes of its own, which nobody else changes.
public final class Message {
    private final byte[] bytes;

    /// @param bytes the message; not copied
    public Message(byte[] bytes) {
        this.bytes = bytes;
    }

    /// The bytes themselves, not a copy.
    ///
    /// @return an array of exactly the message's length
    public byte[] bytes() {
        return bytes;
    }

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
        return "Message[" + bytes.length + " bytes]";
    }
}
