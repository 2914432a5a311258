package io.sluice.ipc.socket;

import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;

/// Proves that a client receives what is sent to the address under which it sends, without remembering anything of one that has
/// not shown that yet: as the cookies of DTLS (RFC 9147, 5.1) and the tokens of QUIC (RFC 9000, 8.1).
///
/// A cookie is HMAC-SHA-256 of the address and of a number that the client has chosen, keyed with a secret that is made anew
/// every [#LIFE_NANOS]; the one before counts as well. Each opens one channel only: the numbers of those that have are kept for as
/// long as their cookies count, so that one who has overheard a cookie opens none under the address of another. For one thread at a
/// time.
final class Cookies {
    static final int LENGTH = 32;

    private static final long LIFE_NANOS = 10_000_000_000L;
    private static final int MOST_SPENT = 1 << 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /// The secret of a while, and whose cookies were used in it.
    private static final class Batch {
        final Secret secret;
        final Set<Long> spent = new HashSet<>();

        Batch() {
            byte[] key = new byte[LENGTH];
            RANDOM.nextBytes(key);
            secret = new Secret(key);
        }
    }

    private Batch current = new Batch();
    private Batch before = new Batch();
    private long begun = System.nanoTime();

    private void renew() {
        long now = System.nanoTime();
        if (now - begun > LIFE_NANOS) {
            before = now - begun > 2 * LIFE_NANOS ? new Batch() : current;
            current = new Batch();
            begun = now;
        }
    }

    private static byte[] bake(Batch batch, InetSocketAddress from, long client) {
        return batch.secret.prove(
                from.getAddress().getAddress(), DatagramProof.bytes(from.getPort()), DatagramProof.bytes(client));
    }

    /// Makes the cookie of a client.
    byte[] bake(InetSocketAddress from, long client) {
        renew();
        return bake(current, from, client);
    }

    /// Whether this side has made the cookie, for that client, lately.
    boolean isOurs(byte[] cookie, InetSocketAddress from, long client) {
        renew();
        return MessageDigest.isEqual(cookie, bake(current, from, client))
                || MessageDigest.isEqual(cookie, bake(before, from, client));
    }

    /// Uses up the cookie of a client.
    ///
    /// @return false if it was used already, or too many others were
    boolean spend(long client) {
        return !before.spent.contains(client) && current.spent.size() < MOST_SPENT && current.spent.add(client);
    }
}
