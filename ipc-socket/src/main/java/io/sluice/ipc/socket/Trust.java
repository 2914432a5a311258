package io.sluice.ipc.socket;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/// Whose certificates a side believes: those that these have signed, and these themselves. It is the JDK's judgement (RFC 5280, and for a server's
/// name RFC 9110, 4.3.4), with words that help; and a certificate that has expired is refused even if it is one of these.
final class Trust extends X509ExtendedTrustManager {
    /// Why a certificate is not believed; the message is for people.
    static final class Refusal extends CertificateException {
        private static final long serialVersionUID = 1L;

        Refusal(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private static final int DNS = 2;
    private static final int IP = 7;

    private final X509ExtendedTrustManager judge;
    private final String where;

    /// @param anchors whom to believe, or null for those whom the JDK does
    /// @param where they come from, in words
    Trust(List<X509Certificate> anchors, String where) throws GeneralSecurityException {
        this.where = where;
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(anchors == null ? null : store(anchors));
        X509ExtendedTrustManager found = null;
        for (TrustManager manager : factory.getTrustManagers()) {
            found = manager instanceof X509ExtendedTrustManager extended ? extended : found;
        }
        this.judge = found;
    }

    private static KeyStore store(List<X509Certificate> anchors) throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int i = 0; i < anchors.size(); i++) {
                store.setCertificateEntry(Integer.toString(i), anchors.get(i));
            }
            return store;
        } catch (IOException e) {
            throw new GeneralSecurityException(e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine) throws CertificateException {
        checkDates("client", chain[0]);
        try {
            judge.checkClientTrusted(chain, kind, engine);
        } catch (CertificateException e) {
            throw refusal("client", chain, e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine) throws CertificateException {
        checkDates("server", chain[0]);
        try {
            judge.checkServerTrusted(chain, kind, engine);
        } catch (CertificateException e) {
            if (!isSigned(chain, kind)) {
                throw refusal("server", chain, e);
            }
            // What is wrong with the name has no class of its own, what is wrong with an algorithm has.
            throw e.getClass() == CertificateException.class ? otherHost(chain[0], engine, e) : weak(chain[0], e);
        }
    }

    private boolean isSigned(X509Certificate[] chain, String kind) {
        try {
            judge.checkServerTrusted(chain, kind); // no engine: the name is not looked at
            return true;
        } catch (CertificateException e) {
            return false;
        }
    }

    private static void checkDates(String whose, X509Certificate certificate) throws Refusal {
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException e) {
            throw new Refusal("the certificate of the " + whose + ", " + name(certificate) + ", expired on "
                    + certificate.getNotAfter().toInstant() + "; renew it, or set this machine's clock right",
                    new CertPathValidatorException(
                            e.getMessage(), e, null, -1, CertPathValidatorException.BasicReason.EXPIRED));
        } catch (CertificateNotYetValidException e) {
            throw new Refusal("the certificate of the " + whose + ", " + name(certificate) + ", is valid from "
                    + certificate.getNotBefore().toInstant() + " on; set the clocks of both machines right",
                    new CertPathValidatorException(
                            e.getMessage(), e, null, -1, CertPathValidatorException.BasicReason.NOT_YET_VALID));
        }
    }

    private Refusal refusal(String whose, X509Certificate[] chain, CertificateException e) {
        X509Certificate last = chain[chain.length - 1];
        return new Refusal("the certificate of the " + whose + ", " + name(chain[0]) + ", is signed by "
                + last.getIssuerX500Principal() + ", and that leads to nobody in " + where + " (" + e.getMessage()
                + "); put the certificate of who signed it, or it itself, into ?trust=", e.getCause());
    }

    private static Refusal otherHost(X509Certificate certificate, SSLEngine engine, CertificateException e) {
        return new Refusal("the certificate of the server, " + name(certificate) + ", is for "
                + hosts(certificate) + " and not for " + engine.getPeerHost()
                + "; connect by a name that it has, or have one made that has this name", e);
    }

    private static Refusal weak(X509Certificate certificate, CertificateException e) {
        return new Refusal("the certificate of the server, " + name(certificate) + ", is of an algorithm that TLS does"
                + " not take (" + e.getMessage() + "); have one made with another", e.getCause());
    }

    private static String name(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().toString();
    }

    private static String hosts(X509Certificate certificate) {
        try {
            List<String> names = certificate.getSubjectAlternativeNames() == null
                    ? List.of()
                    : certificate.getSubjectAlternativeNames().stream()
                            .filter(name -> List.of(DNS, IP).contains(name.get(0)))
                            .map(name -> name.get(1).toString())
                            .collect(Collectors.toList());
            return names.isEmpty() ? "no host" : String.join(", ", names);
        } catch (CertificateException e) {
            return "names that cannot be read";
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind) throws CertificateException {
        judge.checkClientTrusted(chain, kind);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind) throws CertificateException {
        judge.checkServerTrusted(chain, kind);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket) throws CertificateException {
        judge.checkClientTrusted(chain, kind, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket) throws CertificateException {
        judge.checkServerTrusted(chain, kind, socket);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return judge.getAcceptedIssuers();
    }
}
