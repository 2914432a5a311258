package io.sluice.ipc.mq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.UnsupportedException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What [MessageQueue] promises, on both kinds of queues, by platform and by virtual threads.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MessageQueueTest {
    /// The kind of a thread.
    enum Runner {
        PLATFORM, VIRTUAL
    }

    static Stream<Arguments> everyKindAndThread() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of("block", "adaptive")
                        .flatMap(wait -> Stream.of(Runner.values()).map(runner -> Arguments.of(kind, wait, runner))));
    }

    private record Started<T>(Thread thread, CompletableFuture<T> outcome) {
        T get() throws Exception {
            return outcome.get(60, TimeUnit.SECONDS);
        }

        <E extends Throwable> E thrown(Class<E> type) {
            ExecutionException e = assertThrows(ExecutionException.class, this::get);
            return assertThrows(type, () -> {
                throw e.getCause();
            });
        }

        void settle() throws InterruptedException {
            Eventually.holds(
                    "the thread waits",
                    () -> thread.isVirtual()
                            ? thread.getState() == Thread.State.WAITING
                                    || thread.getState() == Thread.State.TIMED_WAITING
                            : thread.getStackTrace().length > 0 && isInKernel(thread));
            Thread.sleep(20); // it is about to enter the system call, which nothing here can see
        }

        private static boolean isInKernel(Thread thread) {
            return Stream.of(thread.getStackTrace())
                    .anyMatch(frame -> frame.getClassName().endsWith("os.QueueSlot"));
        }
    }

    private static <T> Started<T> start(Runner runner, Callable<T> work) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        Runnable task = () -> {
            try {
                outcome.complete(work.call());
            } catch (Throwable e) {
                outcome.completeExceptionally(e);
            }
        };
        Thread thread =
                runner == Runner.VIRTUAL ? Thread.ofVirtual().start(task) : Thread.ofPlatform().daemon().start(task);
        return new Started<>(thread, outcome);
    }

    private static void fill(MessageQueue queue, byte[] message, long label) {
        while (queue.offer(new SegmentBuffer(message), 0, message.length, label)) {
            Thread.onSpinWait();
        }
    }

    // ---- carrying

    @ParameterizedTest
    @EnumSource
    void aMessageOfAnySizeArrivesAsItWasSent(Kind kind) throws Exception {
        try (TestQueue test = new TestQueue(kind)) {
            Random random = new Random(1);
            for (int size : new int[] {0, 1, 7, 8, 9, 100, 4_095, 8_191, 8_192}) {
                byte[] message = new byte[size];
                random.nextBytes(message);
                test.queue.send(message, kind.first + 2);
                QueueMessage received = test.queue.receive(Duration.ofSeconds(10));
                assertArrayEquals(message, received.bytes());
                assertEquals(kind.first + 2, received.label());
            }
        }
    }

    @Test
    void theHighestPriorityComesFirstAndEqualOnesInTheirOrder() throws Exception {
        try (TestQueue test = new TestQueue(Kind.MQ)) {
            int[] priorities = {1, 5, 0, 5, 32_767};
            for (int i = 0; i < priorities.length; i++) {
                test.queue.send(new byte[] {(byte) i}, priorities[i]);
            }
            List<Integer> order = new ArrayList<>();
            test.queue.poll((buffer, offset, length, label) -> order.add((int) buffer.getByte(offset)), 10);
            assertEquals(List.of(4, 1, 3, 0, 2), order);
        }
    }

    @Test
    void aTypeCanBePickedAndOthersStay() throws Exception {
        try (TestQueue test = new TestQueue(Kind.SYSV)) {
            for (int type : new int[] {7, 3, 9, 3}) {
                test.queue.send(new byte[] {(byte) type}, type);
            }
            assertEquals(9, test.queue.receive(9, Duration.ZERO).label());
            assertEquals(3, test.queue.receive(-8, Duration.ZERO).label(), "the least type up to 8");
            assertEquals(7, test.queue.receive(Duration.ZERO).label(), "the first");
            assertThrows(TimedOutException.class, () -> test.queue.receive(7, Duration.ofMillis(20)));
            assertEquals(3, test.queue.receive(3, Duration.ZERO).label());
        }
        try (TestQueue test = new TestQueue(Kind.MQ)) {
            assertThrows(UnsupportedException.class, () -> test.queue.receive(3, Duration.ZERO));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theQueueKeepsItsMessagesWhenAllHaveClosedIt(Kind kind) throws Exception {
        try (TestQueue test = new TestQueue(kind)) {
            test.queue.send(new byte[] {1, 2, 3});
            test.queue.close();
            try (MessageQueue later = MessageQueue.open(test.address() + "?create=false")) {
                assertEquals(1, later.stat().messages());
                assertArrayEquals(new byte[] {1, 2, 3}, later.receive(Duration.ZERO).bytes());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindAndThread")
    void everyMessageGoesToOneOfThoseWhoCompete(Kind kind, String wait, Runner runner) throws Exception {
        int count = 4_000;
        try (TestQueue test = new TestQueue(kind, "?wait=" + wait)) {
            ConcurrentHashMap<Integer, Integer> seen = new ConcurrentHashMap<>();
            List<Started<Void>> receivers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                receivers.add(start(runner, () -> {
                    while (true) {
                        QueueMessage message = test.queue.receive();
                        if (message.length() == 0) {
                            return null;
                        }
                        seen.merge(message.buffer().getInt(0), 1, Integer::sum);
                    }
                }));
            }
            List<Started<Void>> senders = new ArrayList<>();
            for (int s = 0; s < 2; s++) {
                int sender = s;
                senders.add(start(runner, () -> {
                    SegmentBuffer message = SegmentBuffer.allocate(16);
                    for (int i = sender; i < count; i += 2) {
                        message.putInt(0, i);
                        test.queue.send(message, 0, 16, kind.first);
                    }
                    return null;
                }));
            }
            for (Started<Void> sender : senders) {
                sender.get();
            }
            for (int i = 0; i < 4; i++) {
                test.queue.send(new byte[0]);
            }
            for (Started<Void> receiver : receivers) {
                receiver.get();
            }
            assertEquals(count, seen.size(), "messages that arrived");
            assertTrue(seen.values().stream().allMatch(times -> times == 1), "once each");
        }
    }

    // ---- waiting

    @ParameterizedTest
    @MethodSource("everyKindAndThread")
    void aReceiverIsWokenByAMessage(Kind kind, String wait, Runner runner) throws Exception {
        try (TestQueue test = new TestQueue(kind, "?wait=" + wait)) {
            for (int i = 0; i < 10; i++) {
                Started<QueueMessage> receiver = start(runner, () -> test.queue.receive());
                receiver.settle();
                test.queue.send(new byte[] {(byte) i});
                assertEquals(i, receiver.get().bytes()[0]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindAndThread")
    void aReceiveWithATimeoutWaitsThatLong(Kind kind, String wait, Runner runner) throws Exception {
        try (TestQueue test = new TestQueue(kind, "?wait=" + wait)) {
            Started<Duration> receiver = start(runner, () -> {
                long start = System.nanoTime();
                assertThrows(TimedOutException.class, () -> test.queue.receive(Duration.ofMillis(300)));
                return Duration.ofNanos(System.nanoTime() - start);
            });
            Duration waited = receiver.get();
            assertTrue(waited.toMillis() >= 299 && waited.toSeconds() < 30, () -> "it waited " + waited);
            test.queue.send(new byte[] {1});
            assertEquals(1, test.queue.receive(Duration.ofMillis(300)).length());
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindAndThread")
    void aSendToAFullQueueTimesOutAndSaysHowFull(Kind kind, String wait, Runner runner) throws Exception {
        try (TestQueue test = new TestQueue(kind, "?send-timeout=200ms&wait=" + wait)) {
            fill(test.queue, new byte[1_000], kind.first);
            long before = test.queue.stat().messages();
            TimedOutException full = start(runner, () -> {
                test.queue.send(new byte[1_000]);
                return null;
            }).thrown(TimedOutException.class);
            assertTrue(full.getMessage().contains(before + " messages"), full::getMessage);
            assertTrue(full.getMessage().contains("sysctl"), full::getMessage);
            assertEquals(before, test.queue.stat().messages(), "nothing was sent");
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindAndThread")
    void aBlockedSendGoesOnWhenSomebodyReceives(Kind kind, String wait, Runner runner) throws Exception {
        try (TestQueue test = new TestQueue(kind, "?wait=" + wait)) {
            fill(test.queue, new byte[1_000], kind.first);
            Started<Void> sender = start(runner, () -> {
                test.queue.send(new byte[1_000]);
                return null;
            });
            sender.settle();
            assertFalse(sender.outcome.isDone(), "it waits");
            test.queue.receive();
            sender.get();
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindAndThread")
    void anInterruptBeforeOrDuringAWaitEndsItAndLeavesNothing(Kind kind, String wait, Runner runner) throws Exception {
        try (TestQueue test = new TestQueue(kind, "?wait=" + wait)) {
            start(runner, () -> {
                Thread.currentThread().interrupt();
                return test.queue.receive();
            }).thrown(InterruptedException.class);
            List<Long> nanos = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Started<Boolean> receiver = start(runner, () -> {
                    assertThrows(InterruptedException.class, () -> test.queue.receive());
                    return Thread.currentThread().isInterrupted();
                });
                if (i % 2 == 0) {
                    receiver.settle();
                }
                long before = System.nanoTime();
                receiver.thread.interrupt();
                assertFalse(receiver.get(), "the flag afterwards");
                nanos.add(System.nanoTime() - before);
            }
            nanos.sort(null);
            long median = TimeUnit.NANOSECONDS.toMillis(nanos.get(nanos.size() / 2));
            assertTrue(median < 100, () -> "an interrupt took " + median + " ms");
            fill(test.queue, new byte[1_000], kind.first);
            long before = test.queue.stat().messages();
            Started<Boolean> sender = start(runner, () -> {
                assertThrows(InterruptedException.class, () -> test.queue.send(new byte[1_000]));
                return Thread.currentThread().isInterrupted();
            });
            sender.settle();
            sender.thread.interrupt();
            assertFalse(sender.get(), "the flag afterwards");
            assertEquals(before, test.queue.stat().messages(), "nothing was sent");
            assertEquals(before, test.queue.purge());
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindAndThread")
    void interruptsAtRandomMomentsLoseNoMessage(Kind kind, String wait, Runner runner) throws Exception {
        int count = 300;
        try (TestQueue test = new TestQueue(kind, "?wait=" + wait)) {
            Started<Integer> receiver = start(runner, () -> {
                int next = 0;
                while (next < count) {
                    try {
                        assertEquals(next, test.queue.receive().buffer().getInt(0), "in order, none lost");
                        next++;
                    } catch (InterruptedException e) {
                        // nothing was received
                    }
                }
                return next;
            });
            SegmentBuffer message = SegmentBuffer.allocate(4);
            Random random = new Random(7);
            for (int i = 0; i < count; i++) {
                message.putInt(0, i);
                test.queue.send(message, 0, 4, kind.first);
                if (random.nextBoolean()) {
                    TimeUnit.MICROSECONDS.sleep(random.nextInt(200));
                    receiver.thread.interrupt();
                }
            }
            assertEquals(count, receiver.get());
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindAndThread")
    void aCloseWakesWhoWaitsAndLaterCallsSaySo(Kind kind, String wait, Runner runner) throws Exception {
        try (TestQueue test = new TestQueue(kind, "?wait=" + wait)) {
            Started<QueueMessage> receiver = start(runner, () -> test.queue.receive());
            Started<QueueMessage> waiter = start(runner, () -> test.queue.receive(Duration.ofSeconds(50)));
            receiver.settle();
            waiter.settle();
            test.queue.close();
            test.queue.close();
            receiver.thrown(ClosedException.class);
            waiter.thrown(ClosedException.class);
            assertThrows(ClosedException.class, () -> test.queue.send(new byte[1]));
            assertThrows(ClosedException.class, () -> test.queue.receive());
            assertThrows(ClosedException.class, test.queue::stat);
            assertFalse(test.queue.isOpen());
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindAndThread")
    void aQueueRemovedUnderAWaitingReaderEndsItsWait(Kind kind, String wait, Runner runner) throws Exception {
        try (TestQueue test = new TestQueue(kind, "?wait=" + wait)) {
            Started<QueueMessage> receiver = start(runner, () -> test.queue.receive());
            receiver.settle();
            assertTrue(MessageQueue.remove(test.address()), "it was there");
            ClosedException removed = receiver.thrown(ClosedException.class);
            assertTrue(removed.getMessage().contains("was removed"), removed::getMessage);
            assertFalse(test.queue.unlink(), "it is gone");
        }
    }

    @Test
    void moreVirtualThreadsThanCarriersWaitAndOthersGoOn() throws Exception {
        for (Kind kind : Kind.values()) {
            try (TestQueue test = new TestQueue(kind)) {
                int count = 8 + Runtime.getRuntime().availableProcessors();
                List<Started<QueueMessage>> receivers = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    receivers.add(start(Runner.VIRTUAL, () -> test.queue.receive()));
                }
                receivers.getLast().settle();
                assertEquals("went on", start(Runner.VIRTUAL, () -> "went on").get());
                for (int i = 0; i < count; i++) {
                    test.queue.send(new byte[] {1});
                }
                for (Started<QueueMessage> receiver : receivers) {
                    receiver.get();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoWaitsCostsNoCpu(Kind kind) throws Exception {
        var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        try (TestQueue test = new TestQueue(kind)) {
            Started<QueueMessage> platform = start(Runner.PLATFORM, () -> test.queue.receive());
            Started<QueueMessage> virtual = start(Runner.VIRTUAL, () -> test.queue.receive(Duration.ofHours(1)));
            platform.settle();
            virtual.settle();
            Thread.sleep(300); // what has just run is compiled
            long before = system.getProcessCpuTime();
            Thread.sleep(1_500);
            long used = system.getProcessCpuTime() - before;
            assertTrue(used < 150_000_000, () -> "waiting used " + used / 1_000_000 + " ms of 1,500");
            test.queue.close();
            platform.thrown(ClosedException.class);
            virtual.thrown(ClosedException.class);
        }
    }

    // ---- allocation

    @ParameterizedTest
    @EnumSource
    void offersPollsAndSendsAllocateNothing(Kind kind) throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (TestQueue test = new TestQueue(kind)) {
            SegmentBuffer message = SegmentBuffer.allocate(100);
            long[] sum = new long[1];
            QueueHandler add = (buffer, offset, length, label) -> sum[0] += length + label;
            double perRound = 0;
            for (int pass = 0; pass < 2; pass++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 50_000; i++) {
                    test.queue.offer(message, 0, 100, kind.first);
                    test.queue.send(message, 0, 100, kind.first);
                    test.queue.poll(add, 1);
                    test.queue.receive(add);
                }
                perRound = (threads.getCurrentThreadAllocatedBytes() - before) / 50_000.0;
            }
            double allocated = perRound;
            assertTrue(allocated < 1, () -> "a round allocates " + allocated + " bytes");
            assertEquals(2 * 100_000 * (100 + kind.first), sum[0]);
        }
    }

    // ---- fragments

    @ParameterizedTest
    @EnumSource
    void largeMessagesAreSplitAndJoinedBetweenTwoOfOurs(Kind kind) throws Exception {
        try (TestQueue test = new TestQueue(kind, "?framing=fragment&max-message=1m")) {
            Random random = new Random(3);
            List<byte[]> messages = new ArrayList<>();
            for (int size : new int[] {0, 1, 8_000, 8_168, 8_169, 100_000, 1 << 20}) {
                byte[] message = new byte[size];
                random.nextBytes(message);
                messages.add(message);
            }
            List<Started<Void>> senders = new ArrayList<>();
            for (int s = 0; s < 2; s++) {
                senders.add(start(Runner.PLATFORM, () -> {
                    try (MessageQueue mine = MessageQueue.open(test.queue.address())) {
                        for (byte[] message : messages) {
                            mine.send(message);
                        }
                    }
                    return null;
                }));
            }
            int[] counts = new int[messages.size()];
            for (int i = 0; i < 2 * messages.size(); i++) {
                byte[] received = test.queue.receive(Duration.ofSeconds(30)).bytes();
                int index = 0;
                while (!java.util.Arrays.equals(messages.get(index), received)) {
                    index++;
                }
                counts[index]++;
            }
            assertArrayEquals(new int[] {2, 2, 2, 2, 2, 2, 2}, counts);
            for (Started<Void> sender : senders) {
                sender.get();
            }
        }
    }
}
