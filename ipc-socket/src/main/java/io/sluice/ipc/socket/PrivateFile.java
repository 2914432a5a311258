package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.InvalidAddressException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/// A file that nobody but its owner may use: a key, a secret.
final class PrivateFile {
    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private PrivateFile() {}

    /// Refuses a file that others may read or write.
    ///
    /// @param what it is, for the message
    static void check(Address address, String what, Path path) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        if (view != null && view.readAttributes().permissions().stream().anyMatch(OTHERS::contains)) {
            throw new InvalidAddressException(address.withoutOptions() + ": the " + what + " " + path
                    + " may be used by others than its owner; chmod 600 it");
        }
    }
}
