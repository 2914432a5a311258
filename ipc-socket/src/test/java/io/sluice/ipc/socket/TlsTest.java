package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.IpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who believes whom, and what is said if not.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TlsTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final String HERE = "127.0.0.1";

    @TempDir
    Path directory;
    private Authority root;
    private String trust;

    @BeforeEach
    void found() {
        root = Authority.root("root");
        trust = "trust=" + root.write(directory);
    }

    private String issued(String name, String... hosts) {
        return root.issue(name, hosts).write(directory, name);
    }

    private static Endpoint bind(String... options) {
        return Ipc.bind("tls://127.0.0.1:0?" + String.join("&", options));
    }

    /// The address of an endpoint as a client has it, with options of its own.
    private static String at(Endpoint endpoint, String... options) {
        String place = endpoint.address().withoutOptions();
        return options.length == 0 ? place : place + "?" + String.join("&", options);
    }

    private static void exchange(Endpoint endpoint, String address) throws InterruptedException {
        try (Channel client = Ipc.connect(address);
                Channel server = endpoint.accept()) {
            client.send(new byte[] {1});
            assertEquals(1, server.receive().bytes()[0]);
            server.send(new byte[] {2});
            assertEquals(2, client.receive().bytes()[0]);
        }
    }

    private static void assertRefused(Class<? extends IpcException> kind, String address, String... words) {
        TestPlace.assertMentions(assertThrows(kind, () -> Ipc.connect(address)), words);
    }

    /// What the server says of a client that connects in vain.
    private IpcException heardByTheServer(String address, String client) throws Exception {
        TlsCredentials credentials = TlsCredentials.toBind(Address.parse(address));
        try (ServerPeer server = new ServerPeer(credentials)) {
            Thread.ofPlatform().daemon().start(() -> {
                try (Channel channel = Ipc.connect("tls://127.0.0.1:" + server.port() + client)) {
                    channel.receive();
                } catch (IpcException | InterruptedException e) {
                    // as it should be
                }
            });
            return server.refusal();
        }
    }

    // ---- who is believed

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void keysOfEveryKindAreTaken(String algorithm) throws Exception {
        String server = root.issue("server", Authority.keys(algorithm), Authority.NOW, DAY, HERE).write(directory, "s");
        String client = root.issue("client", Authority.keys(algorithm), Authority.NOW, DAY).write(directory, "c");
        try (Endpoint endpoint = bind(server, trust, "client=required")) {
            exchange(endpoint, at(endpoint, client, trust));
        }
    }

    @Test
    void aChainLeadsToWhoIsTrusted() throws Exception {
        Authority office = root.intermediate("office");
        String server = office.issue("server", HERE).write(directory, "server");
        try (Endpoint endpoint = bind(server)) {
            exchange(endpoint, at(endpoint, trust));
        }
        Authority.Issued alone = office.issue("alone", HERE);
        alone.chain().removeLast();
        try (Endpoint endpoint = bind(alone.write(directory, "alone"))) {
            assertRefused(AuthenticationException.class, at(endpoint, trust), "CN=office", "?trust=");
        }
    }

    @Test
    void theServersOwnCertificateMayBeTrustedItself() throws Exception {
        try (Endpoint endpoint = bind(issued("server", HERE))) {
            exchange(endpoint, at(endpoint, "trust=" + directory.resolve("server.pem")));
        }
    }

    @Test
    void aServerThatNobodyTrustedHasSignedIsRefusedOnBothSides() throws Exception {
        String other = "trust=" + Authority.root("root of others").write(directory);
        String server = issued("server", HERE);
        try (Endpoint endpoint = bind(server)) {
            assertRefused(AuthenticationException.class, at(endpoint, other), at(endpoint), "CN=server", "CN=root",
                    "root of others.pem", "?trust=");
            assertRefused(AuthenticationException.class, at(endpoint), "the JDK's list of authorities", "?trust=");
            assertNull(endpoint.accept(Duration.ofMillis(50)), "nobody was let in");
        }
        TestPlace.assertMentions(heardByTheServer("tls://:0?" + server, "?" + other),
                "does not believe this endpoint's certificate", "?trust=");
    }

    @Test
    void aServerThatHasExpiredIsRefusedEvenIfItIsTrustedItself() throws Exception {
        String server = root.issue("old", Authority.keys("EC"), Authority.NOW.minus(DAY.multipliedBy(3)), DAY, HERE)
                .write(directory, "old");
        try (Endpoint endpoint = bind(server)) {
            assertRefused(AuthenticationException.class, at(endpoint, trust), "CN=old", "expired on", "clock");
            assertRefused(AuthenticationException.class, at(endpoint, "trust=" + directory.resolve("old.pem")),
                    "expired on");
        }
        TestPlace.assertMentions(heardByTheServer("tls://:0?" + server, "?" + trust), "certificate_expired");
        String future = root.issue("new", Authority.keys("EC"), Authority.NOW.plus(DAY.multipliedBy(3)), DAY, HERE)
                .write(directory, "new");
        try (Endpoint endpoint = bind(future)) {
            assertRefused(AuthenticationException.class, at(endpoint, trust), "CN=new", "is valid from");
        }
    }

    @Test
    void aServerOfAnotherNameIsRefused() throws Exception {
        try (Endpoint endpoint = bind(issued("server", "127.9.9.9", "elsewhere.example"))) {
            assertRefused(AuthenticationException.class, at(endpoint, trust), "127.9.9.9, elsewhere.example",
                    "not for 127.0.0.1");
        }
        try (Endpoint endpoint = bind(issued("named", "localhost"))) {
            String place = at(endpoint, trust);
            exchange(endpoint, place.replace(HERE, "localhost"));
            exchange(endpoint, place.replace(HERE, ""));
            assertRefused(AuthenticationException.class, place, "is for localhost", "not for 127.0.0.1");
        }
    }

    @Test
    void aServerWhoseCertificateIsSignedTooWeaklyIsRefusedForThat() throws Exception {
        Authority weak = Authority.weakRoot("root of old");
        try (Endpoint endpoint = bind(weak.issue("server", HERE).write(directory, "weak"))) {
            assertRefused(AuthenticationException.class, at(endpoint, "trust=" + weak.write(directory)),
                    "CN=server", "algorithm", "SHA224");
        }
    }

    @Test
    void anAddressOfVersionSixIsAName() throws Exception {
        try (Endpoint endpoint = Ipc.bind("tls://[::1]:0?" + issued("server", "::1"))) {
            exchange(endpoint, at(endpoint, trust));
        }
    }

    @Test
    void aClientWithoutACertificateAndOneWithAWrongOrAnExpiredOneAreRefusedOnBothSides() throws Exception {
        String server = issued("server", HERE);
        String wrong = Authority.root("root of others").issue("stranger").write(directory, "stranger");
        String old = root.issue("late", Authority.keys("EC"), Authority.NOW.minus(DAY.multipliedBy(3)), DAY)
                .write(directory, "late");
        try (Endpoint endpoint = bind(server, trust, "client=required")) {
            assertRefused(AuthenticationException.class, at(endpoint, trust), at(endpoint),
                    "this side has none", "?cert=");
            assertRefused(AuthenticationException.class, at(endpoint, trust, wrong), "does not believe", "?cert=");
            assertRefused(AuthenticationException.class, at(endpoint, trust, old), "does not believe", "expired");
            assertNull(endpoint.accept(Duration.ofMillis(50)), "nobody was let in");
            exchange(endpoint, at(endpoint, trust, issued("client")));
        }
        String demanding = "tls://:0?client=required&" + server + "&" + trust;
        TestPlace.assertMentions(heardByTheServer(demanding, "?" + trust), "has no certificate", "?cert=");
        TestPlace.assertMentions(heardByTheServer(demanding, "?" + trust + "&" + wrong),
                "client, CN=stranger", "root of others", "?trust=");
        TestPlace.assertMentions(heardByTheServer(demanding, "?" + trust + "&" + old), "client, CN=late", "expired on");
    }

    @Test
    void aRefusalThatComesAfterTheConnectIsTheReceiversError() throws Exception {
        try (Endpoint endpoint = bind(issued("server", HERE), trust, "client=required", "framing=line");
                Channel client = Ipc.connect(at(endpoint, trust, "framing=line"))) {
            TestPlace.assertMentions(assertThrows(IpcException.class, client::receive), at(endpoint),
                    "this side has none", "?cert=");
            assertNull(endpoint.accept(Duration.ofMillis(50)), "nobody was let in");
        }
    }

    @Test
    void aPlainEndAndOneOfTlsTellEachOtherApart() throws Exception {
        try (Endpoint endpoint = bind(issued("server", HERE))) {
            String plain = at(endpoint).replace("tls:", "tcp:");
            assertRefused(HandshakeException.class, plain, plain, "TLS", "tls:");
            assertRefused(IpcException.class, plain + "?secret-file=" + secret("one"), plain, "speaks TLS");
        }
        TestPlace.assertMentions(plainClient(), "not TLS", "tls: on both sides");
        try (Endpoint endpoint = Ipc.bind("tcp://127.0.0.1:0")) {
            String tls = at(endpoint, trust).replace("tcp:", "tls:");
            assertRefused(HandshakeException.class, tls, "not TLS", "tls: on both sides");
        }
    }

    private IpcException plainClient() throws Exception {
        TlsCredentials credentials = TlsCredentials.toBind(Address.parse("tls://:0?" + issued("server", HERE)));
        try (ServerPeer server = new ServerPeer(credentials)) {
            Thread.ofPlatform().daemon().start(
                    () -> assertThrows(IpcException.class, () -> Ipc.connect("tcp://127.0.0.1:" + server.port())));
            return server.refusal();
        }
    }

    private Path secret(String name) {
        return Authority.save(directory.resolve(name), "a secret called " + name);
    }

    @Test
    void aSecretIsDemandedInsideOfTls() throws Exception {
        String mine = "secret-file=" + secret("mine");
        try (Endpoint endpoint = bind(issued("server", HERE), mine)) {
            exchange(endpoint, at(endpoint, trust, mine));
            assertRefused(AuthenticationException.class, at(endpoint, trust, "secret-file=" + secret("yours")),
                    "same contents on both sides", "use tls: with ?client=required");
            assertRefused(HandshakeException.class, at(endpoint, trust), "?secret-file=");
        }
    }

    // ---- files

    private void assertUnusable(String options, String... words) {
        for (boolean binds : new boolean[] {true, false}) {
            String address = "tls://127.0.0.1:9?" + options;
            InvalidAddressException e = assertThrows(InvalidAddressException.class, () -> {
                if (binds) {
                    Ipc.bind(address);
                } else {
                    Ipc.connect(address);
                }
            });
            TestPlace.assertMentions(e, words);
            TestPlace.assertMentions(e, "tls://127.0.0.1:9");
        }
    }

    @Test
    void filesThatCannotBeUsedAreRefusedAndTheWayOutIsNamed() throws Exception {
        String good = issued("server", HERE);
        Path certificate = directory.resolve("server.pem");
        Path key = directory.resolve("server.key");
        String text = Files.readString(key);
        String pair = "cert=" + certificate + "&key=";

        Path open = Authority.save(directory.resolve("open.key"), text);
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r-----"));
        assertUnusable(pair + open, open.toString(), "others than its owner", "chmod 600");
        assertUnusable(pair + Authority.save(directory.resolve("encrypted.key"),
                text.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")), "encrypted.key", "encrypted", "openssl pkey");
        assertUnusable(pair + Authority.save(directory.resolve("old.key"),
                text.replace("PRIVATE KEY", "EC PRIVATE KEY")), "old.key", "PKCS #8", "openssl pkcs8");
        assertUnusable(pair + Authority.save(directory.resolve("none.key"), "nothing"), "none.key",
                "BEGIN PRIVATE KEY");
        issued("other");
        assertUnusable(pair + directory.resolve("other.key"), "other.key", "not the key of the certificate");
        root.issue("rsa", Authority.keys("RSA"), Authority.NOW, DAY).write(directory, "rsa");
        assertUnusable(pair + directory.resolve("rsa.key"), "rsa.key", "kind", "EC");
        assertUnusable("cert=" + key + "&key=" + key, "server.key", "BEGIN CERTIFICATE");
        assertUnusable("cert=" + certificate, "both ?cert= and ?key=");
        Path broken = Authority.save(directory.resolve("broken.pem"), Files.readString(certificate)
                .replaceFirst("(?s)-----\\n.*\\n-----", "-----\nQUJDR\n-----"));
        assertUnusable("cert=" + broken + "&key=" + key, "broken.pem", "BEGIN CERTIFICATE", "no Base64");
        assertUnusable(pair + Authority.save(directory.resolve("broken.key"),
                text.replaceFirst("(?s)-----\\n.*\\n-----", "-----\nQUJDR\n-----")), "broken.key", "no Base64");
        assertUnusable(good + "&client=none&trust=" + directory.resolve("missing.pem"), "missing.pem",
                "cannot be read");
    }

    @Test
    void whatAnEndpointLacksIsNamed() {
        String certificate = issued("server", HERE);
        TestPlace.assertMentions(
                assertThrows(InvalidAddressException.class, () -> bind(trust)), "?cert=", "?key=", "openssl req");
        TestPlace.assertMentions(
                assertThrows(InvalidAddressException.class, () -> bind(certificate, "client=required")), "?trust=");
        TestPlace.assertMentions(
                assertThrows(InvalidAddressException.class, () -> bind(certificate, trust)), "?trust=",
                "?client=required", "?client=none");
        bind(certificate, trust, "client=none").close();
    }

    @Test
    void changedFilesAreTakenForNewConnectionsAndBrokenOnesAreNot() throws Exception {
        String first = issued("server", HERE);
        String firstOnly = "trust=" + Files.copy(directory.resolve("server.pem"), directory.resolve("first.pem"));
        try (Endpoint endpoint = bind(first);
                Channel before = Ipc.connect(at(endpoint, firstOnly));
                Channel server = endpoint.accept()) {
            issued("server", HERE);
            String secondOnly =
                    "trust=" + Files.copy(directory.resolve("server.pem"), directory.resolve("second.pem"));
            exchange(endpoint, at(endpoint, secondOnly));
            assertRefused(AuthenticationException.class, at(endpoint, firstOnly), "CN=server");

            Authority.save(directory.resolve("server.pem"), "somebody is writing here");
            exchange(endpoint, at(endpoint, secondOnly));
            Authority.save(directory.resolve("server.pem"), Authority.pem("CERTIFICATE", List.of(new byte[4]))
                    .replace("AAAAAA==", "QUJDR"));
            exchange(endpoint, at(endpoint, secondOnly));
            Files.delete(directory.resolve("server.key"));
            exchange(endpoint, at(endpoint, secondOnly));

            issued("server", HERE);
            exchange(endpoint, at(endpoint, trust));
            assertRefused(AuthenticationException.class, at(endpoint, secondOnly), "CN=server");

            before.send(new byte[] {5});
            assertEquals(5, server.receive().bytes()[0], "what was there before goes on");
        }
    }

    @Test
    void filesThatCannotBeReadAnyMoreAreNamed() throws Exception {
        TlsCredentials credentials = TlsCredentials.toBind(Address.parse("tls://:9?" + issued("server", HERE)));
        TlsCredentials.Shown before = credentials.shown();
        assertNull(credentials.complaint());
        Files.delete(directory.resolve("server.pem"));
        assertSame(before, credentials.shown());
        for (String word : List.of("tls://:9: a file of TLS cannot be read", "NoSuchFile", "server.pem")) {
            assertTrue(credentials.complaint().contains(word), credentials::complaint);
        }
    }

    @Test
    void nobodyIsSaidToBeAUser() throws Exception {
        try (Endpoint endpoint = bind(issued("server", HERE), trust, "client=required");
                Channel client = Ipc.connect(at(endpoint, trust, issued("client")));
                Channel server = endpoint.accept()) {
            assertEquals(List.of(true, true),
                    List.of(client.peer().user().isEmpty(), server.peer().user().isEmpty()));
        }
    }

    @Test
    void theKeyNeedsNoMoreThanItsOwner() throws IOException {
        String certificate = issued("server", HERE);
        Files.setPosixFilePermissions(directory.resolve("server.key"), PosixFilePermissions.fromString("r--------"));
        try (Endpoint endpoint = bind(certificate)) {
            assertTrue(endpoint.address().toString().contains("server.key"));
        }
    }
}
