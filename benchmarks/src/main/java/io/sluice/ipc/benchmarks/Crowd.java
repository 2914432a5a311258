package io.sluice.ipc.benchmarks;

import io.sluice.ipc.Ipc;
import io.sluice.ipc.Server;
import io.sluice.ipc.ServerHandler;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.DirectBuffer;

/// Measures what a server takes from all its clients together, in messages per second, when each of them sends as fast as it
/// may: one client or a thousand, all in one [CrowdClients] process. The server checks the sequence of each client.
///
/// `Crowd CLIENTS MILLISECONDS`
final class Crowd {
    static final String ADDRESS = "shm:benchmark?capacity=64k";
    private static final int WARM_UP_SECONDS = 3;

    private Crowd() {}

    public static void main(String[] args) throws Exception {
        Lifeline.hold();
        int clients = Integer.parseInt(args[0]);
        int milliseconds = Integer.parseInt(args[1]);
        AtomicLong received = new AtomicLong();
        long[] sequences = new long[clients];
        ServerHandler handler = (channel, buffer, offset, length) -> {
            check(sequences, buffer, offset, length);
            received.setOpaque(received.getPlain() + 1);
            return true;
        };
        try (Server server = Ipc.serve(ADDRESS, handler);
                var _ = Child.start(CrowdClients.class, args[0])) {
            while (server.channels() < clients) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
            Turns.take(() -> measure(received, milliseconds));
        }
    }

    /// A turn: a tenth of the time to get going, then all of it.
    private static Figures measure(AtomicLong received, int milliseconds) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(milliseconds / 10);
        long before = received.getOpaque();
        long start = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep(milliseconds);
        long messages = received.getOpaque() - before;
        return new Figures().with("messages_per_second", messages * 1e9 / (System.nanoTime() - start));
    }

    private static void check(long[] sequences, DirectBuffer buffer, int offset, int length) {
        int client = buffer.getInt(offset + Long.BYTES);
        if (length != RoundTrip.LENGTH || buffer.getLong(offset) != ++sequences[client]) {
            throw new IllegalStateException("client %d: %d bytes, message %d instead of %d"
                    .formatted(client, length, buffer.getLong(offset), sequences[client]));
        }
    }
}
