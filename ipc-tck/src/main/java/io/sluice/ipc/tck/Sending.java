package io.sluice.ipc.tck;

import io.sluice.ipc.Capabilities;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import java.util.concurrent.locks.LockSupport;

/// The three ways of sending; those that do not block are repeated until they succeed.
enum Sending {
    SEND {
        @Override
        void pass(Channel channel, byte[] message) throws InterruptedException {
            channel.send(message);
        }
    },
    OFFER {
        @Override
        void pass(Channel channel, byte[] message) {
            while (!channel.offer(message)) {
                pause();
            }
        }
    },
    CLAIM {
        @Override
        void pass(Channel channel, byte[] message) {
            Claim claim;
            while ((claim = channel.tryClaim(message.length)) == null) {
                pause();
            }
            claim.buffer().putBytes(claim.offset(), message);
            claim.commit();
        }

        @Override
        int limit(Capabilities capabilities) {
            return capabilities.maxClaim();
        }
    };

    abstract void pass(Channel channel, byte[] message) throws InterruptedException;

    /// The largest message that can be sent this way.
    int limit(Capabilities capabilities) {
        return capabilities.maxMessage();
    }

    /// Leaves the core to the other side; nothing in the suite measures time.
    ///
    /// A virtual thread parks, for the scheduler may never come to others while as many as there are carriers yield in
    /// a loop.
    static void pause() {
        if (Thread.currentThread().isInterrupted()) {
            throw new IllegalStateException("interrupted, as the test is over");
        }
        if (Thread.currentThread().isVirtual()) {
            LockSupport.parkNanos(20_000);
        } else {
            Thread.yield();
        }
    }
}
