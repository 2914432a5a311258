package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.ipc.Capability;
import io.sluice.ipc.ChannelStats;
import org.junit.jupiter.api.Test;

/// What [io.sluice.ipc.Channel#stats] says is what happened.
interface Counting extends Line {
    @Test
    default void everyMessageIsCountedOnBothSidesAndStillIsAfterTheClose(TestBed bed) throws Exception {
        bed.assumeLoneMessagesArrive();
        bed.assumePromised(Capability.BOUNDED_MESSAGES);
        try (Pair pair = bed.open()) {
            int most = Math.min(pair.client().capabilities().maxMessage(), 1_000 * bed.leastInFlight());
            Traffic traffic = new Traffic(bed.seed(), 0, Math.min(50_000, most));
            long bytes = 0;
            for (int i = 0; i < 200; i++) {
                byte[] message = traffic.message(i);
                boolean claimable = message.length <= Sending.CLAIM.limit(pair.client().capabilities());
                (claimable ? Sending.values()[i % 3] : Sending.values()[i % 2]).pass(pair.client(), message);
                traffic.check(i, Receiving.values()[i % 3].take(pair.server()));
                bytes += message.length;
            }
            pair.client().close();
            pair.server().close();
            ChannelStats sender = pair.client().stats();
            ChannelStats receiver = pair.server().stats();
            assertEquals(200, sender.messagesSent(), "messages sent");
            assertEquals(bytes, sender.bytesSent(), "bytes sent");
            assertEquals(200, receiver.messagesReceived(), "messages received");
            assertEquals(bytes, receiver.bytesReceived(), "bytes received");
            assertEquals(0, sender.messagesReceived() + receiver.messagesSent(), "messages the other way");
            assertEquals(0, sender.lost() + receiver.lost(), "messages lost");
        }
    }
}
