package io.sluice.ipc.spi;

import io.sluice.ipc.Address;
import io.sluice.ipc.InvalidAddressException;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/// The transports on the class path or the module path.
public final class Transports {
    /// Schemes of our own modules, so that a missing one can be named.
    private static final Map<String, String> ARTIFACTS = Map.ofEntries(
            Map.entry("shm", "ipc-shm"),
            Map.entry("stdio", "ipc-pipe"),
            Map.entry("pipe", "ipc-pipe"),
            Map.entry("tcp", "ipc-socket"),
            Map.entry("tls", "ipc-socket"),
            Map.entry("udp", "ipc-socket"),
            Map.entry("unix", "ipc-socket"),
            Map.entry("file", "ipc-file"),
            Map.entry("mq", "ipc-mq"),
            Map.entry("sysv", "ipc-mq"),
            Map.entry("amqp", "ipc-mq"));

    private static final List<Transport> PRESENT = ServiceLoader.load(Transport.class, Transport.class.getClassLoader())
            .stream()
            .map(ServiceLoader.Provider::get)
            .toList();

    private Transports() {}

    /// All that are there.
    ///
    /// @return one of each, in no particular order
    public static List<Transport> present() {
        return PRESENT;
    }

    /// The one that an address is for.
    ///
    /// @param address the address
    /// @return its transport
    /// @throws InvalidAddressException if there is none; the message says which dependency to add
    public static Transport forScheme(Address address) {
        return PRESENT.stream()
                .filter(transport -> transport.schemes().contains(address.scheme()))
                .findFirst()
                .orElseThrow(() -> missing(address));
    }

    private static InvalidAddressException missing(Address address) {
        String artifact = ARTIFACTS.get(address.scheme());
        if (artifact != null) {
            return new InvalidAddressException(address + ": the transport of " + address.scheme()
                    + ": is not on the class path; add the Maven dependency io.sluice:" + artifact);
        }
        String known = PRESENT.stream()
                .flatMap(transport -> transport.schemes().stream())
                .sorted()
                .collect(Collectors.joining(", "));
        return new InvalidAddressException(
                address + ": unknown scheme '" + address.scheme() + "'; on the class path are " + known);
    }
}
