package io.sluice.ipc.benchmarks;

import java.nio.file.Path;
import org.HdrHistogram.Histogram;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// Measures round trips: sends a message, waits until the [Echo] process has sent it back, and records the time between, message after
/// message. Every answer must carry the sequence that was sent. A warm-up, in which the JVM compiles, comes before.
///
/// `RoundTrip MEDIUM DIRECTORY MESSAGES`
final class RoundTrip {
    static final int LENGTH = 32;
    private static final long WARM_UP_NANOSECONDS = 3_000_000_000L;
    private static final int BATCH = 1_000;
    private static final long SLOWEST_NANOSECONDS = 10_000_000_000L;

    private final Wire wire;
    private final MutableDirectBuffer message;
    private final Histogram histogram = new Histogram(SLOWEST_NANOSECONDS, 3);
    private long sequence;

    private RoundTrip(Wire wire) {
        this.wire = wire;
        this.message = wire.allocate(LENGTH);
        wire.listen(this::onMessage);
    }

    public static void main(String[] args) throws Exception {
        Lifeline.hold();
        Medium medium = Medium.valueOf(args[0]);
        Path directory = Path.of(args[1]);
        int messages = Integer.parseInt(args[2]);
        try (var _ = medium.prepare(directory);
                var _ = medium.partner(Echo.class, args[0], args[1]);
                Wire wire = medium.open(directory, Side.MEASURING, LENGTH)) {
            RoundTrip roundTrip = new RoundTrip(wire);
            roundTrip.warmUp();
            Turns.take(() -> roundTrip.measure(messages));
        }
    }

    private void warmUp() {
        long end = System.nanoTime() + WARM_UP_NANOSECONDS;
        while (System.nanoTime() < end) {
            send(BATCH);
        }
    }

    /// A turn: a tenth of the messages to get going, then all of them.
    private Figures measure(int messages) {
        for (int sent = 0; sent < messages / 10; sent += BATCH) {
            send(BATCH);
        }
        histogram.reset();
        for (int sent = 0; sent < messages; sent += BATCH) {
            send(BATCH);
        }
        return new Figures()
                .with("p50", histogram.getValueAtPercentile(50))
                .with("p99", histogram.getValueAtPercentile(99))
                .with("p99.9", histogram.getValueAtPercentile(99.9))
                .with("max", histogram.getMaxValue())
                .with("messages", histogram.getTotalCount());
    }

    private void send(int messages) {
        for (int i = 0; i < messages; i++) {
            message.putLong(0, ++sequence);
            long start = System.nanoTime();
            while (!wire.offer(message, 0, LENGTH)) {
                Thread.onSpinWait();
            }
            while (wire.poll(1) == 0) {
                Thread.onSpinWait();
            }
            histogram.recordValue(System.nanoTime() - start);
        }
    }

    private void onMessage(DirectBuffer buffer, int offset, int length) {
        if (length != LENGTH || buffer.getLong(offset) != sequence) {
            throw new IllegalStateException(
                    length + " bytes, message " + buffer.getLong(offset) + " instead of " + sequence);
        }
    }
}
