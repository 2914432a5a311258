package io.sluice.ipc.cli;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Message;
import io.sluice.ipc.TimedOutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;

/// The demo's work on a channel that may lose messages: each carries its number, so that every byte of those that arrive can be
/// checked, whatever is missing. There are some on their way at once, but no more than a receiver is sure to hold.
///
/// @param channel the channel
/// @param payload what the messages are made of
/// @param messages of mixed sizes; as many small ones follow
/// @param small the length of a small one
record UnreliableExchange(Channel channel, Payload payload, long messages, int small) {
    private static final int NUMBER = Long.BYTES;
    private static final int IN_FLIGHT = 32;
    /// After so much silence, what is on its way is lost.
    private static final Duration PATIENCE = Duration.ofMillis(300);

    private byte[] message(long index) {
        int length = length(index);
        return ByteBuffer.allocate(NUMBER + length)
                .putLong(index)
                .put(payload.block(), payload.start(index), length)
                .array();
    }

    private int length(long index) {
        int wanted = index < messages ? payload.mixedLength(index) : small;
        return Math.max(0, Math.min(wanted, channel.capabilities().maxMessage()) - NUMBER);
    }

    /// Checks a message.
    ///
    /// @return its number
    private long check(Message message) {
        ByteBuffer bytes = ByteBuffer.wrap(message.bytes());
        if (bytes.remaining() < NUMBER || bytes.getLong(0) < 0 || bytes.getLong(0) >= 2 * messages) {
            throw new FailedException("a message came that nobody sent");
        }
        long index = bytes.getLong();
        byte[] rest = new byte[bytes.remaining()];
        bytes.get(rest);
        payload.check(index, length(index), rest);
        return index;
    }

    /// Sends back what comes, until the client closes.
    void echo() throws InterruptedException {
        for (Message message; (message = channel.receive()) != null;) {
            check(message);
            channel.send(message.bytes());
        }
    }

    /// The client's part.
    ///
    /// @param progress is told how many messages have gone so far
    DemoResult measure(LongConsumer progress) throws InterruptedException {
        long start = System.nanoTime();
        BitSet back = new BitSet();
        int inFlight = 0;
        for (long next = 0; next < messages || inFlight > 0;) {
            if (next < messages && inFlight < IN_FLIGHT) {
                channel.send(message(next++));
                inFlight++;
            } else {
                inFlight = receive(back) ? inFlight - 1 : 0;
                progress.accept(next - inFlight);
            }
        }
        long nanos = System.nanoTime() - start;
        Histogram times = roundTrips(back, progress);
        return new DemoResult(
                messages,
                nanos,
                times.getValueAtPercentile(50),
                times.getValueAtPercentile(99),
                2 * messages - back.cardinality());
    }

    /// @return false if nothing more comes
    private boolean receive(BitSet back) throws InterruptedException {
        try {
            Message message = channel.receive(PATIENCE);
            if (message == null) {
                throw new FailedException("the server closed before the end");
            }
            int index = Math.toIntExact(check(message));
            if (back.get(index)) {
                throw new FailedException("message " + index + " came twice");
            }
            back.set(index);
            return true;
        } catch (TimedOutException e) {
            return false;
        }
    }

    private Histogram roundTrips(BitSet back, LongConsumer progress) throws InterruptedException {
        Histogram nanos = new Histogram(3);
        long warm = messages + messages / 5;
        for (long i = messages; i < 2 * messages; i++) {
            long start = System.nanoTime();
            channel.send(message(i));
            boolean more = true;
            while (more && !back.get((int) i)) {
                more = receive(back);
            }
            if (more && i >= warm) {
                nanos.recordValue(System.nanoTime() - start);
            }
            progress.accept(i + 1);
        }
        return nanos;
    }
}
