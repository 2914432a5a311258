package io.sluice.ipc.socket;

import io.netty.util.concurrent.Future;
import io.sluice.ipc.endpoint.ListeningEndpoint;
import io.sluice.ipc.stream.StreamChannel;
import io.sluice.ipc.stream.StreamEndpoint;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The endpoint's half of letting clients in: accepts their sockets and gives each a [Greeting]. On the loop's thread, except for
/// its beginning and its end.
///
/// At most [#GREETINGS] greet at once, so that a flood of clients who say nothing costs that much and no more: the others
/// wait in the kernel. Where there is no descriptor left, it tries again after [#PAUSE_NANOS].
final class SocketListener implements ListeningEndpoint.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(SocketListener.class);
    private static final int GREETINGS = 1024;
    private static final int BATCH = 64;
    private static final long PAUSE_NANOS = 100_000_000;

    private final StreamEndpoint endpoint;
    private final SocketIo io;
    private final ServerSocket socket;
    private final Admission admission;
    private final Runnable released;
    private final SocketLoop loop;
    private final Set<Greeting> greetings = new HashSet<>();
    private LoopWatch watch;
    private Future<?> pause;
    private boolean failing;
    private boolean full;
    private volatile boolean closed;

    private SocketListener(
            StreamEndpoint endpoint, SocketIo io, ServerSocket socket, Admission admission, Runnable released) {
        this.endpoint = endpoint;
        this.io = io;
        this.socket = socket;
        this.admission = admission;
        this.released = released;
        this.loop = SocketLoop.join(io);
    }

    /// @param released frees what the address has beside the socket
    static SocketListener start(
            StreamEndpoint endpoint, SocketIo io, ServerSocket socket, Admission admission, Runnable released) {
        SocketListener listener = new SocketListener(endpoint, io, socket, admission, released);
        listener.loop.execute(() -> {
            listener.watch = listener.loop.watch(socket, (_, _) -> listener.accept());
            listener.review();
        });
        return listener;
    }

    private void review() {
        if (!closed) {
            watch.interest(!full && pause == null && greetings.size() < GREETINGS, false);
        }
    }

    private void accept() {
        for (int i = 0; i < BATCH && !closed && !full && greetings.size() < GREETINGS; i++) {
            try {
                StreamSocket client = socket.accept();
                if (client == null) {
                    break;
                }
                failing = false;
                greet(client);
            } catch (IOException e) {
                pauseAfter(e);
                break;
            }
        }
        review();
    }

    private void pauseAfter(IOException e) {
        if (!closed && pause == null) {
            if (!failing) {
                LOG.warn("{}: no client can be let in now: {}; if there are too many open files, raise ulimit -n",
                        endpoint.address(), e.getMessage());
            }
            failing = true;
            pause = loop.schedule(PAUSE_NANOS, () -> {
                pause = null;
                accept();
            });
        }
    }

    private void greet(StreamSocket client) {
        try {
            Admission.Guest guest = admission.admit(io, client);
            if (guest == null) {
                client.close();
                return;
            }
            Greeting greeting = new Greeting(this, endpoint, guest.stream(), guest.handshake());
            greetings.add(greeting);
            greeting.start(loop);
        } catch (IOException | RuntimeException e) {
            LOG.debug("{}: a client went away before it was let in", endpoint.address(), e);
            client.close();
        }
    }

    void done(Greeting greeting) {
        greetings.remove(greeting);
        if (!closed) {
            review();
        }
    }

    void arrived(StreamChannel channel) {
        if (!endpoint.arrived(channel)) {
            full = true;
            review();
        }
    }

    @Override
    public void resume() {
        loop.execute(() -> {
            full = false;
            review();
        });
    }

    /// Returns when the address is free: the system closes a socket that a selector has only after the selector's next
    /// look.
    @Override
    public void close() {
        closed = true; // before the socket is, so that it is no failure
        released.run();
        socket.close();
        loop.execute(() -> {
            watch.cancel();
            if (pause != null) {
                pause.cancel(false);
            }
            Set.copyOf(greetings).forEach(Greeting::endpointClosed);
        });
        loop.awaitNextLook();
        loop.leave();
    }
}
