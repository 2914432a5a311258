package io.sluice.ipc.pipe;

import io.sluice.ipc.Address;
import io.sluice.ipc.os.RuntimeDirectory;
import io.sluice.ipc.os.stream.RendezvousNames;
import java.nio.file.Path;

/// What other programs open by name, with `framing=line` or `raw`: `NAME.in` and `NAME.out` in the runtime directory.
///
/// @param rendezvous the names of the same address for clients that greet
record NamedPipes(RendezvousNames rendezvous) {
    static NamedPipes of(RuntimeDirectory directory, Address address) {
        return new NamedPipes(RendezvousNames.of(directory, address));
    }

    Path directory() {
        return rendezvous.directory();
    }

    /// What programs write to.
    Path in() {
        return directory().resolve(rendezvous.name() + ".in");
    }

    /// What programs read from.
    Path out() {
        return directory().resolve(rendezvous.name() + ".out");
    }
}
