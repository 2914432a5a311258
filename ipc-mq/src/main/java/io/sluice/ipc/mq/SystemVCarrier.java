package io.sluice.ipc.mq;

import io.sluice.ipc.Address;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.Fifo;
import io.sluice.ipc.os.KernelQueue;
import io.sluice.ipc.os.QueueStatus;
import io.sluice.ipc.os.SystemVQueue;
import io.sluice.ipc.os.stream.Conduit;
import io.sluice.ipc.os.stream.RendezvousNames.Pair;
import java.nio.file.Path;
import java.util.Optional;

/// `sysv:` channels: two System V queues, whose keys are the first and the next 8 hex digits of the client's id.
///
/// The kernel removes no such queue by itself. So the names of the pipes stay as long as the channel: what is found under the id
/// of a pair that nobody holds is removed with it. Each side removes the queue that it reads when it closes, and the last
/// one, or the one whose peer has died, both of them.
final class SystemVCarrier extends QueueCarrier {
    static final SystemVCarrier INSTANCE = new SystemVCarrier();

    private static final int MODE = 0600;
    private static final int KEY_DIGITS = 8;
    private static final int HEX = 16;
    private static final long USUAL_SIZE = 8192;
    private static final String ROOM_IN = ".room-in";
    private static final String ROOM_OUT = ".room-out";

    private SystemVCarrier() {}

    @Override
    int largestWhole(Address address) {
        return (int) Math.min(Integer.MAX_VALUE, KernelLimits.SYSTEM_V_SIZE.valueOr(USUAL_SIZE)) - Integer.BYTES;
    }

    @Override
    public boolean keepsNames() {
        return true;
    }

    /// From the client to the endpoint.
    private static int in(Pair pair) {
        return Integer.parseUnsignedInt(pair.id(), 0, KEY_DIGITS, HEX);
    }

    /// From the endpoint to the client.
    private static int out(Pair pair) {
        return Integer.parseUnsignedInt(pair.id(), KEY_DIGITS, 2 * KEY_DIGITS, HEX);
    }

    /// That there is room in the queue to the endpoint; read by the client.
    private static Path roomOut(Pair pair) {
        return pair.other(ROOM_OUT);
    }

    /// That there is room in the queue to the client; read by the endpoint.
    private static Path roomIn(Pair pair) {
        return pair.other(ROOM_IN);
    }

    @Override
    public Offer offer(Address address, Pair pair) {
        int sending = make(address, in(pair));
        int receiving = 0;
        boolean made = false;
        try {
            receiving = make(address, out(pair));
            Fifo.makeOnly(roomOut(pair));
            Fifo.makeOnly(roomIn(pair));
            Descriptor room = Fifo.openToRead(roomOut(pair)).orElseThrow();
            made = true;
            return new Made(address, pair, receiving, sending, room);
        } finally {
            if (!made) {
                remove(sending);
                remove(receiving);
                unlink(pair);
            }
        }
    }

    /// @return the id of a new queue
    private static int make(Address address, int key) {
        QueueName name = new QueueName(address, null, key);
        int id = SystemVQueue.find(key, true, true, MODE);
        if (id < 0) {
            throw QueueErrors.opening(name, id, 0, 0);
        }
        int capacity = QueueOptions.CAPACITY.of(address);
        if (capacity > 0) {
            int error = new SystemVQueue(id, 0).setCapacity(capacity);
            if (error < 0) {
                remove(id);
                throw QueueErrors.capacity(name, capacity, error);
            }
        }
        return id;
    }

    private static void remove(int id) {
        if (id > 0) {
            SystemVQueue.remove(id); // it may be gone already
        }
    }

    private static void unlink(Pair pair) {
        Fifo.unlink(roomIn(pair));
        Fifo.unlink(roomOut(pair));
    }

    private static final class Made implements Offer {
        private final Address address;
        private final Pair pair;
        private final int receiving;
        private final int sending;
        private final Descriptor room;
        private boolean used;

        Made(Address address, Pair pair, int receiving, int sending, Descriptor room) {
            this.address = address;
            this.pair = pair;
            this.receiving = receiving;
            this.sending = sending;
            this.room = room;
        }

        @Override
        public void hear(Descriptor in) {
            QueueCarrier.hear(address, in);
        }

        @Override
        public Conduit open(Descriptor in, Descriptor out) {
            Descriptor roomTo = Fifo.openToWrite(roomIn(pair)).orElse(out); // the endpoint is gone: so will be the first read
            used = true;
            return conduit(pair, receiving, sending, new QueueConduit.Bells(in, out, room, roomTo));
        }

        @Override
        public void close() {
            if (used) {
                unlink(pair); // both sides hold them
            } else {
                INSTANCE.clear(pair);
                room.close();
            }
        }
    }

    private static Conduit conduit(Pair pair, int receiving, int sending, QueueConduit.Bells bells) {
        int largest = (int) Math.min(Integer.MAX_VALUE, KernelLimits.SYSTEM_V_SIZE.valueOr(USUAL_SIZE));
        QueueStatus status = new QueueStatus();
        long capacity = new SystemVQueue(sending, largest).status(status) == 0 ? status.capacity() : 2L * largest;
        int unit = Math.clamp(capacity / 2, 1, largest);
        return new QueueConduit(
                new SystemVQueue(receiving, largest),
                new SystemVQueue(sending, unit),
                unit,
                bells,
                peerIsGone -> release(pair, receiving, sending, peerIsGone));
    }

    /// Nobody reads what was sent to this side any more. What it has sent is the peer's to read, if there is one.
    private static void release(Pair pair, int receiving, int sending, boolean peerIsGone) {
        remove(receiving);
        if (peerIsGone) {
            remove(sending);
            pair.unlink();
        }
    }

    @Override
    public Optional<Conduit> open(Address address, Pair pair, Descriptor in, Descriptor out) {
        int receiving = SystemVQueue.find(in(pair), false, false, 0);
        int sending = SystemVQueue.find(out(pair), false, false, 0);
        if (receiving >= 0 && sending >= 0) {
            Optional<Descriptor> roomFrom = Fifo.openToRead(roomIn(pair));
            Optional<Descriptor> roomTo = Fifo.openToWrite(roomOut(pair));
            if (roomFrom.isPresent() && roomTo.isPresent()) {
                tell(out, true);
                return Optional.of(conduit(
                        pair, receiving, sending, new QueueConduit.Bells(in, out, roomFrom.get(), roomTo.get())));
            }
            roomFrom.ifPresent(Descriptor::close);
            roomTo.ifPresent(Descriptor::close);
        } else {
            int error = Math.min(receiving, sending);
            if (error != KernelQueue.NO_ENTRY) {
                in.close();
                out.close();
                throw QueueErrors.opening(new QueueName(address, null, in(pair)), error, 0, 0);
            }
            tell(out, false);
        }
        in.close();
        out.close();
        return Optional.empty();
    }

    @Override
    public void clear(Pair pair) {
        for (int key : new int[] {in(pair), out(pair)}) {
            remove(SystemVQueue.find(key, false, false, 0));
        }
        unlink(pair);
    }
}
