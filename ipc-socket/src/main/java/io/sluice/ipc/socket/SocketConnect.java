package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.StandardOptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The client's half of opening a channel; no step of it waits beyond the deadline.
///
/// Each address is tried in turn, and all of them again until somebody listens. One who accepts and goes away before he has greeted is
/// taken for an endpoint that is closing: the next one may be coming up.
final class SocketConnect {
    /// Looks at somebody who listens.
    @FunctionalInterface
    interface Check {
        /// @param socket connected; nothing was read or written
        /// @param to where to, as it was asked for
        /// @return the stream to and from it, and how it is greeted
        Admission.Guest admit(SocketIo io, StreamSocket socket, SocketAddress to) throws IOException;
    }

    private final Address address;
    private final SocketIo io;
    private final Check check;
    private final String hint;
    private final long deadline;
    private String found;
    private Exception lastFailure;

    /// @param check looks at a socket that is connected, before a byte is exchanged
    /// @param hint what to do if nobody listens
    SocketConnect(Address address, SocketIo io, Check check, String hint) {
        this.address = address;
        this.io = io;
        this.check = check;
        this.hint = hint;
        this.deadline = Deadline.after(StandardOptions.CONNECT_TIMEOUT.of(address));
    }

    Channel connect(List<? extends SocketAddress> addresses) throws InterruptedException {
        return InTurn.connect(addresses, deadline, this::attempt, this::nobody);
    }

    private NoListenerException nobody() {
        String span = Quantities.duration(StandardOptions.CONNECT_TIMEOUT.of(address));
        return new NoListenerException(address.withoutOptions() + ": " + (found != null
                ? "somebody listens, but " + found + " within " + span
                        + "; it is stopped, overloaded, or no Sluice end (then ?framing=line or raw)"
                : "nobody listened within " + span + "; " + hint), lastFailure);
    }

    /// @return null if nobody is there, or whoever was is gone
    private Channel attempt(SocketAddress to, long nanos) throws InterruptedException {
        StreamSocket socket = null;
        boolean done = false;
        try {
            socket = io.connect(to);
            if (!awaitConnected(socket, nanos)) {
                return null;
            }
            socket.keepAlive(KeepAlive.of(address));
            Admission.Guest host = check.admit(io, socket, to);
            Channel channel = greet(host.stream(), host.handshake());
            done = channel != null;
            return channel;
        } catch (IOException e) {
            lastFailure = e;
            return null;
        } finally {
            if (!done && socket != null) {
                socket.close();
            }
        }
    }

    private boolean awaitConnected(StreamSocket socket, long nanos) throws IOException, InterruptedException {
        if (socket.finishConnect()) {
            return true;
        }
        // A connect to another machine takes long enough for a hop to the loop and back.
        SocketLoop loop = SocketLoop.join(io);
        try {
            CountDownLatch decided = new CountDownLatch(1);
            LoopWatch[] watch = new LoopWatch[1];
            loop.execute(() -> {
                watch[0] = loop.watch(socket, (_, _) -> {
                    watch[0].cancel();
                    decided.countDown();
                });
                watch[0].interest(false, true);
            });
            try {
                boolean inTime = decided.await(nanos, TimeUnit.NANOSECONDS);
                return inTime && socket.finishConnect();
            } finally {
                loop.execute(() -> watch[0].cancel());
            }
        } finally {
            loop.leave();
        }
    }

    private Channel greet(SocketStream stream, Handshake handshake) throws InterruptedException {
        boolean done = false;
        try {
            for (Wants wants; (wants = handshake.advance(stream)) != Wants.NOTHING;) {
                long left = Deadline.remaining(deadline);
                if (left == 0) {
                    found = found == null ? "did not greet" : found;
                    return null;
                }
                switch (wants) {
                    case INPUT -> stream.awaitReadable(left);
                    case OUTPUT -> stream.awaitWritable(left);
                    case WORK -> handshake.work();
                    case NOTHING -> throw new AssertionError();
                }
            }
            done = true;
            return Sockets.channel(address, stream, handshake.plan());
        } catch (HandshakeException e) {
            if (handshake.isPeerGone()) {
                found = "went away before it had greeted";
                lastFailure = e;
                return null;
            }
            throw new HandshakeException(address.withoutOptions() + ": " + e.getMessage(), e);
        } catch (AuthenticationException e) {
            throw new AuthenticationException(address.withoutOptions() + ": " + e.getMessage(), e);
        } finally {
            if (!done) {
                stream.close();
            }
        }
    }
}
