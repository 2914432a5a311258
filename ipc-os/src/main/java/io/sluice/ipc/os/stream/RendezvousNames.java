package io.sluice.ipc.os.stream;

import io.sluice.ipc.Address;
import io.sluice.ipc.os.Fifo;
import io.sluice.ipc.os.RuntimeDirectory;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the named pipes of an address are: all in the runtime directory. SCHEME is that of the address.
///
/// | name | what |
/// | --- | --- |
/// | `NAME.SCHEME` | read by the endpoint, which holds its lock: clients write a [Request] each into it |
/// | `NAME.ID.out` | from the endpoint to one client, made and locked by the client; ID is 32 hex digits |
/// | `NAME.ID.in` | from that client to the endpoint, which locks it if the names are kept ([Carrier#keepsNames()]) |
///
/// A client makes `out` first and takes it away last, and holds its lock meanwhile: so a pair is abandoned if nobody holds a
/// lock of it, or if there is only an `in`.
///
/// @param directory where they are
/// @param name of the endpoint
/// @param suffix the ending of the endpoint's pipe, with its dot
public record RendezvousNames(Path directory, String name, String suffix) {
    private static final Logger LOG = LoggerFactory.getLogger(RendezvousNames.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ID_BYTES = 16;
    static final Pattern ID = Pattern.compile("[0-9a-f]{" + 2 * ID_BYTES + "}");
    private static final String IN = ".in";
    private static final String OUT = ".out";

    /// The two pipes of a client.
    ///
    /// @param directory where they are
    /// @param name of the endpoint
    /// @param id of the client, 32 random hex digits
    public record Pair(Path directory, String name, String id) {
        /// The pipe from the client to the endpoint.
        ///
        /// @return its name
        public Path in() {
            return directory.resolve(name + "." + id + IN);
        }

        /// The pipe from the endpoint to the client.
        ///
        /// @return its name
        public Path out() {
            return directory.resolve(name + "." + id + OUT);
        }

        /// Another file that belongs to the client.
        ///
        /// @param ending after the id
        /// @return its name
        public Path other(String ending) {
            return directory.resolve(name + "." + id + ending);
        }

        /// Takes the names of both away; nobody needs them any more.
        public void unlink() {
            Fifo.unlink(in());
            Fifo.unlink(out());
        }
    }

    /// The names of an address.
    ///
    /// @param directory the runtime directory
    /// @param address the address, whose place has to be a name
    /// @return its names
    public static RendezvousNames of(RuntimeDirectory directory, Address address) {
        String suffix = "." + address.scheme();
        directory.socket(address, suffix); // checks the name
        return new RendezvousNames(directory.path(), address.place(), suffix);
    }

    /// An id that nobody else has.
    ///
    /// @return 32 random hex digits
    public static String newId() {
        byte[] id = new byte[ID_BYTES];
        RANDOM.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    /// The endpoint's pipe.
    ///
    /// @return its name
    public Path requests() {
        return directory.resolve(name + suffix);
    }

    /// The pipes of a client.
    ///
    /// @param id the client's
    /// @return their names
    public Pair pair(String id) {
        return new Pair(directory, name, id);
    }

    /// Takes away what clients have left that died.
    void sweep(Carrier carrier) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, name + ".*")) {
            for (Path file : files) {
                String rest = file.getFileName().toString().substring(name.length() + 1);
                int dot = rest.indexOf('.');
                if (dot > 0 && ID.matcher(rest.substring(0, dot)).matches()) {
                    sweep(carrier, pair(rest.substring(0, dot)), rest.substring(dot));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.debug("{} cannot be searched for leftovers", directory, e);
        }
    }

    private static void sweep(Carrier carrier, Pair pair, String ending) {
        boolean abandoned =
                switch (ending) {
                    case OUT ->
                        Fifo.look(pair.out()) == Fifo.State.ABANDONED && Fifo.look(pair.in()) != Fifo.State.HELD;
                    case IN ->
                        Fifo.look(pair.out()) == Fifo.State.MISSING && Fifo.look(pair.in()) == Fifo.State.ABANDONED;
                    default -> false;
                };
        if (abandoned) {
            carrier.clear(pair);
            Fifo.clear(pair.in());
            Fifo.clear(pair.out());
        }
    }
}
