package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Message;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.TimedOutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a channel still keeps that may lose messages: what arrives was sent, whole, and comes once; what does not is counted; and a
/// slow receiver costs messages, neither memory nor the sender's time.
interface HonestLoss extends Line {
    private static byte[] numbered(int index, int size) {
        return ByteBuffer.allocate(Integer.BYTES + size).putInt(index).put(Traffic.bytes(7, index, size)).array();
    }

    /// What has arrived of a stream of numbered messages.
    final class Seen {
        final BitSet indices = new BitSet();
        private final int size;
        private final boolean ordered;

        Seen(TestBed bed, int size) throws InterruptedException {
            this.size = size;
            this.ordered = bed.capabilities().has(Capability.ORDERED);
        }

        void check(byte[] message) {
            int index = ByteBuffer.wrap(message).getInt();
            Traffic.same("message " + index, numbered(index, size), message);
            assertFalse(indices.get(index), () -> "message " + index + " came twice");
            assertTrue(!ordered || index >= indices.length(), () -> "message " + index + " was overtaken");
            indices.set(index);
        }
    }

    private static int size(TestBed bed, int wanted) throws InterruptedException {
        return Math.min(wanted, bed.capabilities().maxMessage() - Integer.BYTES);
    }

    @Test
    default void whatArrivesOnAnUnreliableChannelWasSentAndComesOnceAndTheRestIsCounted(TestBed bed) throws Exception {
        bed.assumeNotPromised(Capability.RELIABLE);
        try (Pair pair = bed.open()) {
            int size = size(bed, 200);
            int count = 25_000;
            Task<Void> sender = bed.start(() -> {
                for (int i = 0; i < count; i++) {
                    pair.client().send(numbered(i, size));
                }
                pair.client().close();
                return null;
            });
            Seen seen = new Seen(bed, size);
            for (Message message; (message = pair.server().receive()) != null;) {
                seen.check(message.bytes());
            }
            sender.get();
            long lost = pair.server().stats().lost();
            assertFalse(seen.indices.isEmpty(), "something arrives");
            assertEquals(count, seen.indices.cardinality() + lost, () -> "received and lost, of which " + lost);
            assertEquals(seen.indices.cardinality(), pair.server().stats().messagesReceived());
        }
    }

    @Test
    default void aReceiverThatDoesNotReadDelaysNoSenderAndHoldsNoMoreThanItsBound(TestBed bed) throws Exception {
        bed.assumeNotPromised(Capability.RELIABLE);
        try (Pair pair = bed.open("send-timeout=3s")) {
            int size = size(bed, 1_200);
            int count = (int) (2 * bed.maxInFlight() / size);
            for (int i = 0; i < count; i++) {
                pair.client().send(numbered(i, size));
            }
            Seen seen = new Seen(bed, size);
            assertThrows(TimedOutException.class, () -> {
                while (true) {
                    seen.check(pair.server().receive(Duration.ofMillis(500)).bytes());
                }
            });
            long held = (long) seen.indices.cardinality() * size;
            assertTrue(held > 0 && held <= bed.maxInFlight(), () -> held + " bytes were held unread");
            Traffic.same("the next", new byte[] {1}, lone(pair, new byte[] {1}));
            pair.client().close();
            assertNull(pair.server().receive(), "the end");
            assertEquals(count + 1, pair.server().stats().messagesReceived() + pair.server().stats().lost());
        }
    }

    /// Sends a message until it arrives; each is whole.
    private static byte[] lone(Pair pair, byte[] message) throws InterruptedException {
        pair.client().send(message);
        return Receiving.RECEIVE.take(pair.server());
    }

    @ParameterizedTest
    @EnumSource
    default void aLoneMessageOfAnySizeArrivesWholeHoweverItIsSentAndReceived(Sending sending, TestBed bed)
            throws Exception {
        bed.assumeNotPromised(Capability.RELIABLE);
        bed.assumeLoneMessagesArrive();
        assumeTrue(sending.limit(bed.capabilities()) > 0, "it can be sent this way");
        try (Pair pair = bed.open()) {
            int[] sizes = WholeMessages.sizes(sending.limit(pair.client().capabilities()));
            for (int i = 0; i < 3 * sizes.length; i++) {
                byte[] message = Traffic.bytes(1, i, sizes[i / 3]);
                sending.pass(pair.client(), message);
                Traffic.same("message " + i, message, Receiving.values()[i % 3].take(pair.server()));
            }
        }
    }

    @Test
    default void manyThreadsSendAndReceiveWholeMessagesOnce(TestBed bed) throws Exception {
        bed.assumeNotPromised(Capability.RELIABLE);
        bed.assumePromised(Capability.BOUNDED_MESSAGES);
        int threads = 4;
        int each = 2_000;
        try (Pair pair = bed.open()) {
            int size = size(bed, 50);
            Task<?>[] senders = new Task<?>[threads];
            Task<?>[] receivers = new Task<?>[threads];
            BitSet all = new BitSet();
            for (int t = 0; t < threads; t++) {
                int first = t * each;
                Threads kind = Threads.values()[t % 2];
                receivers[t] = bed.start(kind, () -> {
                    for (Message message; (message = pair.server().receive()) != null;) {
                        int index = ByteBuffer.wrap(message.bytes()).getInt();
                        Traffic.same("message " + index, numbered(index, size), message.bytes());
                        synchronized (all) {
                            assertFalse(all.get(index), () -> "message " + index + " came twice");
                            all.set(index);
                        }
                    }
                    return null;
                });
                senders[t] = bed.start(kind, () -> {
                    for (int i = first; i < first + each; i++) {
                        Sending.values()[i % 2].pass(pair.client(), numbered(i, size));
                    }
                    return null;
                });
            }
            for (Task<?> sender : senders) {
                sender.get();
            }
            pair.client().close();
            for (Task<?> receiver : receivers) {
                receiver.get();
            }
            assertEquals((long) threads * each, all.cardinality() + pair.server().stats().lost(), "received and lost");
        }
    }

    @Test
    default void whereNoDeathIsProvenAPeerThatVanishedIsGivenUp(TestBed bed) throws Exception {
        bed.assumePromised(Capability.CROSS_PROCESS);
        bed.assumeNotPromised(Capability.PROVES_DEATH);
        try (Endpoint endpoint = Ipc.bind(bed.address("keepalive=1s"))) {
            PeerProcess peer = bed.peer();
            peer.ask("connect", endpoint.address());
            Channel channel = bed.accept(endpoint);
            Task<?> receiver = bed.start(channel::receive);
            receiver.settle();
            Thread.sleep(2_500);
            assertFalse(receiver.isDone(), "a peer that lives and says nothing is not given up");
            peer.kill();
            receiver.getThrown(PeerLostException.class);
            assertThrows(PeerLostException.class, () -> channel.send(new byte[] {1}));
        }
    }
}
