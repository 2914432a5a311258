package io.sluice.ipc.os.stream;

import io.sluice.ipc.Peer;
import io.sluice.ipc.endpoint.ListeningEndpoint;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.Fifo;
import io.sluice.ipc.os.PollSet;
import io.sluice.ipc.stream.StreamChannel;
import io.sluice.ipc.stream.StreamEndpoint;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The endpoint's half of letting clients in: reads their [Request]s, and gives each a [Greeting]. On the loop's thread,
/// except for its beginning and its end.
final class RendezvousListener implements ListeningEndpoint.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(RendezvousListener.class);
    private static final int READ = 64 * Request.LENGTH;
    private static final long SWEEP_NANOS = 1_000_000_000;

    private final StreamEndpoint endpoint;
    private final RendezvousNames names;
    private final Carrier carrier;
    private final Fifo requests;
    private final Descriptor keeper;
    private final PollLoop loop = PollLoop.join();
    private final MemorySegment bytes = Arena.ofAuto().allocate(READ);
    private final Request.Reader reader = new Request.Reader();
    private final Set<Greeting> greetings = new HashSet<>();
    private final Deque<String> postponed = new ArrayDeque<>();
    private Poller.Watch watch;
    private long nextSweep = System.nanoTime();
    private boolean sweeping;
    private boolean paused;
    private boolean closed;

    /// @param keeper a writer of the pipe, so that it has no end when the last client has closed it
    private RendezvousListener(StreamEndpoint endpoint, RendezvousNames names, Carrier carrier, Fifo requests,
            Descriptor keeper) {
        this.endpoint = endpoint;
        this.names = names;
        this.carrier = carrier;
        this.requests = requests;
        this.keeper = keeper;
    }

    static RendezvousListener start(StreamEndpoint endpoint, RendezvousNames names, Carrier carrier, Fifo requests) {
        Optional<Descriptor> keeper = Fifo.openToWrite(requests.path());
        RendezvousListener listener = new RendezvousListener(endpoint, names, carrier, requests, keeper.orElse(null));
        listener.loop.execute(listener::watch);
        return listener;
    }

    private void watch() {
        if (watch == null && !closed && !paused) {
            watch = loop.watch(requests.reader(), PollSet.IN, _ -> read());
        }
    }

    private void read() {
        int length = requests.reader().read(bytes, 0, READ);
        if (length <= 0) {
            return;
        }
        long before = reader.skipped();
        postponed.addAll(reader.read(bytes, length));
        if (reader.skipped() > before) {
            LOG.warn("{}: somebody wrote something else than a request into {}; it was skipped", endpoint.address(),
                    requests.path());
        }
        open();
        sweepLater();
    }

    private void open() {
        while (!paused && !closed && !postponed.isEmpty()) {
            RendezvousNames.Pair pair = names.pair(postponed.poll());
            try {
                Optional<Conduit> conduit = open(pair);
                if (conduit.isPresent()) {
                    Greeting greeting = new Greeting(this, endpoint, carrier, pair, conduit.get());
                    greetings.add(greeting);
                    greeting.start(loop);
                } else {
                    LOG.debug("{}: a client went away before it was let in", endpoint.address());
                }
            } catch (RuntimeException e) {
                LOG.warn("{}: a client could not be let in: {}", endpoint.address(), e.getMessage());
            }
        }
    }

    private Optional<Conduit> open(RendezvousNames.Pair pair) {
        Optional<Descriptor> in = Fifo.openToRead(pair.in());
        Optional<Descriptor> out = Fifo.openToWrite(pair.out());
        if (in.isPresent() && out.isPresent() && (!carrier.keepsNames() || Fifo.hold(in.get()))) {
            return carrier.open(endpoint.address(), pair, in.get(), out.get());
        }
        in.ifPresent(Descriptor::close);
        out.ifPresent(Descriptor::close);
        return Optional.empty();
    }

    /// Clients that died while they connected are found when others connect, at most once a second.
    private void sweepLater() {
        if (!sweeping) {
            sweeping = true;
            loop.schedule(Math.max(0, nextSweep - System.nanoTime()), () -> {
                sweeping = false;
                nextSweep = System.nanoTime() + SWEEP_NANOS;
                if (!closed) {
                    names.sweep(carrier);
                }
            });
        }
    }

    /// A greeting is over; its names are not needed any more.
    void done(Greeting greeting, boolean alive) {
        greetings.remove(greeting);
        if (!alive) {
            carrier.clear(greeting.pair());
            greeting.pair().unlink();
        }
    }

    void arrived(StreamChannel channel) {
        if (!endpoint.arrived(channel)) {
            paused = true;
            if (watch != null) {
                watch.cancel();
                watch = null;
            }
        }
    }

    @Override
    public void resume() {
        loop.execute(() -> {
            paused = false;
            open();
            watch();
        });
    }

    @Override
    public void close() {
        requests.unlink(); // while the lock is held, so that nobody takes the name in between
        if (keeper != null) {
            keeper.close();
        }
        requests.reader().close();
        loop.execute(() -> {
            closed = true;
            if (watch != null) {
                watch.cancel();
                watch = null;
            }
            Set.copyOf(greetings).forEach(Greeting::endpointClosed);
            names.sweep(carrier);
        });
        loop.leave();
    }
}
