package io.sluice.ipc.socket;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Keys and certificates as text: RFC 7468. What stands between them is left alone.
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s*([A-Za-z0-9+/=\\s]*?)-----END \\1-----");
    private static final Pattern ENCRYPTED = Pattern.compile("-----BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED");
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String KEY = "PRIVATE KEY";

    private Pem() {}

    private static List<MatchResult> blocks(byte[] file) {
        return BLOCK.matcher(new String(file, StandardCharsets.US_ASCII)).results().toList();
    }

    private static byte[] contents(MatchResult block) throws GeneralSecurityException {
        try {
            return Base64.getMimeDecoder().decode(block.group(2));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException(
                    "what stands in it after -----BEGIN " + block.group(1) + "----- is no Base64: " + e.getMessage(),
                    e);
        }
    }

    /// All certificates of a file, in their order.
    ///
    /// @throws GeneralSecurityException if there is none, or one that cannot be read
    static List<X509Certificate> certificates(byte[] file) throws GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> certificates = new ArrayList<>();
        for (MatchResult block : blocks(file)) {
            if (block.group(1).equals(CERTIFICATE)) {
                Certificate certificate = factory.generateCertificate(new ByteArrayInputStream(contents(block)));
                certificates.add((X509Certificate) certificate);
            }
        }
        if (certificates.isEmpty()) {
            throw new CertificateException("there is no -----BEGIN CERTIFICATE----- in it");
        }
        return certificates;
    }

    /// The private key of a file, in PKCS #8.
    ///
    /// @param algorithm of the key: `RSA`, `EC`, `EdDSA`
    /// @throws GeneralSecurityException if there is none of that kind
    static PrivateKey key(byte[] file, String algorithm) throws GeneralSecurityException {
        if (ENCRYPTED.matcher(new String(file, StandardCharsets.US_ASCII)).find()) {
            throw new GeneralSecurityException(
                    "it is encrypted, and nobody is there to type a password; decrypt it into"
                            + " a file of its own with openssl pkey -in IN -out OUT, and chmod 600 that");
        }
        for (MatchResult block : blocks(file)) {
            String what = block.group(1);
            if (what.equals(KEY)) {
                PKCS8EncodedKeySpec key = new PKCS8EncodedKeySpec(contents(block));
                try {
                    return KeyFactory.getInstance(algorithm).generatePrivate(key);
                } catch (GeneralSecurityException e) {
                    throw new GeneralSecurityException("it holds no key of the certificate's kind, " + algorithm, e);
                }
            }
            if (what.endsWith(KEY)) {
                throw new GeneralSecurityException("its key is not in PKCS #8 but an " + what
                        + "; convert it with openssl pkcs8 -topk8 -nocrypt -in IN -out OUT, and chmod 600 that");
            }
        }
        throw new GeneralSecurityException("there is no -----BEGIN PRIVATE KEY----- in it");
    }
}
