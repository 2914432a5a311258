package io.sluice.ipc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;

/// Text in UTF-8, as Agrona has it: null is written as the four characters `null`.
final class Utf8Text {
    private static final byte[] NULL = "null".getBytes(UTF_8);

    private Utf8Text() {}

    static String get(MemorySegment memory, int index, int length) {
        if (length == 0) {
            return "";
        }
        byte[] bytes = new byte[length];
        Copy.toArray(memory, index, bytes, 0, length);
        return new String(bytes, UTF_8);
    }

    static byte[] encode(String text) {
        return text == null ? NULL : text.getBytes(UTF_8);
    }

    /// Encodes, and refuses what is longer than `limit` bytes.
    static byte[] encode(String text, int limit) {
        byte[] bytes = encode(text);
        if (bytes.length > limit) {
            throw new IllegalArgumentException("The text takes " + bytes.length + " bytes in UTF-8, " + limit
                    + " are allowed");
        }
        return bytes;
    }
}
