package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.stream.Framing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A secret that both sides know, from a file; it never leaves the process.
final class Secret {
    /// The option of addresses.
    static final Option<String> OPTION = Option.text(
            "secret-file",
            "",
            "the path of a file",
            "both sides prove to each other that they have this file's contents, which does not encrypt what is sent");

    private static final int LEAST = 16;
    private static final int MOST = 4096;
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;

    /// @param bytes the secret
    Secret(byte[] bytes) {
        this.key = new SecretKeySpec(bytes, ALGORITHM);
    }

    /// What the address asks for.
    ///
    /// @return the secret, or null if none
    /// @throws InvalidAddressException if the file cannot be used
    static Secret of(Address address) {
        String file = OPTION.of(address);
        if (file.isEmpty()) {
            return null;
        }
        if (!Framing.OPTION.of(address).isSluice()) {
            throw new InvalidAddressException(address.withoutOptions()
                    + ": with ?framing=line or raw there is no handshake that could prove a secret; leave secret-file"
                    + " out, or use framing=length");
        }
        Path path = Path.of(file);
        try {
            PrivateFile.check(address, "secret", path);
            if (Files.size(path) < LEAST || Files.size(path) > MOST) {
                throw new InvalidAddressException(address.withoutOptions() + ": the secret " + path + " has "
                        + Files.size(path) + " bytes; " + LEAST + " to " + MOST
                        + " are allowed: head -c 32 /dev/urandom > " + path);
            }
            return new Secret(Files.readAllBytes(path));
        } catch (IOException e) {
            throw new InvalidAddressException(
                    address.withoutOptions() + ": the secret " + path + " cannot be read: " + e, e);
        }
    }

    /// The proof that somebody who has the secret has said all of this.
    byte[] prove(byte[]... parts) {
        Mac mac = mac();
        for (byte[] part : parts) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    /// What computes proofs, for one thread.
    Mac mac() {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }
}
