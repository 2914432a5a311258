package io.sluice.ipc.cli;

import io.sluice.ipc.Address;
import io.sluice.ipc.spi.Transport;
import io.sluice.ipc.spi.Transports;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A scheme to try, and the address to try it at.
///
/// @param scheme the scheme
/// @param synchronisation what its transport says of itself
/// @param address where to bind; clients connect to what the endpoint then says it is bound to
/// @param oneProcess whether both ends must be in one process
record Trial(String scheme, String synchronisation, Address address, boolean oneProcess) {
    /// One trial for every scheme of every transport on the class path, those within a process first.
    static List<Trial> all() {
        List<Trial> trials = new ArrayList<>();
        for (Transport transport : Transports.present()) {
            for (String scheme : transport.schemes()) {
                trials.add(of(scheme, transport));
            }
        }
        trials.sort(Comparator.comparing((Trial trial) -> !trial.oneProcess).thenComparing(Trial::scheme));
        return trials;
    }

    /// A trial of an address that the user gave.
    static Trial at(Address address) {
        Transport transport = Transports.forScheme(address);
        return new Trial(address.scheme(), transport.synchronisation(), address, isOneProcess(address.scheme()));
    }

    private static Trial of(String scheme, Transport transport) {
        return new Trial(scheme, transport.synchronisation(), Address.parse(scheme + ":" + place(scheme)),
                isOneProcess(scheme));
    }

    private static boolean isOneProcess(String scheme) {
        return scheme.equals("inproc");
    }

    /// The one place that knows how a scheme's places look: most are names, which need only be nobody else's.
    private static String place(String scheme) {
        return switch (scheme) {
            default -> "demo-" + Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX);
        };
    }
}
