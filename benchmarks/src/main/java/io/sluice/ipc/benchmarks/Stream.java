package io.sluice.ipc.benchmarks;

import java.nio.file.Path;
import org.agrona.DirectBuffer;

/// Measures a one-way stream at its consumer: the messages that arrive in a time, from a [Producer] that sends as fast as it can. Of every
/// message the length and the sequence are read and must be right; of one that is offered rather than claimed in place
/// and long, all bytes are copied out, as the contender in C does.
///
/// `Stream MEDIUM DIRECTORY claim|offer LENGTH MILLISECONDS`
final class Stream {
    private static final int WARM_UP_MILLISECONDS = 3_000;
    private static final int LIMIT = 64;
    private static final int COPIED_LENGTH = 4096;

    private final Wire wire;
    private final int length;
    private final byte[] copy;
    private long sequence;

    private Stream(Wire wire, int length) {
        this.wire = wire;
        this.length = length;
        this.copy = new byte[length];
        wire.listen(length < COPIED_LENGTH ? this::onMessage : this::onLongMessage);
    }

    public static void main(String[] args) throws Exception {
        Lifeline.hold();
        Medium medium = Medium.valueOf(args[0]);
        Path directory = Path.of(args[1]);
        int length = Integer.parseInt(args[3]);
        int milliseconds = Integer.parseInt(args[4]);
        try (var _ = medium.prepare(directory);
                var _ = medium.partner(Producer.class, args[0], args[1], args[2], args[3]);
                Wire wire = medium.open(directory, Side.MEASURING, length)) {
            Stream stream = new Stream(wire, length);
            stream.consume(WARM_UP_MILLISECONDS);
            Turns.take(() -> stream.measure(milliseconds));
        }
    }

    /// A turn: a tenth of the time to get going, then all of it.
    private Figures measure(int milliseconds) {
        consume(milliseconds / 10);
        double messagesPerSecond = consume(milliseconds);
        return new Figures()
                .with("messages_per_second", messagesPerSecond)
                .with("bytes_per_second", messagesPerSecond * length);
    }

    private double consume(int milliseconds) {
        long first = sequence;
        long start = System.nanoTime();
        long elapsed;
        do {
            poll();
            elapsed = System.nanoTime() - start;
        } while (elapsed < milliseconds * 1_000_000L);
        return (sequence - first) * 1e9 / elapsed;
    }

    private void poll() {
        for (int i = 0; i < 100; i++) {
            if (wire.poll(LIMIT) == 0) {
                Thread.onSpinWait();
            }
        }
    }

    private void onMessage(DirectBuffer buffer, int offset, int length) {
        if (length != this.length || buffer.getLong(offset) != ++sequence) {
            throw new IllegalStateException(
                    length + " bytes, message " + buffer.getLong(offset) + " instead of " + sequence);
        }
    }

    private void onLongMessage(DirectBuffer buffer, int offset, int length) {
        onMessage(buffer, offset, length);
        buffer.getBytes(offset, copy, 0, length);
        if (copy[length - 1] != Producer.FILLER) {
            throw new IllegalStateException("message " + sequence + " ends in " + copy[length - 1]);
        }
    }
}
