package io.sluice.ipc.shm;

import io.sluice.ipc.os.Futex;
import io.sluice.ipc.os.MemoryFile;
import io.sluice.ipc.ring.Doorbell;
import io.sluice.ipc.ring.RingLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Random;

/// A client that knows the wire format and nothing else: it sends and takes messages as it should, and it can write
/// whatever it likes into the memory that it shares with its server. For one thread, except [#scribble].
final class RawClient implements AutoCloseable {
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    // See RingLayout and Doorbell, and docs/wire-format.md.
    private static final long CONSUMER_POSITION = 0;
    private static final long CONSUMER_WAITING = 128;
    private static final long PRODUCER_WAITING = 256;
    private static final int HEADER = 8;
    private static final long WHOLE = 1L << 32;
    private static final long PADDING = 5L << 32;
    private static final long DOORBELL_WAITING = 0;
    private static final long DOORBELL_RUNG = 128;
    /// The words before the rings, which count in the handshake only.
    private static final int MEMORY_HEADER_WORDS = 16;

    private final SocketChannel socket;
    private final MemoryFile memory;
    private final MemoryFile bell;
    private final int slot;
    private final int capacity;
    private final MemorySegment outbound;
    private final MemorySegment inbound;
    private long sent;
    private long taken;

    private RawClient(SocketChannel socket, Welcome welcome) throws IOException {
        this.socket = socket;
        this.slot = welcome.slot();
        this.capacity = welcome.capacity();
        this.memory = MemoryFile.open(Path.of(welcome.memory()), ShmLayout.length(capacity));
        this.bell = MemoryFile.open(Path.of(welcome.doorbell()), Doorbell.LENGTH);
        this.outbound = ShmLayout.clientToServer(memory.memory(), capacity);
        this.inbound = ShmLayout.serverToClient(memory.memory(), capacity);
    }

    static RawClient connect(Path rendezvous) throws IOException {
        SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(rendezvous));
        socket.write(new Hello(ShmLayout.VERSION, true, 1 << 20).encode());
        ByteBuffer answer = ByteBuffer.allocate(10_000);
        socket.read(answer);
        RawClient client = new RawClient(socket, Welcome.decode(answer.flip()));
        socket.write(ByteBuffer.wrap(new byte[] {Welcome.MAPPED}));
        socket.configureBlocking(false);
        return client;
    }

    int slot() {
        return slot;
    }

    int capacity() {
        return capacity;
    }

    /// Sends a message of zeros if there is room for it.
    void offer(int length) throws IOException {
        int record = HEADER + length + 7 & -8;
        int index = (int) (sent & capacity - 1);
        boolean fits = index + record <= capacity;
        int needed = fits ? record : capacity - index;
        long consumed = (long) LONG.getAcquire(outbound, CONSUMER_POSITION);
        if (sent + needed + HEADER > consumed + capacity) {
            return;
        }
        write(outbound, sent + needed, 0);
        LONG.setRelease(outbound, record(sent), fits ? WHOLE | length : PADDING | needed - HEADER);
        sent += needed;
        wake(outbound, CONSUMER_WAITING);
    }

    /// Takes what the server has sent.
    void drain() throws IOException {
        long header;
        for (int i = 0; i < 100 && (header = (long) LONG.getAcquire(inbound, record(taken))) != 0; i++) {
            taken += HEADER + (header & 0xFFFF) + 7 & -8;
        }
        LONG.setRelease(inbound, CONSUMER_POSITION, taken);
        wake(inbound, PRODUCER_WAITING);
    }

    private long record(long position) {
        return RingLayout.RECORDS_OFFSET + (position & capacity - 1);
    }

    private void write(MemorySegment ring, long position, long header) {
        LONG.setOpaque(ring, record(position), header);
    }

    private void wake(MemorySegment ring, long offset) throws IOException {
        VarHandle.fullFence();
        switch ((int) INT.getAndSet(ring, offset, RingLayout.WAIT_NONE)) {
            case RingLayout.WAIT_FUTEX -> Futex.wake(ring, offset, 1);
            case RingLayout.WAIT_LINK -> socket.write(ByteBuffer.wrap(new byte[] {Welcome.NOTIFY}));
            case RingLayout.WAIT_DOORBELL -> ring();
            default -> {} // nobody sleeps
        }
    }

    private void ring() {
        MemorySegment words = bell.memory();
        LONG.getAndBitwiseOr(words, DOORBELL_RUNG + slot / Long.SIZE * Long.BYTES, 1L << slot);
        if ((int) INT.getAndSet(words, DOORBELL_WAITING, RingLayout.WAIT_NONE) != RingLayout.WAIT_NONE) {
            Futex.wake(words, DOORBELL_WAITING, 1);
        }
    }

    /// Fills the server's inbound ring with empty messages that lead round and round, without an end.
    void sendWithoutEnd() throws IOException {
        for (int index = 0; index < capacity; index += HEADER) {
            LONG.setRelease(outbound, RingLayout.RECORDS_OFFSET + (long) index, WHOLE);
        }
        wake(outbound, CONSUMER_WAITING);
    }

    /// Writes something into the memory: anything, or what is nearly right. From any thread.
    void scribble(Random random) {
        MemorySegment ring = random.nextBoolean() ? outbound : inbound;
        switch (random.nextInt(10)) {
            case 0 -> LONG.setOpaque(ring, CONSUMER_POSITION, number(random));
            case 1 -> INT.setOpaque(ring, 128L * (1 + random.nextInt(3)), random.nextInt(6)); // waits and the end
            case 2 -> LONG.setOpaque(ring, random.nextInt(RingLayout.RECORDS_OFFSET / 8) * 8L, random.nextLong());
            case 3 -> INT.setOpaque(bell.memory(), DOORBELL_WAITING, random.nextInt(6));
            case 4 -> LONG.setOpaque(bell.memory(), 8L * random.nextInt((int) Doorbell.LENGTH / 8), number(random));
            case 5 -> LONG.setOpaque(memory.memory(), 8L * random.nextInt(MEMORY_HEADER_WORDS), random.nextLong());
            case 6, 7 -> write(outbound, sent + 8L * random.nextInt(3), number(random)); // what is read next
            default -> write(ring, 8L * random.nextInt(capacity / 8), number(random));
        }
    }

    private long number(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong();
            case 1 -> random.nextInt();
            case 2 -> random.nextInt(2 * capacity);
            case 3 -> 0;
            default -> (long) random.nextInt(7) << 32 | random.nextInt(random.nextBoolean() ? 2 * capacity : 64);
        };
    }

    @Override
    public void close() throws IOException {
        socket.close();
        memory.close();
        bell.close();
    }
}
