package io.sluice.ipc.file;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// The check of a record, as [RecordLayout] draws it. For one thread.
final class Checksum {
    private final CRC32C crc = new CRC32C();

    /// @param bytes the segment; its position and limit are changed
    /// @param offset of the record
    /// @param position of the record
    /// @param state of the record, published or to be so
    int of(ByteBuffer bytes, int offset, long position, int state) {
        int from = offset + RecordLayout.WORD_LENGTH;
        bytes.limit(offset + RecordLayout.span(state & RecordLayout.MAX_LENGTH)).position(from);
        crc.reset();
        crc.update(bytes);
        return (int) crc.getValue() ^ RecordLayout.salt(position, state);
    }

    /// Whether a record, all of which is there, is what its appender wrote.
    boolean holds(ByteBuffer bytes, int offset, long position, long word) {
        return of(bytes, offset, position, RecordLayout.state(word)) == RecordLayout.check(word);
    }
}
