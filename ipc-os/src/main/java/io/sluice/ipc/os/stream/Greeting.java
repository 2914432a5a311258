package io.sluice.ipc.os.stream;

import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.Peer;
import io.sluice.ipc.os.PollSet;
import io.sluice.ipc.stream.Hello;
import io.sluice.ipc.stream.StreamChannel;
import io.sluice.ipc.stream.StreamEndpoint;
import io.sluice.ipc.stream.StreamPlan;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The server's half of the handshake with one client: says its [Hello], which tells the client that both pipes are held here, and
/// waits for the client's. On the loop's thread. A client that stalls is cut off after [#PATIENCE_NANOS].
final class Greeting {
    private static final Logger LOG = LoggerFactory.getLogger(Greeting.class);
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    private final RendezvousListener listener;
    private final StreamEndpoint endpoint;
    private final Carrier carrier;
    private final RendezvousNames.Pair pair;
    private final PolledStream stream;
    private final Hello mine;
    private final Hello.Exchange exchange;
    private Poller.Watch input;
    private Poller.Watch output;
    private boolean over;

    Greeting(
            RendezvousListener listener,
            StreamEndpoint endpoint,
            Carrier carrier,
            RendezvousNames.Pair pair,
            Conduit conduit) {
        this.listener = listener;
        this.endpoint = endpoint;
        this.carrier = carrier;
        this.pair = pair;
        this.stream = new PolledStream(conduit, Peer.UNKNOWN);
        this.mine = carrier.hello(endpoint.address(), true);
        this.exchange = new Hello.Exchange(mine);
    }

    RendezvousNames.Pair pair() {
        return pair;
    }

    void start(PollLoop loop) {
        try {
            boolean _ = exchange.write(stream); // a new pipe has room for it
            // Only what is announced is read: a pipe that no writer has opened yet looks as if it had ended.
            Conduit conduit = stream.conduit();
            input = loop.watch(conduit.input(), PollSet.IN, _ -> hear(false));
            output = loop.watch(conduit.life() == null ? conduit.output() : conduit.life(), 0, _ -> goneAway());
            loop.schedule(PATIENCE_NANOS, () -> abandon("it did not complete the handshake in time"));
        } catch (HandshakeException e) {
            abandon(e.getMessage());
        }
    }

    private void hear(boolean gone) {
        try {
            Hello theirs = exchange.read(stream);
            if (theirs != null) {
                end(true);
                carrier.opened(endpoint.address(), stream.conduit());
                StreamPlan plan = StreamPlan.of(endpoint.address(), mine, theirs);
                listener.arrived(new StreamChannel(endpoint.address(), stream, plan, carrier.promises()));
            }
        } catch (HandshakeException e) {
            if (gone) {
                abandon(e.getMessage());
            } else if (!over) {
                LOG.warn("{}: a client was cut off: {}", endpoint.address(), e.getMessage());
                end(false);
                stream.close();
            }
        }
    }

    /// The client reads no more; but it may have said everything, and closed.
    private void goneAway() {
        hear(true);
        abandon("it went away");
    }

    /// The endpoint was closed. A client that has said everything takes itself for connected, so it gets a channel, which the
    /// endpoint closes in order.
    void endpointClosed() {
        hear(true);
        abandon("the endpoint was closed");
    }

    /// Ends the handshake without a channel.
    void abandon(String reason) {
        if (!over) {
            LOG.debug("{}: the handshake with a client ended: {}", endpoint.address(), reason);
            end(false);
            stream.close();
        }
    }

    private void end(boolean alive) {
        over = true;
        for (Poller.Watch watch : new Poller.Watch[] {input, output}) {
            if (watch != null) {
                watch.cancel();
            }
        }
        listener.done(this, alive);
    }
}
