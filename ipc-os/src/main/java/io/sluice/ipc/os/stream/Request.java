package io.sluice.ipc.os.stream;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What a client writes into the endpoint's pipe to be let in: one line, in one write.
///
/// ```
///   byte  0          8                       40   41
///         +----------+-----------------------+----+
///         | SLUICE1␣ | ID: 32 hex digits     | \n |
///         +----------+-----------------------+----+
/// ```
///
/// 41 bytes are less than PIPE_BUF, so that a write is there whole or not at all, whoever else writes, or is killed,
/// pipe(7). A line that is anything else is skipped.
public final class Request {
    /// Its length in bytes.
    public static final int LENGTH = 41;

    private static final String MAGIC = "SLUICE1 ";

    private Request() {}

    /// The request of a client.
    ///
    /// @param id 32 hex digits
    /// @return the line
    public static byte[] of(String id) {
        return (MAGIC + id + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /// Takes requests out of the bytes as they come.
    static final class Reader {
        private final StringBuilder line = new StringBuilder();
        private boolean tooLong;
        private long skipped;

        /// @return the ids of the requests that are complete now
        List<String> read(MemorySegment bytes, int length) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < length; i++) {
                char c = (char) (bytes.get(ValueLayout.JAVA_BYTE, i) & 0xFF);
                if (c != '\n') {
                    tooLong |= line.length() >= LENGTH;
                    if (!tooLong) {
                        line.append(c);
                    }
                    continue;
                }
                String text = line.toString();
                String id = text.startsWith(MAGIC) ? text.substring(MAGIC.length()) : "";
                if (!tooLong && RendezvousNames.ID.matcher(id).matches()) {
                    ids.add(id);
                } else {
                    skipped++;
                }
                line.setLength(0);
                tooLong = false;
            }
            return ids;
        }

        /// How many lines were no requests.
        long skipped() {
            return skipped;
        }
    }
}
