package io.sluice.ipc.socket;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/// The one key and certificate that a side shows, whatever the other one would like to see: so whoever refuses it says why.
final class Identity extends X509ExtendedKeyManager {
    private static final String ALIAS = "the one";
    private static final byte[] PROBE = {1, 2, 3, 4};

    private final PrivateKey key;
    private final X509Certificate[] chain;

    /// @param chain its certificate, and those of who signed it
    /// @throws GeneralSecurityException if the key is not the certificate's
    Identity(PrivateKey key, List<X509Certificate> chain) throws GeneralSecurityException {
        this.key = key;
        this.chain = chain.toArray(X509Certificate[]::new);
        String algorithm = switch (algorithm(chain.getFirst())) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> algorithm(chain.getFirst());
        };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(PROBE);
        byte[] signed = signature.sign();
        signature.initVerify(chain.getFirst().getPublicKey());
        signature.update(PROBE);
        if (!signature.verify(signed)) {
            throw new InvalidKeyException("it is not the key of the certificate, which must come first in its file");
        }
    }

    /// The kind of a certificate's key: `RSA`, `EC`, `EdDSA`.
    static String algorithm(X509Certificate certificate) {
        return certificate.getPublicKey().getAlgorithm();
    }

    private String alias(String... kinds) {
        return Arrays.asList(kinds).contains(algorithm(chain[0])) ? ALIAS : null;
    }

    @Override
    public String chooseEngineClientAlias(String[] kinds, Principal[] issuers, SSLEngine engine) {
        return alias(kinds);
    }

    @Override
    public String chooseEngineServerAlias(String kind, Principal[] issuers, SSLEngine engine) {
        return alias(kind);
    }

    @Override
    public String chooseClientAlias(String[] kinds, Principal[] issuers, Socket socket) {
        return alias(kinds);
    }

    @Override
    public String chooseServerAlias(String kind, Principal[] issuers, Socket socket) {
        return alias(kind);
    }

    @Override
    public String[] getClientAliases(String kind, Principal[] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public String[] getServerAliases(String kind, Principal[] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return chain.clone();
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return key;
    }
}
