package io.sluice.ipc.socket;

import io.netty.util.concurrent.Future;
import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.stream.StreamEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The endpoint's half of the [Handshake] with one client, on the loop's thread. A client that is slow, whatever it sends meanwhile, is cut off after [#PATIENCE_NANOS].
final class Greeting {
    private static final Logger LOG = LoggerFactory.getLogger(Greeting.class);
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    private final SocketListener listener;
    private final StreamEndpoint endpoint;
    private final SocketStream stream;
    private final Handshake handshake;
    private SocketLoop loop;
    private Future<?> patience;
    private boolean working;
    private boolean over;

    Greeting(SocketListener listener, StreamEndpoint endpoint, SocketStream stream, Handshake handshake) {
        this.listener = listener;
        this.endpoint = endpoint;
        this.stream = stream;
        this.handshake = handshake;
    }

    void start(SocketLoop joined) {
        loop = joined;
        patience = loop.schedule(PATIENCE_NANOS, () -> refuse("it did not complete the handshake in time"));
        step();
    }

    private void step() {
        if (over || working) {
            return;
        }
        try {
            switch (handshake.advance(stream)) {
                case INPUT -> stream.whenReadable(this::step);
                case OUTPUT -> stream.whenWritable(this::step);
                case WORK -> {
                    working = true;
                    HandshakeThreads.execute(this::work);
                }
                case NOTHING -> {
                    end();
                    listener.arrived(Sockets.channel(endpoint.address(), stream, handshake.plan()));
                }
            }
        } catch (HandshakeException | AuthenticationException e) {
            if (handshake.isPeerGone()) {
                abandon(e.getMessage());
            } else {
                refuse(e.getMessage());
            }
        }
    }

    /// On another thread: others are greeted meanwhile.
    private void work() {
        try {
            handshake.work();
            loop.execute(() -> {
                working = false;
                step();
            });
        } catch (RuntimeException | Error e) {
            loop.execute(() -> refuse("this side cannot greet it", e));
        }
    }

    private void refuse(String why) {
        refuse(why, null);
    }

    /// @param failure of this side, or null if it is the client's
    private void refuse(String why, Throwable failure) {
        if (!over) {
            LOG.warn("{}: a client was cut off: {}", endpoint.address().withoutOptions(), why, failure);
            end();
            stream.close();
        }
    }

    /// The endpoint was closed. A client that has said everything takes itself for connected, so it gets a channel, which the
    /// endpoint closes in order.
    void endpointClosed() {
        step();
        abandon("the endpoint was closed");
    }

    /// Ends the handshake without a channel.
    private void abandon(String reason) {
        if (!over) {
            LOG.debug("{}: the handshake with a client ended: {}", endpoint.address().withoutOptions(), reason);
            end();
            stream.close();
        }
    }

    private void end() {
        over = true;
        if (patience != null) {
            patience.cancel(false);
        }
        listener.done(this);
    }
}
