package io.sluice.ipc.socket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// What both ends of a session prove of a [Secret], and the keys that follow from it. The same idea as [Challenge], in the datagrams
/// of the handshake: the cookie is the server's nonce.
///
/// All is HMAC-SHA-256, keyed with the secret, of: the 15 bytes `sluice datagram`, a letter, the client's number, nonce and cookie,
/// the address that the client has connected to, as text; and, where the letter is not `c`, the session's number and max message.
///
/// | letter | what it makes |
/// | --- | --- |
/// | `c` | the client's proof |
/// | `s` | the server's proof |
/// | `C`, `S` | the key of the client's and of the server's tags |
/// | `g` | the key of the tags to a group, of the session's number alone |
final class DatagramProof {
    static final int NONCE = 32;

    private static final byte[] LABEL = "sluice datagram".getBytes(StandardCharsets.US_ASCII);

    private final Secret secret;
    private final long client;
    private final byte[] nonce;
    private final byte[] cookie;
    private final String address;

    /// @param secret that both have
    /// @param client the number that the client has chosen
    /// @param nonce the client's, new for each connect
    /// @param cookie the server's
    /// @param address the IP address and port to which the client has connected
    DatagramProof(Secret secret, long client, byte[] nonce, byte[] cookie, String address) {
        this.secret = secret;
        this.client = client;
        this.nonce = nonce;
        this.cookie = cookie;
        this.address = address;
    }

    long client() {
        return client;
    }

    String address() {
        return address;
    }

    byte[] ofClient() {
        return secret.prove(
                LABEL, letter('c'), bytes(client), nonce, cookie, address.getBytes(StandardCharsets.UTF_8));
    }

    /// @param letter what for
    /// @param session the session's number
    /// @param maxMessage of both
    byte[] ofSession(char letter, long session, int maxMessage) {
        return secret.prove(
                LABEL, letter(letter), bytes(client), nonce, cookie, address.getBytes(StandardCharsets.UTF_8),
                bytes(session), bytes(maxMessage));
    }

    /// The key of the tags of datagrams to a group, where nobody answers.
    static byte[] ofGroup(Secret secret, long session) {
        return secret.prove(LABEL, letter('g'), bytes(session));
    }

    private static byte[] letter(char letter) {
        return new byte[] {(byte) letter};
    }

    static byte[] bytes(long number) {
        return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
    }

    static byte[] bytes(int number) {
        return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
    }
}
