package io.sluice.ipc.socket;

import io.sluice.ipc.Channel;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.ring.Deadline;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Tries the addresses of an endpoint in turn, and all of them again, until there is a channel or the time is over.
final class InTurn {
    private static final long FIRST_PAUSE_NANOS = 200_000;
    private static final long LONGEST_PAUSE_NANOS = 10_000_000;
    /// How long one address of several is tried before the next one, at least.
    private static final long LEAST_PATIENCE_NANOS = 250_000_000;

    private InTurn() {}

    /// Tries one address.
    ///
    /// @param <A> the kind of address
    @FunctionalInterface
    interface Attempt<A extends SocketAddress> {
        /// @param nanos how long at most
        /// @return null if nobody is there
        Channel at(A address, long nanos) throws InterruptedException;
    }

    /// @param nobody what to throw when the deadline has passed
    static <A extends SocketAddress> Channel connect(
            List<A> addresses, long deadline, Attempt<? super A> attempt, Supplier<NoListenerException> nobody)
            throws InterruptedException {
        for (long pause = FIRST_PAUSE_NANOS;; pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS)) {
            for (int i = 0; i < addresses.size(); i++) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                Channel channel = attempt.at(addresses.get(i), patience(deadline, addresses.size() - i));
                if (channel != null) {
                    return channel;
                }
            }
            if (Deadline.remaining(deadline) == 0) {
                throw nobody.get();
            }
            TimeUnit.NANOSECONDS.sleep(Math.min(pause, Deadline.remaining(deadline)));
        }
    }

    private static long patience(long deadline, int addressesLeft) {
        long left = Deadline.remaining(deadline);
        return addressesLeft == 1 ? left : Math.min(left, Math.max(LEAST_PATIENCE_NANOS, left / addressesLeft));
    }
}
