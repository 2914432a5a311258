package io.sluice.ipc.benchmarks;

import java.nio.file.Path;
import org.agrona.MutableDirectBuffer;

/// The partner of [Stream]: sends messages as fast as they are taken, until it is ended. Each is written in place (`claim`) or copied from
/// a buffer of this process (`offer`).
final class Producer {
    static final byte FILLER = 'x';

    private final Wire wire;
    private final MutableDirectBuffer message;
    private final int length;
    private long sequence;

    private Producer(Wire wire, int length) {
        this.wire = wire;
        this.length = length;
        this.message = wire.allocate(length);
        message.setMemory(0, length, FILLER);
    }

    public static void main(String[] args) throws Exception {
        Lifeline.hold();
        boolean claim = args[2].equals("claim");
        int length = Integer.parseInt(args[3]);
        try (Wire wire = Medium.valueOf(args[0]).open(Path.of(args[1]), Side.PARTNER, length)) {
            Producer producer = new Producer(wire, length);
            while (true) {
                if (claim) {
                    producer.claim();
                } else {
                    producer.offer();
                }
            }
        }
    }

    private void claim() {
        for (int i = 0; i < 10_000; i++) {
            sequence++;
            while (!wire.claim(sequence, length)) {
                Thread.onSpinWait();
            }
        }
    }

    private void offer() {
        for (int i = 0; i < 10_000; i++) {
            message.putLong(0, ++sequence);
            while (!wire.offer(message, 0, length)) {
                Thread.onSpinWait();
            }
        }
    }
}
