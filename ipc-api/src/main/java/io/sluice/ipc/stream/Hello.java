package io.sluice.ipc.stream;

import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.ring.Deadline;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// What each end of a stream says first, without waiting for the other: so both know why it goes no further, if it does not.
///
/// ```
///   byte  0              8               12              16              20              24
///         +--------------+---------------+---------------+---------------+---------------+
///         | magic  int64 | version int32 | flags   int32 | max message   | 0       int32 |
///         +--------------+---------------+---------------+---------------+---------------+
/// ```
///
/// Little-endian. Flag 1: this side sends no messages; flag 2: it takes none. The magic and the version stay where they
/// are in all versions. The smaller limit of both counts.
///
/// @param version of the handshake and the frames
/// @param sends whether this side may send messages
/// @param receives whether this side takes messages
/// @param maxMessage the largest message that this side takes, in bytes
public record Hello(int version, boolean sends, boolean receives, int maxMessage) {
    /// The version of this code.
    public static final int VERSION = 1;
    /// Its length in bytes.
    public static final int LENGTH = 24;

    /// `SLUICEST` in the order of the bytes.
    static final long MAGIC = 0x5453_4543_4955_4C53L;

    /// Where `SLUICEAU`, with which a challenge for a secret begins, differs first.
    private static final int SECRET_AT = 6;

    private static final int FLAG_SENDS_NOT = 1;
    private static final int FLAG_RECEIVES_NOT = 2;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// What this side says.
    ///
    /// @param sends whether it may send messages
    /// @param receives whether it takes messages
    /// @param maxMessage the largest message that it takes, in bytes
    /// @return the greeting of this version
    public static Hello of(boolean sends, boolean receives, int maxMessage) {
        return new Hello(VERSION, sends, receives, maxMessage);
    }

    /// A greeting under way, each part of which may take several steps.
    public static final class Exchange {
        private final Hello mine;
        private final MemorySegment out = Arena.ofAuto().allocate(LENGTH);
        private final MemorySegment in = Arena.ofAuto().allocate(LENGTH);
        private int written;
        private int read;
        private boolean peerGone;

        /// @param mine what this side says
        public Exchange(Hello mine) {
            this.mine = mine;
            out.set(LONG, 0, MAGIC);
            out.set(INT, 8, mine.version);
            out.set(INT, 12, (mine.sends ? 0 : FLAG_SENDS_NOT) | (mine.receives ? 0 : FLAG_RECEIVES_NOT));
            out.set(INT, 16, mine.maxMessage);
        }

        /// Says more of what this side has to say; does not block.
        ///
        /// @param stream to the peer
        /// @return whether all is said
        /// @throws HandshakeException if the peer is gone
        public boolean write(ByteStream stream) {
            while (written < LENGTH) {
                int bytes = stream.write(out, written, LENGTH - written);
                if (bytes < 0) {
                    throw gone();
                }
                if (bytes == ByteStream.WOULD_BLOCK) {
                    return false;
                }
                written += bytes;
            }
            return true;
        }

        /// Hears more of what the peer has to say, and nothing beyond it; does not block.
        ///
        /// @param stream from the peer
        /// @return the peer's greeting, checked, or null if it is not all there
        /// @throws HandshakeException if it is none that can be talked to, or the peer is gone
        public Hello read(ByteStream stream) {
            while (read < LENGTH) {
                int bytes = stream.read(in, read, LENGTH - read);
                if (bytes < 0) {
                    throw gone();
                }
                if (bytes == ByteStream.WOULD_BLOCK) {
                    return null;
                }
                read += bytes;
                check();
            }
            return new Hello(
                    in.get(INT, 8),
                    (in.get(INT, 12) & FLAG_SENDS_NOT) == 0,
                    (in.get(INT, 12) & FLAG_RECEIVES_NOT) == 0,
                    in.get(INT, 16));
        }

        /// Looks at what is there: garbage may be shorter than a greeting, and its sender wait for an answer.
        private void check() {
            for (int i = 0; i < Math.min(read, Long.BYTES); i++) {
                if (in.get(ValueLayout.JAVA_BYTE, i) != (byte) (MAGIC >>> (Byte.SIZE * i))) {
                    if (i == SECRET_AT && in.get(ValueLayout.JAVA_BYTE, i) == 'A') {
                        throw new HandshakeException(
                                "the other side asks for a secret; give its file with ?secret-file= on both sides");
                    }
                    throw new HandshakeException("what the other side said first is not the greeting of a Sluice end;"
                            + (isTls(in.get(ValueLayout.JAVA_BYTE, 0))
                                    ? " it looks like TLS: use tls: on both sides, or on none"
                                    : " ?framing=line or raw speaks with other programs"));
                }
            }
            if (read >= 12 && in.get(INT, 8) != VERSION) {
                throw new HandshakeException("the other side speaks version " + in.get(INT, 8)
                        + " of the handshake, this side " + VERSION + "; use the same version of Sluice on both sides");
            }
            if (read < LENGTH) {
                return;
            }
            if (in.get(INT, 16) < 1) {
                throw new HandshakeException(
                        "the other side's max-message of " + in.get(INT, 16) + " is not positive");
            }
            boolean theySend = (in.get(INT, 12) & FLAG_SENDS_NOT) == 0;
            boolean theyReceive = (in.get(INT, 12) & FLAG_RECEIVES_NOT) == 0;
            if (!(mine.sends && theyReceive) && !(mine.receives && theySend)) {
                throw new HandshakeException("both sides want to "
                        + (mine.sends ? "send" : "receive") + " only; give one of them the other direction");
            }
        }

        /// A record of TLS begins with its type, RFC 8446, 5.1: a handshake, or an alert.
        private static boolean isTls(byte first) {
            return first == 22 || first == 21;
        }

        /// Whether the peer went away, so that another one may be about to take its place.
        ///
        /// @return true if that is why a step of this has failed
        public boolean isPeerGone() {
            return peerGone;
        }

        private HandshakeException gone() {
            peerGone = true;
            return new HandshakeException("the other side went away before it had greeted");
        }
    }

    /// Greets, and waits for the peer's greeting.
    ///
    /// @param stream to and from the peer
    /// @param mine what this side says
    /// @param deadline until when, by [System#nanoTime()]
    /// @return what the peer says, or null if it has not in time
    /// @throws HandshakeException if the peer cannot be talked to
    /// @throws InterruptedException if the thread is interrupted
    public static Hello exchange(ByteStream stream, Hello mine, long deadline) throws InterruptedException {
        Exchange exchange = new Exchange(mine);
        boolean said = exchange.write(stream);
        Hello theirs;
        while ((theirs = exchange.read(stream)) == null || !said) {
            long left = Deadline.remaining(deadline);
            if (left == 0) {
                return null;
            }
            if (said) {
                stream.awaitReadable(left);
            } else {
                stream.awaitWritable(left);
                said = exchange.write(stream);
            }
        }
        return theirs;
    }
}
