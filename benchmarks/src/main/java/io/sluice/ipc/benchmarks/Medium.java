package io.sluice.ipc.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// What carries the messages: ours and the peers', each as its users set it up for speed.
///
/// Before any end is opened, [#prepare] makes what both need: a file, a driver.
enum Medium {
    /// Agrona's ring buffer as it is, on its own `UnsafeBuffer`.
    AGRONA(List.of(Medium.OPEN_UNSAFE)) {
        @Override
        AutoCloseable prepare(Path directory) throws IOException {
            return AgronaWire.create(directory);
        }

        @Override
        Wire open(Path directory, Side side) throws IOException {
            return AgronaWire.onUnsafeBuffer(directory, side);
        }
    },
    /// Agrona's ring buffer on Sluice's `SegmentBuffer`: what the safe buffer costs by itself.
    AGRONA_SEGMENT(List.of()) {
        @Override
        AutoCloseable prepare(Path directory) throws IOException {
            return AgronaWire.create(directory);
        }

        @Override
        Wire open(Path directory, Side side) throws IOException {
            return AgronaWire.onSegmentBuffer(directory, side);
        }
    },
    /// Aeron IPC, its media driver in a process of its own on the same cores.
    AERON(List.of(Medium.OPEN_UNSAFE)) {
        @Override
        AutoCloseable prepare(Path directory) throws IOException {
            return Child.start(AeronDriver.class, directory.toString());
        }

        @Override
        Wire open(Path directory, Side side) {
            return new AeronWire(directory, side);
        }
    },
    /// Sluice over shared memory, polled.
    SHM(List.of()) {
        @Override
        Wire open(Path directory, Side side) throws InterruptedException {
            return new PollingWire(side.open("shm:benchmark?capacity=1m&wait=spin&threads=single"));
        }
    },
    /// Sluice over shared memory, through the blocking calls, which spin.
    SHM_SPIN(List.of()) {
        @Override
        Wire open(Path directory, Side side) throws InterruptedException {
            return new BlockingWire(side.open("shm:benchmark?capacity=1m&wait=spin&threads=single"));
        }
    },
    /// Sluice over shared memory, through the blocking calls, which sleep.
    SHM_BLOCK(List.of()) {
        @Override
        Wire open(Path directory, Side side) throws InterruptedException {
            return new BlockingWire(side.open("shm:benchmark?capacity=1m&wait=block&threads=single"));
        }
    };

    /// What Agrona 2 and all that stands on its `UnsafeBuffer` ask of the JVM.
    static final String OPEN_UNSAFE = "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED";

    private final List<String> flags;

    Medium(List<String> flags) {
        this.flags = flags;
    }

    /// The JVM flags without which it does not run.
    List<String> flags() {
        return flags;
    }

    /// Makes what both ends need, and returns what takes it away.
    AutoCloseable prepare(Path directory) throws IOException {
        return () -> {};
    }

    /// Opens an end, and waits until the other is there.
    abstract Wire open(Path directory, Side side) throws IOException, InterruptedException;
}
