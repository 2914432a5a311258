package io.sluice.ipc.socket;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.stream.ByteStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;

/// How both ends prove to each other that they have the same [Secret], before either says anything else.
///
/// ```
///   both        byte 0              8               12              44
///                    +--------------+---------------+---------------+
///                    | magic  int64 | version int32 | nonce         |     at once, without waiting
///                    +--------------+---------------+---------------+
///   client      byte 0             32
///                    +--------------+
///                    | proof        |     once it has the server's nonce
///                    +--------------+
///   server      byte 0              4             36
///                    +--------------+---------------+
///                    | verdict int32| proof         |     once it has checked the client's: 1, or 0 and zeros
///                    +--------------+---------------+
/// ```
///
/// Integers are little-endian; the magic is `SLUICEAU` in the order of the bytes. A proof is HMAC-SHA-256, keyed with the
/// secret, of: the 16 bytes `sluice challenge`, the role (`c` or `s`) whose proof it is, the client's nonce, the server's
/// nonce, and the IP address and port at which the client has connected, as text.
///
/// A nonce is new for each connection, so a proof that was overheard proves nothing later; the role is part of it, so it proves
/// nothing in the other direction; the address is, so a server cannot pass it on to another one. The server's proof comes last:
/// who does not have the secret learns nothing that depends on it. An end that has a secret speaks to none that has not.
final class Challenge implements Introduction {
    static final int NONCE = 32;
    static final int PROOF = 32;
    static final int OPENING = 12 + NONCE;
    /// `SLUICEAU` in the order of the bytes.
    static final long MAGIC = 0x5541_4543_4955_4C53L;

    private static final int VERSION = 1;
    private static final int ACCEPTED = 1;
    private static final byte[] LABEL = "sluice challenge".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLIENT = {'c'};
    private static final byte[] SERVER = {'s'};
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private enum Step {
        OPENING,
        PROOF,
        OVER
    }

    private final Secret secret;
    private final boolean client;
    private final byte[] address;
    private final byte[] nonce = new byte[NONCE];
    private final MemorySegment out = Arena.ofAuto().allocate(OPENING + 4 + PROOF);
    private final MemorySegment in = Arena.ofAuto().allocate(OPENING);
    private Step step = Step.OPENING;
    private int toWrite;
    private int written;
    private int read;
    private byte[] clientNonce;
    private byte[] serverNonce;
    private AuthenticationException refusal;
    private boolean peerGone;

    /// @param client whether this side has connected
    /// @param address the IP address and port at which the client has connected
    Challenge(Secret secret, boolean client, String address) {
        this.secret = secret;
        this.client = client;
        this.address = address.getBytes(StandardCharsets.UTF_8);
        RANDOM.nextBytes(nonce);
        out.set(LONG, 0, MAGIC);
        out.set(INT, 8, VERSION);
        MemorySegment.copy(nonce, 0, out, ValueLayout.JAVA_BYTE, 12, NONCE);
        toWrite = OPENING;
    }

    @Override
    public Wants advance(ByteStream stream) {
        while (true) {
            if (!write(stream)) {
                return Wants.OUTPUT;
            }
            if (refusal != null) {
                throw refusal;
            }
            if (step == Step.OVER) {
                return Wants.NOTHING;
            }
            if (!read(stream, step == Step.OPENING ? OPENING : client ? 4 + PROOF : PROOF)) {
                return Wants.INPUT;
            }
            read = 0;
            if (step == Step.OPENING) {
                open();
            } else if (client) {
                judgeServer();
            } else {
                judgeClient();
            }
        }
    }

    @Override
    public boolean isPeerGone() {
        return peerGone;
    }

    private boolean write(ByteStream stream) {
        while (written < toWrite) {
            int bytes = stream.write(out, written, toWrite - written);
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

    private boolean read(ByteStream stream, int length) {
        while (read < length) {
            int bytes = stream.read(in, read, length - read);
            if (bytes < 0) {
                throw gone();
            }
            if (bytes == ByteStream.WOULD_BLOCK) {
                return false;
            }
            read += bytes;
            if (step == Step.OPENING) {
                checkOpening();
            }
        }
        return true;
    }

    private HandshakeException gone() {
        peerGone = true;
        return new HandshakeException("the other side went away before it had greeted");
    }

    /// Looks at what is there: what is no opening may be shorter than one, and its sender wait for an answer.
    private void checkOpening() {
        for (int i = 0; i < Math.min(read, Long.BYTES); i++) {
            if (in.get(ValueLayout.JAVA_BYTE, i) != (byte) (MAGIC >>> (Byte.SIZE * i))) {
                throw new AuthenticationException("the other side does not prove that it has the secret: it has no"
                        + " ?secret-file=, speaks TLS where this side does not, or is no Sluice end; this side insists");
            }
        }
        if (read >= 12 && in.get(INT, 8) != VERSION) {
            throw new HandshakeException("the other side speaks version " + in.get(INT, 8)
                    + " of the challenge, this side " + VERSION + "; use the same version of Sluice on both sides");
        }
    }

    private void open() {
        byte[] theirs = in.asSlice(12, NONCE).toArray(ValueLayout.JAVA_BYTE);
        if (MessageDigest.isEqual(theirs, nonce)) {
            throw new AuthenticationException("the other side sends this side's own nonce back; it is no Sluice end");
        }
        clientNonce = client ? nonce : theirs;
        serverNonce = client ? theirs : nonce;
        if (client) {
            say(proof(CLIENT), 0);
        }
        step = Step.PROOF;
    }

    private byte[] proof(byte[] role) {
        return secret.prove(LABEL, role, clientNonce, serverNonce, address);
    }

    private void say(byte[] bytes, int at) {
        MemorySegment.copy(bytes, 0, out, ValueLayout.JAVA_BYTE, at, bytes.length);
        written = 0;
        toWrite = at + bytes.length;
    }

    private void judgeClient() {
        if (MessageDigest.isEqual(in.asSlice(0, PROOF).toArray(ValueLayout.JAVA_BYTE), proof(CLIENT))) {
            out.set(INT, 0, ACCEPTED);
            say(proof(SERVER), 4);
        } else {
            refusal = new AuthenticationException("the client does not have this side's secret, or has connected to"
                    + " another address than " + new String(address, StandardCharsets.UTF_8));
            out.set(INT, 0, 0);
            say(new byte[PROOF], 4);
        }
        step = Step.OVER;
    }

    private void judgeServer() {
        if (in.get(INT, 0) != ACCEPTED) {
            throw new AuthenticationException("the server does not believe that this side has its secret; check that"
                    + " ?secret-file= has the same contents on both sides, and that no address is translated in"
                    + " between (then use tls: with ?client=required instead of a secret)");
        }
        if (!MessageDigest.isEqual(in.asSlice(4, PROOF).toArray(ValueLayout.JAVA_BYTE), proof(SERVER))) {
            throw new AuthenticationException("the server does not have this side's secret; it may be an impostor");
        }
        step = Step.OVER;
    }
}
