package io.sluice.ipc.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/// Reads lines as the bytes they are, in whatever encoding, without their line feed.
final class Lines {
    private final InputStream in;
    private final int maxLength;
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;

    /// @param in where to read; it needs no buffer
    /// @param maxLength bytes in a line at most
    Lines(InputStream in, int maxLength) {
        this.in = in;
        this.maxLength = maxLength;
    }

    /// The next line.
    ///
    /// @return its bytes, or null if there is none
    /// @throws FailedException if it is too long
    byte[] next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            if (position == limit) {
                position = 0;
                limit = in.read(buffer);
                if (limit < 0) {
                    limit = 0;
                    return line.size() == 0 ? null : line.toByteArray();
                }
            }
            int start = position;
            while (position < limit && buffer[position] != '\n') {
                position++;
            }
            line.write(buffer, start, position - start);
            if (line.size() > maxLength) {
                throw new FailedException("a line is longer than the largest message, " + maxLength + " bytes");
            }
            if (position < limit) {
                position++;
                return line.toByteArray();
            }
        }
    }
}
