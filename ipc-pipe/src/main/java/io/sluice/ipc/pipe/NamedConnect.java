package io.sluice.ipc.pipe;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Peer;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.Fifo;
import io.sluice.ipc.os.RuntimeDirectory;
import io.sluice.ipc.os.stream.ConnectAttempts;
import io.sluice.ipc.os.stream.PolledStream;
import io.sluice.ipc.stream.StreamChannel;
import io.sluice.ipc.stream.StreamPlan;
import java.util.Optional;

/// A client with `framing=line` or `raw`: it opens the pipes that other programs open by name, too; see [NamedListener].
final class NamedConnect {
    private final Address address;
    private final NamedPipes names;
    private final ConnectAttempts attempts;

    NamedConnect(Address address) {
        this.address = address;
        this.names = NamedPipes.of(RuntimeDirectory.forConnect(false), address);
        this.attempts = new ConnectAttempts(address, names.directory());
    }

    Channel connect() throws InterruptedException {
        return attempts.open(this::tryOpen);
    }

    private Channel tryOpen() throws InterruptedException {
        Direction direction = Direction.OPTION.of(address);
        Optional<Descriptor> in = direction.goesIn() ? Fifo.openToWrite(names.in()) : Optional.empty();
        if (direction.goesIn() && in.isEmpty()) {
            return null;
        }
        Descriptor out = null;
        boolean done = false;
        try {
            if (direction.goesOut()) {
                Object which = Fifo.identity(names.out());
                out = Fifo.openToRead(names.out()).orElse(null);
                if (out == null || !awaitWriter(which)) {
                    return null;
                }
            }
            PolledStream stream = PipeConduit.stream(out, in.orElse(null), Peer.UNKNOWN);
            PipeCarrier.resize(address, in.orElse(null));
            done = true;
            return new StreamChannel(
                    address,
                    stream,
                    StreamPlan.withoutHandshake(address, direction.goesIn(), direction.goesOut()),
                    PipeCarrier.PROMISES);
        } finally {
            if (!done) {
                in.ifPresent(Descriptor::close);
                if (out != null) {
                    out.close();
                }
            }
        }
    }

    /// A pipe that nobody has opened to write looks as if it had ended. Once somebody has, the name is another pipe's.
    private boolean awaitWriter(Object which) throws InterruptedException {
        attempts.found();
        while (which != null && which.equals(Fifo.identity(names.out()))) {
            if (attempts.remaining() == 0) {
                return false;
            }
            attempts.pause();
        }
        return which != null;
    }
}
