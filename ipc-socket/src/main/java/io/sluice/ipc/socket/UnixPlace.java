package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.os.RuntimeDirectory;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// Where the socket file of a `unix:` address is: `NAME.unix` in the runtime directory, or the path that the address gives.
final class UnixPlace {
    private static final String SUFFIX = ".unix";

    private UnixPlace() {}

    static Path toBind(Address address) {
        if (!isPath(address)) {
            return RuntimeDirectory.forBind().socket(address, SUFFIX);
        }
        Path path = path(address);
        if (path.getParent() == null || !Files.isDirectory(path.getParent())) {
            throw new InvalidAddressException(
                    address.withoutOptions() + ": there is no directory " + path.getParent() + "; make it first");
        }
        return path;
    }

    static Path toConnect(Address address) {
        return isPath(address)
                ? path(address)
                : RuntimeDirectory.forConnect(Allowed.group(address).isPresent()).socket(address, SUFFIX);
    }

    private static boolean isPath(Address address) {
        return address.place().startsWith("/");
    }

    private static Path path(Address address) {
        try {
            return RuntimeDirectory.checkSocket(address, Path.of(address.place()).normalize());
        } catch (InvalidPathException e) {
            throw new InvalidAddressException(address.withoutOptions() + ": it is no path: " + e.getReason(), e);
        }
    }
}
