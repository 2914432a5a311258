package io.sluice.ipc.cli;

import io.sluice.ipc.Address;
import io.sluice.ipc.spi.Transport;
import io.sluice.ipc.spi.Transports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// A scheme to try, and the address to try it at.
///
/// @param scheme the scheme
/// @param synchronisation what its transport says of itself
/// @param address where to bind; clients connect to what the endpoint then says it is bound to
/// @param ends where its two ends can be
record Trial(String scheme, String synchronisation, Address address, Ends ends) {
    /// Where the two ends of a transport can be.
    enum Ends {
        /// In one process.
        ONE_PROCESS,
        /// In a process and another that it has started.
        PARENT_AND_CHILD,
        /// In any two processes.
        ANY
    }

    /// One trial for every scheme of every transport on the class path, those within a process first.
    static List<Trial> all() {
        List<Trial> trials = new ArrayList<>();
        for (Transport transport : Transports.present()) {
            for (String scheme : transport.schemes()) {
                trials.add(of(scheme, transport));
            }
        }
        trials.sort(Comparator.comparing((Trial trial) -> !trial.oneProcess()).thenComparing(Trial::scheme));
        return trials;
    }

    /// A trial of an address that the user gave.
    static Trial at(Address address) {
        Transport transport = Transports.forScheme(address);
        return new Trial(address.scheme(), transport.synchronisation(), address, ends(address.scheme()));
    }

    private static Trial of(String scheme, Transport transport) {
        return new Trial(scheme, transport.synchronisation(), Address.parse(scheme + ":" + place(scheme)),
                ends(scheme));
    }

    /// Whether both ends must be in one process.
    boolean oneProcess() {
        return ends == Ends.ONE_PROCESS;
    }

    /// Whether one end must start the other.
    boolean parentAndChild() {
        return ends == Ends.PARENT_AND_CHILD;
    }

    private static Ends ends(String scheme) {
        return switch (scheme) {
            case "inproc" -> Ends.ONE_PROCESS;
            case "stdio" -> Ends.PARENT_AND_CHILD;
            default -> Ends.ANY;
        };
    }

    /// The one place that knows how a scheme's places look: most are names, which need only be nobody else's.
    private static String place(String scheme) {
        return switch (scheme) {
            case "stdio" -> "";
            case "file" -> folder().toString();
            case "tcp", "udp" -> "//127.0.0.1:0"; // the system chooses the port
            case "tls" -> "//127.0.0.1:0?" + DemoCertificate.options(folder());
            default -> name();
        };
    }

    private static Path folder() {
        return Path.of(System.getProperty("java.io.tmpdir"), name());
    }

    private static String name() {
        return "demo-" + Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX);
    }

    /// Makes what a trial needs: a certificate.
    void prepare() throws InterruptedException {
        if (scheme.equals("tls")) {
            DemoCertificate.make(folder());
        }
    }

    /// Deletes what stays after a trial on purpose: the messages, or the certificate, in a folder.
    void clearUp() {
        if ((scheme.equals("file") || scheme.equals("tls")) && Files.exists(folder())) {
            try (Stream<Path> files = Files.walk(folder())) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            } catch (IOException | UncheckedIOException e) {
                Terminal.error(folder() + " cannot be deleted: " + e.getMessage());
            }
        }
    }
}
