package io.sluice.ipc.benchmarks;

import java.nio.file.Path;
import org.agrona.DirectBuffer;

/// The partner of [RoundTrip]: sends every message back as it came, after a look at its sequence, until it is ended.
final class Echo {
    private final Wire wire;
    private long sequence;

    private Echo(Wire wire) {
        this.wire = wire;
        wire.listen(this::onMessage);
    }

    public static void main(String[] args) throws Exception {
        Lifeline.hold();
        try (Wire wire = Medium.valueOf(args[0]).open(Path.of(args[1]), Side.PARTNER, RoundTrip.LENGTH)) {
            Echo echo = new Echo(wire);
            while (echo.poll()) {}
        }
    }

    private boolean poll() {
        for (int i = 0; i < 10_000; i++) {
            int polled = wire.poll(1);
            if (polled < 0) {
                return false;
            }
            if (polled == 0) {
                Thread.onSpinWait();
            }
        }
        return true;
    }

    private void onMessage(DirectBuffer buffer, int offset, int length) {
        if (buffer.getLong(offset) != ++sequence) {
            throw new IllegalStateException("message " + buffer.getLong(offset) + " instead of " + sequence);
        }
        while (!wire.offer(buffer, offset, length)) {
            Thread.onSpinWait();
        }
    }
}
