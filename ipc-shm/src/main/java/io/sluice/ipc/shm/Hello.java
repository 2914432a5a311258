package io.sluice.ipc.shm;

import io.sluice.ipc.HandshakeException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What a client says first on the rendezvous socket.
///
/// ```
///   byte  0              8               12              16              20              24
///         +--------------+---------------+---------------+---------------+---------------+
///         | magic  int64 | version int32 | flags   int32 | max message   | 0       int32 |
///         +--------------+---------------+---------------+---------------+---------------+
/// ```
///
/// Little-endian. Flag 1: threads of this side may sleep. The magic and the version stay where they are in all versions.
///
/// @param version of the handshake and the memory
/// @param sleeps whether the client ever sleeps while it waits
/// @param maxMessage the largest message that the client takes, in bytes
record Hello(int version, boolean sleeps, int maxMessage) {
    static final int LENGTH = 24;

    private static final int FLAG_SLEEPS = 1;

    ByteBuffer encode() {
        return ByteBuffer.allocate(LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(ShmLayout.MAGIC)
                .putInt(version)
                .putInt(sleeps ? FLAG_SLEEPS : 0)
                .putInt(maxMessage)
                .putInt(0)
                .flip();
    }

    /// @throws HandshakeException if this is not the greeting of a client, of whichever version
    static Hello decode(ByteBuffer bytes) {
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getLong() != ShmLayout.MAGIC) {
            throw new HandshakeException("what came first is not the greeting of a Sluice client");
        }
        int version = bytes.getInt();
        boolean sleeps = (bytes.getInt() & FLAG_SLEEPS) != 0;
        int maxMessage = bytes.getInt();
        if (version == ShmLayout.VERSION && maxMessage < 1) {
            throw new HandshakeException("the client's max-message of " + maxMessage + " is not positive");
        }
        return new Hello(version, sleeps, maxMessage);
    }
}
