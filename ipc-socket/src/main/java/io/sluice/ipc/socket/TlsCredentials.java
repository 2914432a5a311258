package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.spi.Option;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one side of TLS shows of itself and whom it believes, from files in PEM; new connections take them as they are now. Files
/// that have become unusable are warned about, and what they held before stays in use.
final class TlsCredentials {
    /// Whether clients need a certificate.
    enum Client {
        NONE, REQUIRED
    }

    /// The option of addresses.
    static final Option<String> CERTIFICATE = Option.text(
            "cert",
            "",
            "the path of a PEM file",
            "this side's certificate, and after it those that lead to who is trusted; an endpoint needs one");

    /// The option of addresses.
    static final Option<String> KEY = Option.text(
            "key",
            "",
            "the path of a PEM file",
            "the private key of cert (RSA, EC or Ed25519, PKCS #8, not encrypted), which its owner alone may read");

    /// The option of addresses.
    static final Option<String> TRUST = Option.text(
            "trust",
            "",
            "the path of a PEM file",
            "whose certificates are believed: of authorities, or the other side's own; a client without it believes"
                    + " the JDK's authorities");

    /// The option of addresses.
    static final Option<Client> CLIENT = Option.choice(
            "client", Client.NONE, "whether an endpoint demands a certificate of its clients, signed by trust");

    private static final Logger LOG = LoggerFactory.getLogger(TlsCredentials.class);
    private static final String VERSION = "TLSv1.3";
    /// One that RFC 8446, 4.6.1, does not allow, so that no tickets are issued: who resumes a session shows no certificate.
    private static final int NO_TICKETS_SECONDS = 7 * 24 * 3600 + 1;

    private final Address address;
    private final List<String> files;
    private byte[][] contents;
    private Shown shown;
    private String complaint;

    private TlsCredentials(Address address) {
        this.address = address;
        this.files = List.of(CERTIFICATE.of(address), KEY.of(address), TRUST.of(address));
        if (files.get(0).isEmpty() != files.get(1).isEmpty()) {
            throw new InvalidAddressException(
                    address.withoutOptions() + ": a certificate goes with its key; give both ?cert= and ?key=");
        }
    }

    /// What an endpoint has.
    ///
    /// @throws InvalidAddressException if something is missing, or a file cannot be used
    static TlsCredentials toBind(Address address) {
        TlsCredentials credentials = new TlsCredentials(address);
        if (credentials.files.getFirst().isEmpty()) {
            throw new InvalidAddressException(address.withoutOptions()
                    + ": an endpoint of tls: proves who it is; give ?cert= and ?key=, in PEM (openssl req -x509 makes a pair)");
        }
        boolean trusts = !credentials.files.getLast().isEmpty();
        if (CLIENT.of(address) == Client.REQUIRED && !trusts) {
            throw new InvalidAddressException(address.withoutOptions()
                    + ": ?client=required needs ?trust=, the certificates of who signs those of clients");
        }
        if (trusts && !address.options().containsKey(CLIENT.name())) {
            throw new InvalidAddressException(address.withoutOptions()
                    + ": ?trust= keeps no client out by itself; demand certificates with ?client=required, or say"
                    + " ?client=none if anybody may connect");
        }
        credentials.shown = credentials.load();
        return credentials;
    }

    /// What a client has.
    ///
    /// @throws InvalidAddressException if a file cannot be used
    static TlsCredentials toConnect(Address address) {
        TlsCredentials credentials = new TlsCredentials(address);
        credentials.shown = credentials.load();
        return credentials;
    }

    /// What a connection that begins now shows and believes.
    synchronized Shown shown() {
        try {
            if (!Arrays.deepEquals(read(), contents)) {
                shown = load();
                LOG.debug("{}: certificates, keys and trust were read again", address.withoutOptions());
            }
            complaint = null;
        } catch (InvalidAddressException e) {
            complain(e);
        } catch (IOException e) {
            complain(unreadable(e));
        }
        return shown;
    }

    private void complain(InvalidAddressException e) {
        if (!e.getMessage().equals(complaint)) {
            complaint = e.getMessage();
            LOG.warn("{}; what was there before stays in use", complaint);
        }
    }

    /// What is wrong with the files since they were read last, as it was logged; null if nothing.
    synchronized String complaint() {
        return complaint;
    }

    private InvalidAddressException unreadable(IOException e) {
        return new InvalidAddressException(address.withoutOptions() + ": a file of TLS cannot be read: " + e, e);
    }

    private byte[][] read() throws IOException {
        byte[][] read = new byte[files.size()][];
        for (int i = 0; i < read.length; i++) {
            read[i] = files.get(i).isEmpty() ? new byte[0] : Files.readAllBytes(Path.of(files.get(i)));
        }
        return read;
    }

    private Shown load() {
        int at = 0;
        try {
            if (!files.get(1).isEmpty()) {
                PrivateFile.check(address, "key", Path.of(files.get(1)));
            }
            byte[][] read = read();
            Identity identity = null;
            if (!files.getFirst().isEmpty()) {
                List<X509Certificate> chain = Pem.certificates(read[0]);
                warnOfDates(chain.getFirst());
                at = 1;
                identity = new Identity(Pem.key(read[1], Identity.algorithm(chain.getFirst())), chain);
            }
            at = 2;
            boolean given = !files.get(2).isEmpty();
            Trust trust = new Trust(
                    given ? Pem.certificates(read[2]) : null,
                    given ? files.get(2) : "the JDK's list of authorities, as there is no ?trust=");
            SSLContext context = SSLContext.getInstance(VERSION);
            context.init(
                    identity == null ? new KeyManager[0] : new KeyManager[] {identity},
                    new TrustManager[] {trust},
                    null);
            context.getServerSessionContext().setSessionTimeout(NO_TICKETS_SECONDS);
            contents = read;
            return new Shown(context, identity != null, CLIENT.of(address) == Client.REQUIRED);
        } catch (IOException e) {
            throw unreadable(e);
        } catch (GeneralSecurityException e) {
            throw new InvalidAddressException(
                    address.withoutOptions() + ": " + files.get(at) + " cannot be used: " + e.getMessage(), e);
        }
    }

    private void warnOfDates(X509Certificate certificate) {
        Instant now = Instant.now();
        Instant from = certificate.getNotBefore().toInstant();
        Instant to = certificate.getNotAfter().toInstant();
        if (now.isBefore(from) || now.isAfter(to)) {
            LOG.warn("{}: the certificate in {} is valid from {} to {}; nobody will believe it now",
                    address.withoutOptions(), files.getFirst(), from, to);
        }
    }

    /// What connections show and believe that began at the same time.
    ///
    /// @param context of both
    /// @param hasCertificate whether this side shows one
    /// @param demandsCertificate whether a client must
    record Shown(SSLContext context, boolean hasCertificate, boolean demandsCertificate) {
        SSLEngine serverEngine() throws SSLException {
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(false);
            SSLParameters parameters = parameters(engine);
            parameters.setNeedClientAuth(demandsCertificate);
            return begun(engine, parameters);
        }

        /// @param server whose name must be in its certificate
        SSLEngine clientEngine(InetSocketAddress server) throws SSLException {
            SSLEngine engine = context.createSSLEngine(InetPlace.host(server), server.getPort());
            engine.setUseClientMode(true);
            SSLParameters parameters = parameters(engine);
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            return begun(engine, parameters);
        }

        private static SSLEngine begun(SSLEngine engine, SSLParameters parameters) throws SSLException {
            engine.setSSLParameters(parameters);
            engine.beginHandshake();
            return engine;
        }

        private static SSLParameters parameters(SSLEngine engine) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setProtocols(new String[] {VERSION});
            return parameters;
        }
    }
}
