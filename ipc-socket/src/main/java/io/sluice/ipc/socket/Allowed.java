package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.Peer;
import io.sluice.ipc.spi.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which users may be at the other end of a `unix:` channel. The kernel vouches for them, `SO_PEERCRED` in unix(7): nobody can
/// pretend to be another.
///
/// The file's permissions say who can reach the socket at all; this says who of them is let in. Without `allow` it is this
/// process's own user; with `group`, whoever the file lets through.
///
/// @param address whose options they are
/// @param users their names, or empty for anybody
record Allowed(Address address, Set<String> users) {
    private static final Logger LOG = LoggerFactory.getLogger(Allowed.class);

    /// The option of addresses.
    static final Option<String> ALLOW = Option.text(
            "allow",
            "",
            "names of users, divided by commas",
            "which users may be at the other end; this process's own unless given");

    /// The option of addresses.
    static final Option<String> GROUP = Option.text(
            "group",
            "",
            "the name of a group",
            "opens the endpoint to the members of a group; both sides give it");

    static Allowed at(Address address) {
        String given = ALLOW.of(address);
        if (!given.isEmpty()) {
            return new Allowed(address, new LinkedHashSet<>(List.of(given.split(",", -1))));
        }
        return new Allowed(address, group(address).isPresent() ? Set.of() : Set.of(System.getProperty("user.name")));
    }

    static Optional<String> group(Address address) {
        return Optional.of(GROUP.of(address)).filter(group -> !group.isEmpty());
    }

    private boolean has(Peer peer) {
        return users.isEmpty() || peer.user().isPresent() && users.contains(peer.user().get());
    }

    /// Lets a client in, or does not.
    Admission.Guest admit(SocketIo io, StreamSocket client) throws IOException {
        Peer peer = client.peer();
        if (!has(peer)) {
            LOG.warn("{}: a client was refused: it runs as {}, and the endpoint is for {}; ?allow= names who else may"
                    + " connect", address, name(peer), String.join(", ", users));
            return null;
        }
        return new Admission.Guest(new SocketStream(io, client, peer), new Handshake(address, List.of()));
    }

    /// Looks who listens.
    ///
    /// @param path of the socket
    /// @throws AuthenticationException if it is somebody whom this side does not trust
    Admission.Guest server(SocketIo io, StreamSocket socket, Path path) throws IOException {
        Peer peer = socket.peer();
        boolean owns = users.isEmpty() && Files.getOwner(path.getParent()).getName().equals(peer.user().orElse(""));
        if (users.isEmpty() ? !owns : !has(peer)) {
            throw new AuthenticationException(address.withoutOptions() + ": the endpoint is run by " + name(peer)
                    + (users.isEmpty()
                            ? ", who does not own its directory"
                            : ", and this side trusts "
                                    + String.join(", ", users) + "; ?allow= names whom else"));
        }
        return new Admission.Guest(new SocketStream(io, socket, peer), new Handshake(address, List.of()));
    }

    private static String name(Peer peer) {
        return peer.user().orElse("a user whom the system does not name");
    }
}
