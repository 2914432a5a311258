package io.sluice.ipc;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.agrona.LangUtil;

/// Text of one byte a character, as Agrona has it: a character beyond ASCII is written, and appended, as a question
/// mark.
final class AsciiText {
    private AsciiText() {}

    static String get(MemorySegment memory, int index, int length) {
        if (length == 0) {
            return "";
        }
        byte[] bytes = new byte[length];
        Copy.toArray(memory, index, bytes, 0, length);
        return new String(bytes, US_ASCII);
    }

    /// Appends characters; an [IOException] of the destination is thrown as it is, though undeclared.
    static void append(MemorySegment memory, int index, int length, Appendable destination) {
        try {
            for (int i = index, end = index + length; i < end; i++) {
                byte character = Bytes.get(memory, i);
                destination.append(character < 0 ? '?' : (char) character);
            }
        } catch (IOException e) {
            LangUtil.rethrowUnchecked(e);
        }
    }

    static void put(MemorySegment memory, int index, CharSequence text, int from, int length) {
        for (int i = 0; i < length; i++) {
            char character = text.charAt(from + i);
            Bytes.put(memory, index + i, character > 127 ? (byte) '?' : (byte) character);
        }
    }
}
