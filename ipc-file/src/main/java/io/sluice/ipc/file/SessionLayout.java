package io.sluice.ipc.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/// What both sides of a channel share beside its journals: the file `state` of 4,096 bytes in the channel's folder; all
/// numbers are little-endian.
///
/// ```
///   byte
///      0  +-----------------------------------+
///         | magic                       int64 |  "SLUICCHN"
///      8  | version                     int64 |
///     16  | max-message of the client   int64 |
///     24  | created                     int64 |  milliseconds since 1970
///     32  | client only spins           int64 |  1 if no thread of it ever sleeps, else 0
///     40  | CRC32C of bytes 0 to 39     int64 |
///     64  +-----------------------------------+
///         | answer                      int64 |  0 asked, 1 greeted, 2 accepted, 3 refused, 4 withdrawn by the client
///     72  | max-message of both         int64 |
///     80  | slot                        int64 |  the channel's bit in the endpoint's doorbell
///     88  | server only spins           int64 |
///     96  | keep                        int64 |  for how many milliseconds what was received is kept; -1 for ever
///    104  | length of the refusal       int64 |
///    128  +-----------------------------------+
///         | server waiting              int32 |  for messages, a WAIT_ word as in a ring
///    256  +-----------------------------------+
///         | client waiting              int32 |
///    384  +-----------------------------------+
///         | client closed               int64 |  0 not, 1 in order, 2 for cause
///    392  | server closed               int64 |
///    400  | ended                       int64 |  when both sides were found to be gone, in milliseconds since 1970
///   1024  +-----------------------------------+
///         | the refusal's words, in UTF-8     |
///   4096  +-----------------------------------+
/// ```
final class SessionLayout {
    static final int LENGTH = 4096;
    static final int VERSION = 1;

    static final int ASKED = 0;
    static final int GREETED = 1;
    static final int ACCEPTED = 2;
    static final int REFUSED = 3;
    static final int WITHDRAWN = 4;

    static final int OPEN = 0;
    static final int CLOSED_IN_ORDER = 1;
    static final int CLOSED_FOR_CAUSE = 2;

    static final int MAX_MESSAGE_OF_CLIENT_OFFSET = 16;
    static final int CLIENT_SPINS_OFFSET = 32;
    static final int ANSWER_OFFSET = 64;
    static final int MAX_MESSAGE_OFFSET = 72;
    static final int SLOT_OFFSET = 80;
    static final int SERVER_SPINS_OFFSET = 88;
    static final int KEEP_OFFSET = 96;
    static final int SERVER_WAITING_OFFSET = 128;
    static final int CLIENT_WAITING_OFFSET = 256;
    static final int CLIENT_CLOSED_OFFSET = 384;
    static final int SERVER_CLOSED_OFFSET = 392;
    static final int ENDED_OFFSET = 400;

    private static final long MAGIC = 0x4E48_4343_4955_4C53L;
    private static final int CHECK_OFFSET = 40;
    private static final int REFUSAL_LENGTH_OFFSET = 104;
    private static final int REFUSAL_OFFSET = 1024;

    private SessionLayout() {}

    static void initialise(Words words, int maxMessage, long created, boolean spins) {
        ByteBuffer head = ByteBuffer.allocate(CHECK_OFFSET + Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        head.putLong(MAGIC).putLong(VERSION).putLong(maxMessage).putLong(created).putLong(spins ? 1 : 0);
        head.putLong(check(head.array()));
        words.bytes(0, head.array());
    }

    private static long check(byte[] head) {
        CRC32C crc = new CRC32C();
        crc.update(head, 0, CHECK_OFFSET);
        return crc.getValue();
    }

    /// What is wrong with what a client has written; null if nothing is.
    static String fault(Words words) {
        byte[] head = words.bytes(0, CHECK_OFFSET + Long.BYTES);
        ByteBuffer numbers = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        if (numbers.getLong(0) != MAGIC) {
            return "it is no state of a channel";
        }
        if (numbers.getLong(Long.BYTES) != VERSION) {
            return "the client's Sluice writes version " + numbers.getLong(Long.BYTES) + ", and this one reads "
                    + VERSION
                    + "; use the same on both sides";
        }
        long maxMessage = numbers.getLong(MAX_MESSAGE_OF_CLIENT_OFFSET);
        return numbers.getLong(CHECK_OFFSET) != check(head) || maxMessage < 1 || maxMessage > 1 << 30
                ? "its checksum does not hold"
                : null;
    }

    static void refuse(Words words, String why) {
        byte[] bytes = why.getBytes(StandardCharsets.UTF_8);
        byte[] some = bytes.length <= LENGTH - REFUSAL_OFFSET
                ? bytes
                : java.util.Arrays.copyOf(bytes, LENGTH - REFUSAL_OFFSET);
        words.bytes(REFUSAL_OFFSET, some);
        words.put(REFUSAL_LENGTH_OFFSET, some.length);
        words.compareAndExchange(ANSWER_OFFSET, ASKED, REFUSED);
    }

    static String refusal(Words words) {
        int length = Math.clamp(words.get(REFUSAL_LENGTH_OFFSET), 0, LENGTH - REFUSAL_OFFSET);
        return new String(words.bytes(REFUSAL_OFFSET, length), StandardCharsets.UTF_8);
    }
}
