package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import io.sluice.ipc.Address;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Server;
import io.sluice.ipc.TimedOutException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Line 10: waiting costs no CPU, and a virtual thread that waits leaves its carrier to others.
interface IdleWaiting extends Line {
    /// Asserts that this process uses less than a tenth of a core while those wait. What is left to the compiler, or to the
    /// garbage collector, after the work before may fall into one span, and is no waiting; what costs in every span is.
    private static void assertIdle(String waiting) throws InterruptedException {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        Duration span = Duration.ofSeconds(2);
        List<Long> used = new ArrayList<>();
        do {
            long before = system.getProcessCpuTime();
            Thread.sleep(span);
            used.add((system.getProcessCpuTime() - before) / 1_000_000);
        } while (used.getLast() >= span.toMillis() / 10 && used.size() < 3);
        String all = waiting + " used " + used + " ms of CPU in " + span.toMillis() + " ms each";
        System.out.println(all);
        assertTrue(used.getLast() < span.toMillis() / 10, all);
    }

    @ParameterizedTest
    @ValueSource(strings = {"block", "adaptive"})
    default void receiversSendersAcceptorsAndServersThatWaitCostNoCpu(String wait, TestBed bed) throws Exception {
        Address address = bed.address("wait=" + wait);
        List<Task<?>> waiting = new ArrayList<>();
        try (Endpoint endpoint = Ipc.bind(address);
                Server serving = Ipc.serve(bed.address("wait=" + wait), (channel, buffer, offset, length) -> true)) {
            for (Threads kind : Threads.values()) {
                Pair receiving = bed.connect(endpoint);
                waiting.add(bed.start(kind, () -> receiving.server().receive()));
                waiting.add(bed.start(kind, () -> receiving.client().receive(Duration.ofHours(1))));
            }
            if (!bed.capabilities().has(Capability.DURABLE) && bed.capabilities().has(Capability.RELIABLE)) {
                Pair full = bed.connect(endpoint(bed, address));
                TckPeer.fill(full.client(), Traffic.fixed(1, 1_000), bed.maxInFlight() / 1_000);
                waiting.add(bed.start(() -> {
                    full.client().send(new byte[1_000]);
                    return null;
                }));
            }
            for (Threads kind : Threads.values()) {
                waiting.add(bed.start(kind, () -> endpoint.accept()));
            }
            bed.own(Ipc.connect(serving.address()));
            Thread.sleep(500); // what has just run is compiled, and spins have come to their end
            assertIdle("wait=" + wait + ": " + waiting.size() + " waiting threads");
            for (Task<?> task : waiting) {
                assertFalse(task.isDone(), "all of them wait");
            }
            assertEquals(1, serving.channels(), "channels of the server, whose client waits too");
        }
    }

    /// Both ends of each channel are in this process, so what either of them costs shows.
    @Test
    default void aServerOfAThousandIdleChannelsOrAsManyAsThereMayBeCostsNoCpuAndAnswersEachOfThem(TestBed bed)
            throws Exception {
        bed.assumeLoneMessagesArrive();
        bed.assumePromised(Capability.BIDIRECTIONAL);
        Address address = bed.address();
        if (TestBed.takes(address, "capacity")) {
            address = address.with("capacity", "4k");
        }
        Server server =
                bed.own(Ipc.serve(address, (channel, buffer, offset, length) -> channel.offer(buffer, offset, length)));
        List<Channel> clients = new ArrayList<>();
        for (int i = 0; i < Math.min(1_000, bed.maxChannels()); i++) {
            clients.add(bed.own(Ipc.connect(address)));
        }
        Deadline.await("all are open", () -> server.channels() == clients.size());
        echo(clients); // so that none of them is idle because it is new
        Thread.sleep(500); // what has just run is compiled, and spins have come to their end
        assertIdle(clients.size() + " idle channels");
        echo(clients);
    }

    private static void echo(List<Channel> clients) throws InterruptedException {
        for (int i = 0; i < clients.size(); i++) {
            byte[] message = {(byte) i, (byte) (i >> 8)};
            clients.get(i).send(message);
            Traffic.same("the echo of channel " + i, message, Receiving.RECEIVE.take(clients.get(i)));
        }
    }

    private static Endpoint endpoint(TestBed bed, Address like) {
        Address another = bed.address();
        return bed.own(Ipc.bind(another.with("wait", like.options().get("wait"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"block", "adaptive", "spin"})
    default void everyWayOfWaitingIsWokenByAMessage(String wait, TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        try (Pair pair = bed.open("wait=" + wait)) {
            for (Threads kind : Threads.values()) {
                for (int i = 0; i < 20; i++) {
                    Task<byte[]> receiver = bed.start(kind, () -> Receiving.RECEIVE.take(pair.server()));
                    if (i % 2 == 0) {
                        receiver.settle();
                    }
                    pair.client().send(new byte[] {(byte) i});
                    Traffic.same("message " + i, new byte[] {(byte) i}, receiver.get());
                }
            }
        }
    }

    @Test
    default void aReceiveWithATimeoutWaitsThatLongAndTheChannelGoesOn(TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        try (Pair pair = bed.open()) {
            long start = System.nanoTime();
            assertThrows(TimedOutException.class, () -> pair.server().receive(Duration.ofMillis(300)));
            assertTrue(Deadline.since(start).toMillis() >= 250, "it waited");
            assertThrows(TimedOutException.class, () -> pair.server().receive(Duration.ZERO));
            pair.client().send(new byte[] {1});
            Traffic.same("the message", new byte[] {1}, Receiving.RECEIVE_WITH_TIMEOUT.take(pair.server()));
        }
    }

    @Test
    default void moreVirtualThreadsThanCarriersWaitAndOthersGoOn(TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        int count = 50 + Runtime.getRuntime().availableProcessors();
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            List<Pair> pairs = new ArrayList<>();
            List<Task<byte[]>> receivers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Pair pair = bed.connect(endpoint);
                pairs.add(pair);
                receivers.add(bed.start(Threads.VIRTUAL, () -> Receiving.RECEIVE.take(pair.server())));
            }
            receivers.getLast().settle();
            Task<String> another = bed.start(Threads.VIRTUAL, () -> {
                Thread.sleep(50);
                return "went on";
            });
            assertEquals("went on", another.get());
            for (Task<byte[]> receiver : receivers) {
                assertFalse(receiver.isDone(), "all of them wait");
            }
            for (int i = 0; i < count; i++) {
                Channel client = pairs.get(i).client();
                byte[] message = {(byte) i};
                bed.start(Threads.VIRTUAL, () -> {
                    client.send(message);
                    return null;
                });
            }
            for (int i = 0; i < count; i++) {
                Traffic.same("message " + i, new byte[] {(byte) i}, receivers.get(i).get());
            }
        }
    }

    @Test
    default void virtualThreadsThatWaitToSendLeaveTheirCarriersToOthers(TestBed bed) throws Exception {
        bed.assumePromised(Capability.RELIABLE);
        bed.assumeNotPromised(Capability.DURABLE); // nobody waits to send
        int count = 4 + Runtime.getRuntime().availableProcessors();
        try (Endpoint endpoint = Ipc.bind(bed.address())) {
            List<Pair> pairs = new ArrayList<>();
            List<Task<Void>> senders = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Pair pair = bed.connect(endpoint);
                pairs.add(pair);
                senders.add(bed.start(Threads.VIRTUAL, () -> {
                    while (true) {
                        pair.client().send(new byte[100_000]);
                    }
                }));
            }
            senders.getLast().settle();
            assertEquals("went on", bed.start(Threads.VIRTUAL, () -> "went on").get());
            for (Pair pair : pairs) {
                for (int i = 0; i < 10; i++) {
                    assertEquals(100_000, Receiving.RECEIVE.take(pair.server()).length);
                }
            }
        }
    }
}
