package io.sluice.ipc.benchmarks;

import io.sluice.ipc.Ipc;
import io.sluice.ipc.Server;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Measures what each of many open channels costs a server: heap after a collection, and what more of its memory is resident,
/// buffers above all. Each channel has carried a message there and back. Its clients are in a [ConnectionClients]
/// process; a few more, from before, have had the JVM load what channels share.
///
/// `Connections ADDRESS DIRECTORY CLIENTS`
final class Connections {
    /// The heap is resident before it is used, so that the rest can be told from it.
    static final List<String> FLAGS = List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch");

    private static final int FIRST = 100;
    private static final int COLLECTIONS = 3;
    private static final int PAUSE_MILLISECONDS = 200;
    private static final long KIBIBYTE = 1024;

    private Connections() {}

    public static void main(String[] args) throws Exception {
        Lifeline.hold();
        Path directory = Path.of(args[1]);
        int clients = Integer.parseInt(args[2]);
        AtomicInteger heard = new AtomicInteger();
        try (Server server = Ipc.serve(args[0], (channel, buffer, offset, length) -> {
            heard.incrementAndGet();
            return channel.offer(buffer, offset, length);
        })) {
            Meeting.announce(directory, server.address().toString());
            try (var _ = Child.start(ConnectionClients.class, args[1], Integer.toString(FIRST))) {
                await(heard, FIRST);
                Memory before = Memory.now();
                try (var _ = Child.start(ConnectionClients.class, args[1], args[2])) {
                    await(heard, FIRST + clients);
                    Turns.take(() -> Memory.now().perClientSince(before, clients));
                }
            }
        }
    }

    private static void await(AtomicInteger heard, int clients) throws InterruptedException {
        while (heard.get() < clients) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    /// @param heap what is in use after a collection, in bytes
    /// @param resident all that this process has in memory, in bytes
    private record Memory(long heap, long resident) {
        static Memory now() throws IOException, InterruptedException {
            MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
            for (int i = 0; i < COLLECTIONS; i++) {
                memory.gc();
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLISECONDS);
            }
            try (var lines = Files.lines(Path.of("/proc/self/status"))) {
                String resident =
                        lines.filter(line -> line.startsWith("VmRSS:")).findFirst().orElseThrow();
                return new Memory(
                        memory.getHeapMemoryUsage().getUsed(),
                        KIBIBYTE * Long.parseLong(resident.replaceAll("\\D", "")));
            }
        }

        Figures perClientSince(Memory before, int clients) {
            return new Figures()
                    .with("heap_bytes", (heap - before.heap) / (double) clients)
                    .with("other_bytes", (resident - before.resident) / (double) clients);
        }
    }
}
