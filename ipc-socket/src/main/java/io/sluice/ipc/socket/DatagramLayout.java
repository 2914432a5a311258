package io.sluice.ipc.socket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// What is in a datagram. Little-endian, without gaps.
///
/// ```
///   all          byte 0              2            3         4
///                     +--------------+------------+---------+
///                     | 'S' 'U'      | version: 1 | type    |
///                     +--------------+------------+---------+
///
///   HELLO        byte 4           12             16            20        52       84       116             120
///   256 bytes         +-----------+--------------+-------------+---------+--------+--------+---------------+----------------+
///                     | client    | max message  | flags int32 | cookie  | nonce  | proof  | length of     | address, UTF-8,|
///                     | int64     | int32        |             |         |        |        | address int32 | and zeros      |
///                     +-----------+--------------+-------------+---------+--------+--------+---------------+----------------+
///   COOKIE            | client    | cookie, 32 bytes           |
///                     +-----------+--------------+-------------+
///   WELCOME           | client    | max message  | flags int32 | session int64 | proof, 32 bytes |
///                     +-----------+--------------+-------------+---------------+-----------------+
///   REFUSED           | client    | why    int32 | length of words int32 | words, UTF-8, at most 128 bytes |
///                     +-----------+--------------+-----------------------+---------------------------------+
///
///   DATA         byte 4             12              20
///   PING, PONG,       +-------------+---------------+----------------+----------------------------+
///   BYE, ENDED        | session     | messages      | DATA only:     | tag, 16 bytes, if there is |
///                     | int64       | int64         | the message    | a secret                   |
///                     +-------------+---------------+----------------+----------------------------+
/// ```
///
/// *Messages* counts those that the sender has sent in this session: in DATA with this one, so the first has 1; in PING, PONG and
/// BYE all so far; in ENDED 0. What the receiver is short of is lost.
///
/// A HELLO is longer than all answers to it, so whoever sends one under the address of another draws no more upon that one than
/// was sent.
final class DatagramLayout {
    static final int HELLO = 1;
    static final int COOKIE = 2;
    static final int WELCOME = 3;
    static final int REFUSED = 4;
    static final int DATA = 5;
    static final int PING = 6;
    static final int PONG = 7;
    static final int BYE = 8;
    static final int ENDED = 9;

    static final int VERSION = 1;
    static final int VERSION_AT = 2;
    static final int TYPE_AT = 3;

    static final int CLIENT_AT = 4;
    static final int MAX_MESSAGE_AT = 12;
    static final int FLAGS_AT = 16;
    static final int COOKIE_AT = 20;
    static final int NONCE_AT = 52;
    static final int PROOF_AT = 84;
    static final int ADDRESS_LENGTH_AT = 116;
    static final int ADDRESS_AT = 120;
    static final int HELLO_LENGTH = 256;

    /// In a COOKIE.
    static final int BAKED_AT = 12;
    static final int COOKIE_LENGTH = BAKED_AT + Cookies.LENGTH;

    /// In a WELCOME.
    static final int NEW_SESSION_AT = 20;
    static final int WELCOME_PROOF_AT = 28;
    static final int WELCOME_LENGTH = WELCOME_PROOF_AT + Challenge.PROOF;

    /// In a REFUSED.
    static final int WHY_AT = 12;
    static final int WORDS_LENGTH_AT = 16;
    static final int WORDS_AT = 20;
    static final int WORDS_MOST = 128;

    /// A HELLO's flag: there is a cookie in it.
    static final int FLAG_COOKIE = 1;
    /// A HELLO's or WELCOME's flag: there is a proof of the secret in it.
    static final int FLAG_PROOF = 2;

    static final int SESSION_AT = 4;
    static final int MESSAGES_AT = 12;
    static final int HEADER = 20;

    /// What fits into an unfragmented packet of IPv6 on an Ethernet, the least of the usual paths: 1,500 bytes without
    /// the headers of IPv6 and UDP.
    static final int USUAL_PATH = 1_452;
    /// The most that UDP carries over IPv4.
    static final int LARGEST = 65_507;

    private static final short MAGIC = 'S' | 'U' << 8;

    private DatagramLayout() {}

    /// A buffer for datagrams.
    static ByteBuffer buffer(int length) {
        return ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Begins a datagram of so many bytes, all zero but what all have.
    static ByteBuffer begin(ByteBuffer buffer, int type, int length) {
        buffer.clear();
        for (int i = 0; i < length; i++) {
            buffer.put(i, (byte) 0);
        }
        return head(buffer, type).limit(length);
    }

    /// Writes what all datagrams have.
    static ByteBuffer head(ByteBuffer buffer, int type) {
        return buffer.clear().putShort(0, MAGIC).put(VERSION_AT, (byte) VERSION).put(TYPE_AT, (byte) type);
    }

    /// Whether this can be a datagram of ours, of whatever version.
    static boolean isOurs(ByteBuffer in) {
        return in.limit() > TYPE_AT && in.getShort(0) == MAGIC;
    }

    /// Whether it is one of this version, of that type, and at least that long.
    static boolean is(ByteBuffer in, int type, int length) {
        return isOurs(in) && in.get(VERSION_AT) == VERSION && in.get(TYPE_AT) == type && in.limit() >= length;
    }

    static byte[] bytes(ByteBuffer in, int at, int length) {
        byte[] bytes = new byte[length];
        in.get(at, bytes);
        return bytes;
    }

    /// Reads a text whose length stands before it.
    ///
    /// @return the text, or null if its length cannot be
    static String text(ByteBuffer in, int lengthAt, int at) {
        int length = in.getInt(lengthAt);
        return length < 0 || length > in.limit() - at
                ? null
                : new String(bytes(in, at, length), StandardCharsets.UTF_8);
    }

    /// Writes a text with its length before it, as much of it as there is room for.
    static void text(ByteBuffer out, int lengthAt, int at, String text, int room) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, room);
        out.putInt(lengthAt, length).put(at, bytes, 0, length);
    }
}
