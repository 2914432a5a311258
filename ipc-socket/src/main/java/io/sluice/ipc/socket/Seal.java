package io.sluice.ipc.socket;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import javax.crypto.Mac;

/// Vouches for each datagram of a session, in one direction: HMAC-SHA-256 over all that stands before the tag, cut to 16 bytes
/// (RFC 2104, section 5). For one thread at a time.
final class Seal {
    static final int LENGTH = 16;

    private final Mac mac;
    private final byte[] tag;

    /// @param key of this direction of this session alone
    Seal(byte[] key) {
        this.mac = new Secret(key).mac();
        this.tag = new byte[mac.getMacLength()];
    }

    /// Puts the tag behind what is in the buffer.
    void put(ByteBuffer datagram) {
        int length = datagram.limit();
        compute(datagram, length);
        datagram.limit(length + LENGTH).put(length, tag, 0, LENGTH);
    }

    /// Takes the tag off what is in the buffer.
    ///
    /// @return whether it is the right one
    boolean take(ByteBuffer datagram) {
        int length = datagram.limit() - LENGTH;
        if (length < DatagramLayout.HEADER) {
            return false;
        }
        byte[] theirs = DatagramLayout.bytes(datagram, length, LENGTH);
        compute(datagram, length);
        datagram.limit(length);
        byte[] ours = new byte[LENGTH];
        System.arraycopy(tag, 0, ours, 0, LENGTH);
        return MessageDigest.isEqual(ours, theirs);
    }

    private void compute(ByteBuffer datagram, int length) {
        mac.update(datagram.slice(0, length));
        try {
            mac.doFinal(tag, 0);
        } catch (javax.crypto.ShortBufferException e) {
            throw new IllegalStateException("the tag has room for all of it", e);
        }
    }
}
