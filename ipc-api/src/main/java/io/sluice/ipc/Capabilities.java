package io.sluice.ipc;

import java.util.Set;

/// What a channel promises and where its limits are.
///
/// @param promises what it keeps
/// @param maxMessage the largest message in bytes that can be sent: the smaller limit of the two sides
/// @param maxClaim the largest message in bytes that can be claimed, written and read in place; 0 if claiming is not
///     possible
public record Capabilities(Set<Capability> promises, int maxMessage, int maxClaim) {
    /// Copies the set.
    public Capabilities {
        promises = Set.copyOf(promises);
    }

    /// Whether the channel promises this.
    ///
    /// @param capability the promise
    /// @return true if it does
    public boolean has(Capability capability) {
        return promises.contains(capability);
    }
}
