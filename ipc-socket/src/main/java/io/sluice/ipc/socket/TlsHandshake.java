package io.sluice.ipc.socket;

import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.stream.ByteStream;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How the two ends of a connection agree on keys, and prove who they are: TLS 1.3, RFC 8446. What takes time is [#work()].
///
/// A client is done before the server has looked at its certificate; that it is refused, it hears when it reads.
final class TlsHandshake implements Introduction {
    private static final Logger LOG = LoggerFactory.getLogger(TlsHandshake.class);

    private final StreamSocket socket;
    private final TlsCredentials credentials;
    private final InetSocketAddress server;
    private TlsCredentials.Shown shown;
    private SSLEngine engine;
    private TlsInput input;
    private TlsOutput output;
    private IpcException refusal;
    private boolean peerGone;
    private volatile boolean done;

    /// @param socket beneath
    /// @param credentials of this side
    /// @param server whose name its certificate must have, if this side is the client, or null
    TlsHandshake(StreamSocket socket, TlsCredentials credentials, InetSocketAddress server) {
        this.socket = socket;
        this.credentials = credentials;
        this.server = server;
    }

    @Override
    public Wants advance(ByteStream stream) {
        if (engine == null) {
            return Wants.WORK;
        }
        while (true) {
            if (!output.flush()) {
                return Wants.OUTPUT;
            }
            if (refusal != null) {
                throw refusal;
            }
            if (output.isOver()) {
                throw gone();
            }
            try {
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK -> {
                        return Wants.WORK;
                    }
                    case NEED_WRAP -> output.speak();
                    case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                        int taken = input.takeHandshake();
                        if (taken == ByteStream.WOULD_BLOCK) {
                            return Wants.INPUT;
                        }
                        if (taken < 0) {
                            throw gone();
                        }
                    }
                    case FINISHED, NOT_HANDSHAKING -> {
                        done = true;
                        return Wants.NOTHING;
                    }
                }
            } catch (SSLException e) {
                refusal = refuse(e);
            }
        }
    }

    private HandshakeException gone() {
        peerGone = true;
        return new HandshakeException("the other side went away before it had greeted");
    }

    /// Tells the peer what is wrong, if it can still be told.
    ///
    /// @return the same for this side's user
    IpcException refuse(SSLException e) {
        LOG.debug("TLS fails", e);
        try {
            output.speak();
        } catch (SSLException again) {
            LOG.debug("the peer cannot be told", again);
        }
        return TlsFault.of(e, server != null, shown.hasCertificate(), input.isPlausible());
    }

    @Override
    public void work() {
        if (engine == null) {
            shown = credentials.shown();
            engine = newEngine();
            output = new TlsOutput(socket, engine);
            input = new TlsInput(socket, engine, output);
        } else {
            runTasks(engine);
        }
    }

    private SSLEngine newEngine() {
        try {
            return server == null ? shown.serverEngine() : shown.clientEngine(server);
        } catch (SSLException e) {
            throw new IllegalStateException("every JDK has TLS 1.3", e);
        }
    }

    static void runTasks(SSLEngine engine) {
        for (Runnable task; (task = engine.getDelegatedTask()) != null;) {
            task.run();
        }
    }

    @Override
    public boolean isPeerGone() {
        return peerGone;
    }

    /// Whether it is over, and in order.
    boolean isDone() {
        return done;
    }

    /// What comes in, once it is done.
    TlsInput input() {
        return input;
    }

    /// What goes out, once it is done.
    TlsOutput output() {
        return output;
    }
}
