package io.sluice.ipc.os.stream;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.Peer;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.Fifo;
import io.sluice.ipc.os.PollSet;
import io.sluice.ipc.os.PollWait;
import io.sluice.ipc.os.RuntimeDirectory;
import io.sluice.ipc.stream.Hello;
import io.sluice.ipc.stream.StreamChannel;
import io.sluice.ipc.stream.StreamPlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The client's half of opening a channel; no step of it waits beyond the deadline.
///
/// ```
///   1 make  NAME.ID.out, lock it, open it to read
///   2 make  what the carrier needs, and NAME.ID.in
///   3 write the request into NAME.SCHEME
///   4                                   the server opens in to read, out to write, and says Hello
///   5 out is readable: open in to write
///   6 take both names away, unless the carrier keeps them
///   7 say Hello, hear the server's
/// ```
///
/// A client that dies leaves at most two names, which the server, or the next one, takes away. If the server goes away in
/// between, everything begins anew: the next one may be coming up.
final class RendezvousConnect {
    private final Address address;
    private final Carrier carrier;
    private final RendezvousNames names;
    private final ConnectAttempts attempts;

    RendezvousConnect(Address address, Carrier carrier) {
        this.address = address;
        this.carrier = carrier;
        this.names = RendezvousNames.of(RuntimeDirectory.forConnect(false), address);
        this.attempts = new ConnectAttempts(address, names.directory());
    }

    Channel connect() throws InterruptedException {
        return attempts.open(this::tryConnect);
    }

    /// @return null if nobody is there, or whoever was is gone
    private Channel tryConnect() throws InterruptedException {
        Optional<Descriptor> requests = Fifo.openToWrite(names.requests());
        if (requests.isEmpty()) {
            return null;
        }
        RendezvousNames.Pair pair = names.pair(RendezvousNames.newId());
        Optional<Fifo> out = Fifo.make(pair.out());
        if (out.isEmpty()) {
            requests.get().close();
            return null;
        }
        Descriptor in = null;
        PolledStream stream = null;
        boolean done = false;
        try (Descriptor requestPipe = requests.get(); Carrier.Offer offer = carrier.offer(address, pair)) {
            Fifo.makeOnly(pair.in());
            if (request(requestPipe, pair.id()) && awaitServer(out.get().reader(), requestPipe)) {
                offer.hear(out.get().reader());
                in = Fifo.openToWrite(pair.in()).orElse(null);
            }
            if (!carrier.keepsNames()) {
                pair.unlink();
            }
            if (in == null) {
                return null;
            }
            stream = new PolledStream(offer.open(out.get().reader(), in), Peer.UNKNOWN);
            Channel channel = greet(stream);
            done = channel != null;
            return channel;
        } finally {
            if (!done) {
                if (stream != null) {
                    stream.close();
                } else if (in != null) {
                    in.close();
                }
                pair.unlink(); // last, so that nothing beside them is left without a name
                out.get().reader().close();
            }
        }
    }

    /// @return whether the request is in the server's pipe
    private boolean request(Descriptor requests, String id) throws InterruptedException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment line = arena.allocate(Request.LENGTH).copyFrom(MemorySegment.ofArray(Request.of(id)));
            while (true) {
                int written = requests.write(line, 0, Request.LENGTH);
                if (written == Descriptor.WOULD_BLOCK && attempts.remaining() > 0) {
                    attempts.pause(); // as full as that it is only if the server is stopped
                } else {
                    return written == Request.LENGTH;
                }
            }
        }
    }

    /// Waits for the server's first word.
    ///
    /// @return false if the server is gone, or the time is over
    private boolean awaitServer(Descriptor out, Descriptor requests) throws InterruptedException {
        attempts.found();
        if (Thread.currentThread().isVirtual()) {
            return awaitServerByLooking(out, requests);
        }
        try (PollWait wait = new PollWait()) {
            while (attempts.remaining() > 0) {
                wait.await(out, PollSet.IN, requests, 0, attempts.remaining());
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                int seen = PollWait.look(out, PollSet.IN);
                if (seen != 0) {
                    return (seen & PollSet.IN) != 0;
                }
                if (PollWait.look(requests, 0) != 0) {
                    return false;
                }
            }
        }
        return false;
    }

    /// As above, for a thread that must not hold its carrier.
    private boolean awaitServerByLooking(Descriptor out, Descriptor requests) throws InterruptedException {
        long nap = ConnectAttempts.FIRST_PAUSE_NANOS / 4;
        while (attempts.remaining() > 0) {
            int seen = PollWait.look(out, PollSet.IN);
            if (seen != 0) {
                return (seen & PollSet.IN) != 0;
            }
            if (PollWait.look(requests, 0) != 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.sleep(nap);
            nap = Math.min(2 * nap, ConnectAttempts.LONGEST_PAUSE_NANOS);
        }
        return false;
    }

    private Channel greet(PolledStream stream) throws InterruptedException {
        Hello mine = carrier.hello(address, false);
        Hello theirs;
        try {
            theirs = Hello.exchange(stream, mine, attempts.deadline());
        } catch (HandshakeException e) {
            throw new HandshakeException(address.withoutOptions() + ": " + e.getMessage(), e);
        }
        if (theirs == null) {
            return null;
        }
        carrier.opened(address, stream.conduit());
        return new StreamChannel(address, stream, StreamPlan.of(address, mine, theirs), carrier.promises());
    }
}
