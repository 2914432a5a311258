package io.sluice.ipc.pipe;

import io.sluice.ipc.Address;
import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Peer;
import io.sluice.ipc.endpoint.ListeningEndpoint;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.Fifo;
import io.sluice.ipc.os.PollSet;
import io.sluice.ipc.os.stream.PollLoop;
import io.sluice.ipc.os.stream.Poller;
import io.sluice.ipc.os.stream.RendezvousNames;
import io.sluice.ipc.stream.StreamChannel;
import io.sluice.ipc.stream.StreamEndpoint;
import io.sluice.ipc.stream.StreamPlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/// Lets in programs that know nothing of Sluice, with `framing=line` or `raw`: they open `NAME.in` to write, `NAME.out` to read,
/// or both.
///
/// Somebody is there when `in` has something to read, or `out` a reader. Then new pipes take the names over, in one step, so that
/// the next program finds them, and nobody ever finds none: a shell would make a file. Who opens a pipe in the
/// same instant as another shares its channel; what each writes in one go, up to 4 KiB, stays whole.
///
/// That `out` has a reader nothing tells: it is looked for every [#LOOK_NANOS].
final class NamedListener implements ListeningEndpoint.Listener {
    private static final long LOOK_NANOS = 20_000_000;

    private final StreamEndpoint endpoint;
    private final NamedPipes names;
    private final Fifo owned;
    private final Direction direction;
    private final PollLoop loop = PollLoop.join();
    private final MemorySegment skipped = Arena.ofAuto().allocate(4096);
    private Fifo in;
    private Fifo out;
    private Poller.Watch watch;
    private Poller.Watch requests;
    private boolean paused;
    private boolean closed;

    private NamedListener(StreamEndpoint endpoint, NamedPipes names, Fifo owned) {
        this.endpoint = endpoint;
        this.names = names;
        this.owned = owned;
        this.direction = Direction.OPTION.of(endpoint.address());
    }

    static NamedListener start(StreamEndpoint endpoint, NamedPipes names, Fifo owned) {
        Address address = endpoint.address();
        Direction direction = Direction.OPTION.of(address);
        for (Path path : new Path[] {names.in(), names.out()}) {
            boolean needed = path.equals(names.in()) ? direction.goesIn() : direction.goesOut();
            if (needed && Fifo.clear(path) == Fifo.State.FOREIGN) {
                throw new AddressInUseException(address.withoutOptions() + ": " + path + " is " + Fifo.describe(path)
                        + ", not a named pipe of this user; take it away or use another name");
            }
        }
        NamedListener listener = new NamedListener(endpoint, names, owned);
        listener.makePipes();
        listener.loop.execute(listener::watch);
        return listener;
    }

    private void makePipes() {
        if (direction.goesIn()) {
            in = make(names.in());
        }
        if (direction.goesOut()) {
            out = make(names.out());
            out.reader().close(); // or this process would be the reader that is waited for
        }
    }

    private Fifo make(Path path) {
        Optional<Fifo> made = Optional.empty();
        while (made.isEmpty()) {
            RendezvousNames.Pair pair = names.rendezvous().pair(RendezvousNames.newId());
            made = Fifo.make(path.equals(names.in()) ? pair.in() : pair.out());
        }
        made.get().rename(path);
        return made.get();
    }

    private synchronized void watch() {
        if (closed || paused) {
            return;
        }
        if (requests == null) {
            // Clients of framing=length ask here; nobody answers them.
            requests = loop.watch(owned.reader(), PollSet.IN, _ -> owned.reader().read(skipped, 0, 4096));
        }
        if (direction.goesOut()) {
            look();
        } else if (watch == null) {
            watch = loop.watch(in.reader(), PollSet.IN, events -> written(events));
        }
    }

    private synchronized void look() {
        if (closed || paused) {
            return;
        }
        Optional<Descriptor> writer = Fifo.openToWrite(names.out());
        if (writer.isPresent()) {
            open(direction.goesIn() ? in.reader() : null, writer.get());
        }
        loop.schedule(LOOK_NANOS, this::look);
    }

    private synchronized void written(int events) {
        watch.cancel();
        watch = null;
        if (closed) {
            return;
        }
        if ((events & PollSet.IN) != 0) {
            open(in.reader(), null);
        } else {
            // Somebody has opened it, written nothing, and closed it: its end would be reported for ever.
            in.reader().close();
            makePipes();
        }
        watch();
    }

    private void open(Descriptor reader, Descriptor writer) {
        makePipes();
        PipeCarrier.resize(endpoint.address(), writer);
        StreamChannel channel = new StreamChannel(
                endpoint.address(),
                PipeConduit.stream(reader, writer, Peer.UNKNOWN),
                StreamPlan.withoutHandshake(endpoint.address(), direction.goesOut(), direction.goesIn()),
                PipeCarrier.PROMISES);
        paused = !endpoint.arrived(channel);
    }

    @Override
    public void resume() {
        loop.execute(() -> {
            synchronized (this) {
                paused = false;
                watch();
            }
        });
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (in != null) {
            in.unlink();
            in.reader().close();
        }
        if (out != null) {
            out.unlink();
        }
        owned.unlink(); // last, while its lock is held
        owned.reader().close();
        loop.execute(() -> {
            for (Poller.Watch each : new Poller.Watch[] {watch, requests}) {
                if (each != null) {
                    each.cancel();
                }
            }
        });
        loop.leave();
    }
}
