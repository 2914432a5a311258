package io.sluice.ipc.socket;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/// Somebody who signs certificates for a test: X.509 version 3 in DER, RFC 5280, 4.1.
final class Authority {
    /// Both sides of a moment that lasts as long as a test does.
    static final Instant NOW = Instant.now();

    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int INTEGER = 2;
    private static final int BIT_STRING = 3;
    private static final int OCTET_STRING = 4;
    private static final int OID = 6;
    private static final int UTF8 = 12;
    private static final int TIME = 24;
    private static final int TAG = 0xA0;
    private static final byte[] COMMON_NAME = {0x55, 4, 3};
    private static final byte[] ALTERNATIVE_NAME = {0x55, 0x1D, 17};
    private static final byte[] BASIC_CONSTRAINTS = {0x55, 0x1D, 19};
    private static final byte[] TRUE = {1, 1, (byte) 0xFF};
    private static final DateTimeFormatter GENERALIZED = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'");

    private final String name;
    private final KeyPair keys;
    private final boolean weak;
    private final List<byte[]> chain = new ArrayList<>();

    /// What a side shows.
    ///
    /// @param chain its certificate, then those that lead to the root, without it
    record Issued(PrivateKey key, List<byte[]> chain) {
        /// Writes `NAME.pem`, the chain, and `NAME.key`.
        ///
        /// @return the two options of an address
        String write(Path directory, String name) {
            Path certificate = directory.resolve(name + ".pem");
            Path secret = directory.resolve(name + ".key");
            save(certificate, pem("CERTIFICATE", chain));
            save(secret, pem("PRIVATE KEY", List.of(key.getEncoded())));
            return "cert=" + certificate + "&key=" + secret;
        }
    }

    private Authority(String name, boolean weak) {
        this.name = name;
        this.keys = keys("EC");
        this.weak = weak;
    }

    /// One that has signed its own certificate.
    static Authority root(String name) {
        return root(new Authority(name, false));
    }

    /// The same, with SHA-224, which TLS 1.3 does not know.
    static Authority weakRoot(String name) {
        return root(new Authority(name, true));
    }

    private static Authority root(Authority root) {
        root.chain.add(root.sign(root.name, root.keys, NOW, Duration.ofDays(1), true));
        return root;
    }

    /// One whose certificate this one has signed.
    Authority intermediate(String other) {
        Authority intermediate = new Authority(other, false);
        intermediate.chain.add(sign(other, intermediate.keys, NOW, Duration.ofDays(1), true));
        return intermediate;
    }

    static KeyPair keys(String algorithm) {
        try {
            return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    Issued issue(String subject, String... hosts) {
        return issue(subject, keys("EC"), NOW, Duration.ofDays(1), hosts);
    }

    /// @param from the middle of when it is valid
    /// @param span of the halves
    /// @param hosts names, or IP addresses
    Issued issue(String subject, KeyPair of, Instant from, Duration span, String... hosts) {
        List<byte[]> shown = new ArrayList<>();
        shown.add(sign(subject, of, from, span, false, hosts));
        if (!name.startsWith("root")) {
            shown.addAll(chain);
        }
        return new Issued(of.getPrivate(), shown);
    }

    /// Writes `NAME.pem`, what others may trust.
    Path write(Path directory) {
        return save(directory.resolve(name + ".pem"), pem("CERTIFICATE", chain));
    }

    static String pem(String what, List<byte[]> blocks) {
        StringBuilder text = new StringBuilder("what stands here is left alone\n");
        for (byte[] block : blocks) {
            text.append("-----BEGIN ").append(what).append("-----\n")
                    .append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(block))
                    .append("\n-----END ").append(what).append("-----\n");
        }
        return text.toString();
    }

    /// Replaces a file at once, as one does with certificates; only its owner may read it.
    static Path save(Path file, String text) {
        try {
            Path fresh = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), text);
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
            return Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- DER

    private byte[] sign(String subject, KeyPair of, Instant from, Duration span, boolean signer, String... hosts) {
        byte[] algorithm = algorithm();
        byte[] body = der(
                SEQUENCE,
                der(TAG, der(INTEGER, new byte[] {2})),
                der(INTEGER, new BigInteger(63, new SecureRandom()).add(BigInteger.ONE).toByteArray()),
                algorithm,
                name(name),
                der(SEQUENCE, time(from.minus(span)), time(from.plus(span))),
                name(subject),
                of.getPublic().getEncoded(),
                der(TAG | 3, der(SEQUENCE, signer ? constraints() : alternatives(hosts))));
        try {
            Signature signature = Signature.getInstance(weak ? "SHA224withECDSA" : "SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(body);
            return der(SEQUENCE, body, algorithm, der(BIT_STRING, new byte[1], signature.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// ecdsa-with-SHA256 or -SHA224, RFC 5758.
    private byte[] algorithm() {
        byte last = (byte) (weak ? 1 : 2);
        return der(SEQUENCE, der(OID, new byte[] {0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 4, 3, last}));
    }

    private static byte[] name(String name) {
        return der(
                SEQUENCE,
                der(SET, der(SEQUENCE, der(OID, COMMON_NAME), der(UTF8, name.getBytes(StandardCharsets.UTF_8)))));
    }

    private static byte[] time(Instant time) {
        String text = GENERALIZED.format(time.atOffset(ZoneOffset.UTC));
        return der(TIME, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] constraints() {
        return der(SEQUENCE, der(OID, BASIC_CONSTRAINTS), TRUE, der(OCTET_STRING, der(SEQUENCE, TRUE)));
    }

    private static byte[] alternatives(String... hosts) {
        byte[][] names = Arrays.stream(hosts).map(Authority::host).toArray(byte[][]::new);
        return der(SEQUENCE, der(OID, ALTERNATIVE_NAME), der(OCTET_STRING, der(SEQUENCE, names)));
    }

    private static byte[] host(String host) {
        try {
            return Character.isDigit(host.charAt(0)) || host.contains(":")
                    ? der(0x87, InetAddress.getByName(host).getAddress())
                    : der(0x82, host.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        bytes.write(tag);
        if (length >= 0x100) {
            bytes.write(0x82);
            bytes.write(length >>> 8);
        } else if (length >= 0x80) {
            bytes.write(0x81);
        }
        bytes.write(length);
        Arrays.stream(parts).forEach(bytes::writeBytes);
        return bytes.toByteArray();
    }
}
