package io.sluice.ipc.shm;

import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.ring.Doorbell;
import io.sluice.ipc.ring.RingLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// What a server answers to a [Hello]: where the memory is, or why there is none.
///
/// ```
///   byte  0              8               12              16              20              24
///         +--------------+---------------+---------------+---------------+---------------+
///         | magic  int64 | version int32 | status  int32 | flags   int32 | capacity int32|
///         +--------------+---------------+---------------+---------------+---------------+
///     24  | max message  int32 | slot int32 | cookie int64 | length of memory path  int32 |
///         +--------------------+------------+--------------+------------------------------+
///     44  | length of doorbell path  int32  | memory path, UTF-8 | doorbell path, UTF-8   |
///         +---------------------------------+--------------------+------------------------+
/// ```
///
/// Little-endian. Flag 1: threads of the server may sleep. If the status is not [Status#ACCEPTED], the memory path is
/// the reason in words. The client answers [#MAPPED], and may then send; each side sends [#NOTIFY] when it has freed or
/// filled something that a thread of the other waits for, and nothing else.
///
/// @param version of the handshake and the memory
/// @param status whether the client is welcome
/// @param sleeps whether the server ever sleeps while it waits
/// @param capacity of each ring, in bytes
/// @param maxMessage the largest message of both sides, in bytes
/// @param slot the client's bit in the doorbell
/// @param cookie that stands in the memory, too
/// @param memory the path of the channel's memory, or the reason of a refusal
/// @param doorbell the path of the endpoint's doorbell
record Welcome(
        int version,
        Status status,
        boolean sleeps,
        int capacity,
        int maxMessage,
        int slot,
        long cookie,
        String memory,
        String doorbell) {
    static final int FIXED_LENGTH = 48;

    /// The client has mapped the memory.
    static final byte MAPPED = 1;
    /// A thread that sleeps has something to look at.
    static final byte NOTIFY = 2;

    private static final int FLAG_SLEEPS = 1;
    private static final int MAX_PATH = 4096;

    /// Whether a client is welcome; the position is the number on the wire.
    enum Status {
        ACCEPTED,
        OTHER_VERSION,
        REFUSED_USER,
        NO_SPACE,
        TOO_MANY,
        FAILED
    }

    static Welcome refusal(Status status, String reason) {
        return new Welcome(ShmLayout.VERSION, status, false, 0, 0, 0, 0, reason, "");
    }

    ByteBuffer encode() {
        byte[] memoryBytes = memory.getBytes(StandardCharsets.UTF_8);
        byte[] doorbellBytes = doorbell.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(FIXED_LENGTH + memoryBytes.length + doorbellBytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(ShmLayout.MAGIC)
                .putInt(version)
                .putInt(status.ordinal())
                .putInt(sleeps ? FLAG_SLEEPS : 0)
                .putInt(capacity)
                .putInt(maxMessage)
                .putInt(slot)
                .putLong(cookie)
                .putInt(memoryBytes.length)
                .putInt(doorbellBytes.length)
                .put(memoryBytes)
                .put(doorbellBytes)
                .flip();
    }

    /// How many bytes follow the fixed part.
    static int lengthOfPaths(ByteBuffer fixed) {
        fixed.order(ByteOrder.LITTLE_ENDIAN);
        if (fixed.getLong(0) != ShmLayout.MAGIC) {
            throw new HandshakeException("what answers is no Sluice endpoint");
        }
        int version = fixed.getInt(8);
        if (version != ShmLayout.VERSION) {
            throw new HandshakeException("the server speaks version " + version + " of the handshake, this side "
                    + ShmLayout.VERSION + "; use the same version of Sluice on both sides");
        }
        int memory = fixed.getInt(40);
        int doorbell = fixed.getInt(44);
        if (memory < 0 || memory > MAX_PATH || doorbell < 0 || doorbell > MAX_PATH) {
            throw new HandshakeException("the server's answer is malformed: paths of " + memory + " and " + doorbell
                    + " bytes");
        }
        return memory + doorbell;
    }

    /// @param bytes the fixed part and the paths
    static Welcome decode(ByteBuffer bytes) {
        lengthOfPaths(bytes);
        int status = bytes.getInt(12);
        if (status < 0 || status >= Status.values().length) {
            throw new HandshakeException("the server's answer is malformed: status " + status);
        }
        int memory = bytes.getInt(40);
        Welcome welcome = new Welcome(
                bytes.getInt(8),
                Status.values()[status],
                (bytes.getInt(16) & FLAG_SLEEPS) != 0,
                bytes.getInt(20),
                bytes.getInt(24),
                bytes.getInt(28),
                bytes.getLong(32),
                text(bytes, FIXED_LENGTH, memory),
                text(bytes, FIXED_LENGTH + memory, bytes.getInt(44)));
        if (welcome.status == Status.ACCEPTED) {
            welcome.check();
        }
        return welcome;
    }

    private static String text(ByteBuffer bytes, int offset, int length) {
        byte[] text = new byte[length];
        bytes.get(offset, text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private void check() {
        if (capacity < RingLayout.MIN_CAPACITY
                || capacity > RingLayout.MAX_CAPACITY
                || Integer.bitCount(capacity) != 1
                || maxMessage < 1
                || slot < 0
                || slot >= Doorbell.SLOTS) {
            throw new HandshakeException("the server's answer is malformed: capacity " + capacity + ", max-message "
                    + maxMessage + ", slot " + slot);
        }
    }
}
