package io.sluice.ipc.mq;

import io.sluice.ipc.Address;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.KernelQueue;
import io.sluice.ipc.os.PosixQueue;
import io.sluice.ipc.os.stream.Conduit;
import io.sluice.ipc.os.stream.RendezvousNames.Pair;
import java.util.Optional;

/// `mq:` channels: two POSIX queues, whose names are taken away as soon as both sides hold them. So the kernel removes them
/// with their last holder, and a crash leaves nothing but a client's that had not been let in yet.
///
/// They are small, because all queues of a user share `ulimit -q`, 819,200 bytes by default: see [QueueOptions#CHANNEL_DEPTH].
final class PosixCarrier extends QueueCarrier {
    static final PosixCarrier INSTANCE = new PosixCarrier();

    private static final int MODE = 0600;

    private PosixCarrier() {}

    @Override
    int largestWhole(Address address) {
        return QueueOptions.channelMessageSize(address) - Integer.BYTES;
    }

    @Override
    public boolean keepsNames() {
        return false;
    }

    /// From the client to the endpoint.
    private static String in(Pair pair) {
        return "/sluice." + pair.id() + ".in";
    }

    /// From the endpoint to the client.
    private static String out(Pair pair) {
        return "/sluice." + pair.id() + ".out";
    }

    @Override
    public Offer offer(Address address, Pair pair) {
        PosixQueue sending = make(address, in(pair));
        try {
            return new Made(address, pair, sending, make(address, out(pair)));
        } catch (RuntimeException e) {
            sending.close();
            clear(pair);
            throw e;
        }
    }

    private static PosixQueue make(Address address, String name) {
        int depth = QueueOptions.channelDepth(address);
        int size = QueueOptions.channelMessageSize(address);
        PosixQueue.Opened opened = PosixQueue.open(name, new PosixQueue.Opening(true, true, MODE, depth, size));
        if (opened.queue() == null) {
            throw QueueErrors.opening(new QueueName(address, name, 0), opened.error(), depth, size);
        }
        return opened.queue();
    }

    private static final class Made implements Offer {
        private final Address address;
        private final Pair pair;
        private final PosixQueue sending;
        private final PosixQueue receiving;
        private boolean used;

        Made(Address address, Pair pair, PosixQueue sending, PosixQueue receiving) {
            this.address = address;
            this.pair = pair;
            this.sending = sending;
            this.receiving = receiving;
        }

        @Override
        public void hear(Descriptor in) {
            QueueCarrier.hear(address, in);
        }

        @Override
        public Conduit open(Descriptor in, Descriptor out) {
            used = true;
            return conduit(receiving, sending, in, out);
        }

        @Override
        public void close() {
            INSTANCE.clear(pair);
            if (!used) {
                sending.close();
                receiving.close();
            }
        }
    }

    private static Conduit conduit(PosixQueue receiving, PosixQueue sending, Descriptor in, Descriptor out) {
        return new QueueConduit(
                receiving, sending, sending.messageSize(), new QueueConduit.Bells(in, out, null, null), _ -> {});
    }

    @Override
    public Optional<Conduit> open(Address address, Pair pair, Descriptor in, Descriptor out) {
        PosixQueue.Opening existing = new PosixQueue.Opening(false, false, 0, 0, 0);
        PosixQueue.Opened receiving = PosixQueue.open(in(pair), existing);
        PosixQueue.Opened sending = PosixQueue.open(out(pair), existing);
        if (receiving.queue() != null && sending.queue() != null) {
            tell(out, true);
            return Optional.of(conduit(receiving.queue(), sending.queue(), in, out));
        }
        if (receiving.queue() != null) {
            receiving.queue().close();
        }
        if (sending.queue() != null) {
            sending.queue().close();
        }
        int error = Math.min(receiving.error(), sending.error());
        if (error != KernelQueue.NO_ENTRY) {
            in.close();
            out.close();
            throw QueueErrors.opening(new QueueName(address, in(pair), 0), error, 0, 0);
        }
        tell(out, false);
        in.close();
        out.close();
        return Optional.empty();
    }

    @Override
    public void clear(Pair pair) {
        PosixQueue.unlink(in(pair));
        PosixQueue.unlink(out(pair));
    }
}
