package io.sluice.ipc;

import java.util.Optional;
import java.util.OptionalLong;

/// Who is at the other end, as far as the operating system vouches for it; nothing here is the peer's own word.
///
/// @param user the name of the user that the peer runs as
/// @param group the name of its group
/// @param pid its process, as seen from here
public record Peer(Optional<String> user, Optional<String> group, OptionalLong pid) {
    /// Nothing is proven.
    public static final Peer UNKNOWN = new Peer(Optional.empty(), Optional.empty(), OptionalLong.empty());
}
