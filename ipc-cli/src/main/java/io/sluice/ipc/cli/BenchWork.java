package io.sluice.ipc.cli;

import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Message;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.TimedOutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/// What the two ends of a benchmark do, in this order: round trips and a stream to warm up, then round trips and a
/// stream that count. After each stream the server answers with one message, which ends the client's clock.
///
/// Both ends use the blocking calls, so that the address's `wait` decides how they wait.
///
/// @param size the length of each message, in bytes
/// @param roundTrips how many are timed
/// @param streamed how many messages are streamed
record BenchWork(int size, long roundTrips, long streamed) {
    /// So many run before any is timed; enough for the compilers to have done their work.
    private static final long WARM_UP = 50_000;

    private static final long CEILING_NANOS = 3_600_000_000_000L;

    /// Where messages may get lost, so many are on their way at once, which a receiver is sure to hold.
    private static final int BURST = 32;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /// How it went.
    ///
    /// @param roundTrip the round trips' times, in nanoseconds
    /// @param streamNanos how long the stream took, in nanoseconds
    record Result(Histogram roundTrip, long streamNanos) {}

    private long warmRoundTrips() {
        return Math.min(roundTrips, WARM_UP);
    }

    private long warmStreamed() {
        return Math.min(streamed, 4 * WARM_UP);
    }

    /// All messages that go, for a progress bar.
    long total() {
        return warmRoundTrips() + warmStreamed() + roundTrips + streamed;
    }

    /// The server's part.
    void serve(Channel channel) throws InterruptedException {
        echo(channel, warmRoundTrips());
        swallow(channel, warmStreamed());
        echo(channel, roundTrips);
        swallow(channel, streamed);
        if (channel.receive() != null) {
            throw new FailedException("a message came that nobody sent");
        }
    }

    private void echo(Channel channel, long count) throws InterruptedException {
        for (long i = 0; i < count; i++) {
            channel.send(receive(channel).bytes());
        }
    }

    private void swallow(Channel channel, long count) throws InterruptedException {
        for (long i = 0; i < count; i++) {
            receive(channel);
            if (isEndOfBurst(channel, i)) {
                channel.send(new byte[size]);
            }
        }
        channel.send(new byte[size]);
    }

    /// Whether the sender waits for an answer to this message of a stream.
    private static boolean isEndOfBurst(Channel channel, long index) {
        return (index + 1) % BURST == 0 && !channel.capabilities().has(Capability.RELIABLE);
    }

    /// The client's part.
    ///
    /// @param done is told how many messages have gone so far
    Result request(Channel channel, AtomicLong done) throws InterruptedException {
        SegmentBuffer message = new SegmentBuffer(new byte[size]);
        exchange(channel, message, warmRoundTrips(), done);
        stream(channel, message, warmStreamed(), done);
        Histogram roundTrip = exchange(channel, message, roundTrips, done);
        return new Result(roundTrip, stream(channel, message, streamed, done));
    }

    private Histogram exchange(Channel channel, SegmentBuffer message, long count, AtomicLong done)
            throws InterruptedException {
        Histogram nanos = new Histogram(CEILING_NANOS, 3);
        for (long i = 0; i < count; i++) {
            long start = System.nanoTime();
            channel.send(message, 0, size);
            receive(channel);
            nanos.recordValue(Math.min(System.nanoTime() - start, CEILING_NANOS));
            done.lazySet(done.getPlain() + 1);
        }
        return nanos;
    }

    private long stream(Channel channel, SegmentBuffer message, long count, AtomicLong done)
            throws InterruptedException {
        long start = System.nanoTime();
        for (long i = 0; i < count; i++) {
            channel.send(message, 0, size);
            done.lazySet(done.getPlain() + 1);
            if (isEndOfBurst(channel, i)) {
                receive(channel);
            }
        }
        receive(channel);
        return System.nanoTime() - start;
    }

    private Message receive(Channel channel) throws InterruptedException {
        Message message;
        try {
            message = channel.capabilities().has(Capability.RELIABLE) ? channel.receive() : channel.receive(PATIENCE);
        } catch (TimedOutException e) {
            throw new FailedException("a message got lost, which this transport allows; try once more", e);
        }
        if (message == null) {
            throw new FailedException("the other side closed before the end");
        }
        if (message.length() != size) {
            throw new FailedException("a message of " + message.length() + " bytes came instead of " + size);
        }
        return message;
    }
}
