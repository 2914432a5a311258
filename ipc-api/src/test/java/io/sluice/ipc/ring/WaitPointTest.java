package io.sluice.ipc.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.ipc.ClosedException;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A sleeper and its waker, as close to one another as can be: each round one change, and nothing else that would wake
/// the sleeper. A wake-up that is lost is a hang.
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WaitPointTest {
    private static final int ROUNDS = 100_000;

    private final LoneChannel lone = new LoneChannel("capacity=4k&wait=block&send-timeout=forever");
    private int passed;

    private static void awaitRound(int round, BooleanSupplier done) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        for (int spins = 1; !done.getAsBoolean(); spins++) {
            Thread.onSpinWait();
            // Without a yield: this thread is to be there when the other one goes to sleep again.
            if (spins % 1_000 == 0 && System.nanoTime() > deadline) {
                throw new AssertionError("the wake-up of round " + round + " was lost");
            }
        }
    }

    /// Lets some nanoseconds pass: by multiplying, because a spin-wait hint takes too long to meet the other thread.
    private void pass(int times) {
        for (int i = 0; i < times; i++) {
            passed = passed * 31 + i;
        }
    }

    private CountingLink toChannel() {
        return new CountingLink() {
            @Override
            public void notifyPeer() {
                super.notifyPeer();
                lone.channel.onNotified();
            }
        };
    }

    @Test
    void noMessageMissesAReceiverThatGoesToSleep() throws Exception {
        Random random = new Random(Seed.next("noMessageMissesAReceiverThatGoesToSleep"));
        AtomicInteger received = new AtomicInteger();
        FutureTask<?> receiver = Eventually.start(() -> {
            try {
                while (lone.channel.receive().length() == 8) {
                    received.incrementAndGet();
                    pass(random.nextInt(3_000));
                }
            } catch (ClosedException end) {
                // the test is over
            }
            return null;
        });
        RingProducer producer = lone.peerWrites();
        CountingLink link = toChannel();
        PeerSignal published = new PeerSignal(lone.inbound, RingLayout.CONSUMER_WAITING_OFFSET, link, true);
        for (int i = 1; i <= ROUNDS; i++) {
            LoneChannel.put(producer, RingLayout.TYPE_WHOLE, new byte[8]);
            published.changed();
            int round = i;
            awaitRound(round, () -> received.get() == round);
        }
        lone.channel.close();
        Eventually.get(receiver);
        System.out.println("the receiver was woken in " + link.notified.get() + " of " + ROUNDS + " rounds");
        assertEquals(1, lone.released.get());
    }

    @Test
    void noRoomMissesASenderThatGoesToSleep() throws Exception {
        Random random = new Random(Seed.next("noRoomMissesASenderThatGoesToSleep"));
        FutureTask<?> sender = Eventually.start(() -> {
            Random lengths = new Random(1);
            for (int i = 0; i < ROUNDS; i++) {
                lone.channel.send(new byte[lengths.nextInt(RingLayout.maxPayload(lone.capacity) + 1)]);
            }
            return null;
        });
        CountingLink link = toChannel();
        RingConsumer consumer = new RingConsumer(
                lone.outbound,
                lone.capacity,
                1 << 20,
                new PeerSignal(lone.outbound, RingLayout.PRODUCER_WAITING_OFFSET, link, true));
        int[] received = new int[1];
        while (received[0] < ROUNDS) {
            pass(random.nextInt(3_000));
            awaitRound(received[0], consumer::isReady);
            consumer.poll((_, _, _) -> ++received[0] > 0, random.nextBoolean() ? 1 : 100);
        }
        Eventually.get(sender);
        lone.channel.close();
        System.out.println("the sender was woken " + link.notified.get() + " times in " + ROUNDS + " messages");
    }
}
