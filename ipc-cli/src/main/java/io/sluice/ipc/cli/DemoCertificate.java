package io.sluice.ipc.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/// A certificate for a demo of `tls:`, which signs itself, is for 127.0.0.1 and for a day; made by the JDK's keytool. It is in a folder
/// that nobody else can read: `certificate.pem` and `key.pem`.
final class DemoCertificate {
    private static final String ALIAS = "demo";
    private static final char[] PASSWORD = "changeit".toCharArray(); // the folder keeps others out

    private DemoCertificate() {}

    /// The options of an address that uses it on both sides.
    static String options(Path folder) {
        return "cert=" + certificate(folder) + "&key=" + key(folder) + "&trust=" + certificate(folder)
                + "&client=required";
    }

    private static Path certificate(Path folder) {
        return folder.resolve("certificate.pem");
    }

    private static Path key(Path folder) {
        return folder.resolve("key.pem");
    }

    /// Makes it, and the folder.
    ///
    /// @throws FailedException if that cannot be done
    static void make(Path folder) throws InterruptedException {
        try {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path keys = folder.resolve("keys.p12");
            runKeytool(keys);
            KeyStore store = KeyStore.getInstance(keys.toFile(), PASSWORD);
            write(certificate(folder), "CERTIFICATE", store.getCertificate(ALIAS).getEncoded());
            write(key(folder), "PRIVATE KEY", store.getKey(ALIAS, PASSWORD).getEncoded());
        } catch (IOException | GeneralSecurityException e) {
            throw new FailedException("no certificate can be made in " + folder + ": " + e, e);
        }
    }

    private static void runKeytool(Path keys) throws IOException, InterruptedException {
        Process keytool = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", ALIAS,
                "-keyalg", "EC", "-dname", "CN=demo", "-ext", "san=ip:127.0.0.1", "-validity", "1", "-keystore",
                keys.toString(), "-storetype", "PKCS12", "-storepass", new String(PASSWORD))
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool says " + said.strip());
        }
    }

    private static void write(Path file, String what, byte[] bytes) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
                + "\n-----END " + what + "-----\n");
    }
}
