package io.sluice.ipc.benchmarks;

import io.sluice.ipc.Channel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

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
        Wire open(Path directory, Side side, int length) throws IOException {
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
        Wire open(Path directory, Side side, int length) throws IOException {
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
        Wire open(Path directory, Side side, int length) {
            return new AeronWire(directory, side);
        }
    },
    /// Sluice over shared memory, polled.
    SHM("shm:benchmark?capacity=1m&wait=spin&threads=single", PollingWire::new),
    /// Sluice over shared memory, through the blocking calls, which spin.
    SHM_SPIN("shm:benchmark?capacity=1m&wait=spin&threads=single", BlockingWire::new),
    /// Sluice over shared memory, through the blocking calls, which sleep.
    SHM_BLOCK("shm:benchmark?capacity=1m&wait=block&threads=single", BlockingWire::new),
    /// Sluice over named pipes, polled.
    PIPE("pipe:benchmark?threads=single", PollingWire::new),
    /// Sluice over named pipes, through the blocking calls, which sleep.
    PIPE_BLOCK("pipe:benchmark?wait=block&threads=single", BlockingWire::new),
    /// The same, through the blocking calls as they are without options: they look for some microseconds before they sleep.
    PIPE_ADAPTIVE("pipe:benchmark?threads=single", BlockingWire::new),
    /// Sluice over anonymous pipes, polled.
    STDIO(List.of()) {
        @Override
        AutoCloseable partner(Class<?> program, String... arguments) throws IOException, InterruptedException {
            return StdioPartner.start("stdio:?orphan=exit", program, arguments);
        }

        @Override
        Wire open(Path directory, Side side, int length) throws InterruptedException {
            return new PollingWire(StdioPartner.channel("stdio:"));
        }
    },
    /// Sluice over anonymous pipes, through the blocking calls, which sleep.
    STDIO_BLOCK(List.of()) {
        @Override
        AutoCloseable partner(Class<?> program, String... arguments) throws IOException, InterruptedException {
            return StdioPartner.start("stdio:?orphan=exit&wait=block", program, arguments);
        }

        @Override
        Wire open(Path directory, Side side, int length) throws InterruptedException {
            return new BlockingWire(StdioPartner.channel("stdio:?wait=block"));
        }
    },
    /// Sluice over anonymous pipes, through the blocking calls as they are without options.
    STDIO_ADAPTIVE(List.of()) {
        @Override
        AutoCloseable partner(Class<?> program, String... arguments) throws IOException, InterruptedException {
            return StdioPartner.start("stdio:?orphan=exit", program, arguments);
        }

        @Override
        Wire open(Path directory, Side side, int length) throws InterruptedException {
            return new BlockingWire(StdioPartner.channel("stdio:"));
        }
    },
    /// POSIX queues, as they are opened when nothing is said.
    MQ(List.of()) {
        @Override
        Wire open(Path directory, Side side, int length) {
            return new QueueWire("mq", "", directory, side);
        }
    },
    /// POSIX queues, whose waiting threads sleep at once.
    MQ_BLOCK(List.of()) {
        @Override
        Wire open(Path directory, Side side, int length) {
            return new QueueWire("mq", "?wait=block", directory, side);
        }
    },
    /// System V queues, as they are opened when nothing is said.
    SYSV(List.of()) {
        @Override
        Wire open(Path directory, Side side, int length) {
            return new QueueWire("sysv", "", directory, side);
        }
    },
    /// System V queues, whose waiting threads sleep at once.
    SYSV_BLOCK(List.of()) {
        @Override
        Wire open(Path directory, Side side, int length) {
            return new QueueWire("sysv", "?wait=block", directory, side);
        }
    },
    /// Sluice over Unix-domain sockets, polled.
    UNIX("unix:benchmark?threads=single", PollingWire::new),
    /// The same, through the blocking calls as they are without options.
    UNIX_ADAPTIVE("unix:benchmark?threads=single", BlockingWire::new),
    /// The same, through the blocking calls, which sleep.
    UNIX_BLOCK("unix:benchmark?wait=block&threads=single", BlockingWire::new),
    /// The same, through the blocking calls, which spin.
    UNIX_SPIN("unix:benchmark?wait=spin&threads=single", BlockingWire::new),
    /// Sluice over TCP, polled.
    TCP("tcp://127.0.0.1:0?threads=single", PollingWire::new),
    /// The same, through the blocking calls as they are without options.
    TCP_ADAPTIVE("tcp://127.0.0.1:0?threads=single", BlockingWire::new),
    /// The same, through the blocking calls, which sleep.
    TCP_BLOCK("tcp://127.0.0.1:0?wait=block&threads=single", BlockingWire::new),
    /// The same, through the blocking calls, which spin.
    TCP_SPIN("tcp://127.0.0.1:0?wait=spin&threads=single", BlockingWire::new),
    /// Sluice over TCP asleep, with the JDK's sockets.
    TCP_NIO("tcp://127.0.0.1:0?io=nio&wait=block&threads=single", BlockingWire::new),
    /// The same, with the system's, and loops on epoll.
    TCP_EPOLL("tcp://127.0.0.1:0?io=epoll&wait=block&threads=single", BlockingWire::new),
    /// The same, and loops on io_uring.
    TCP_IO_URING("tcp://127.0.0.1:0?io=io_uring&wait=block&threads=single", BlockingWire::new),
    /// Bare Unix-domain sockets of the JDK.
    NIO_UNIX(List.of()) {
        @Override
        Wire open(Path directory, Side side, int length) throws IOException, InterruptedException {
            return NioWire.unix(directory, side, length);
        }
    },
    /// Bare TCP sockets of the JDK.
    NIO_TCP(List.of()) {
        @Override
        Wire open(Path directory, Side side, int length) throws IOException, InterruptedException {
            return NioWire.tcp(directory, side, length);
        }
    },
    /// JeroMQ over TCP.
    ZEROMQ(List.of()) {
        @Override
        Wire open(Path directory, Side side, int length) throws IOException, InterruptedException {
            return new ZeroMqWire(directory, side, length);
        }
    };

    /// What Agrona 2 and all that stands on its `UnsafeBuffer` ask of the JVM.
    static final String OPEN_UNSAFE = "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED";

    private final List<String> flags;
    private final String address;
    private final Function<Channel, Wire> use;

    Medium(List<String> flags) {
        this.flags = flags;
        this.address = null;
        this.use = null;
    }

    /// A Sluice channel, and how it is used.
    Medium(String address, Function<Channel, Wire> use) {
        this.flags = List.of();
        this.address = address;
        this.use = use;
    }

    /// The JVM flags without which it does not run.
    List<String> flags() {
        return flags;
    }

    /// Makes what both ends need, and returns what takes it away.
    AutoCloseable prepare(Path directory) throws IOException {
        return () -> {};
    }

    /// Starts the other process.
    AutoCloseable partner(Class<?> program, String... arguments) throws IOException, InterruptedException {
        return Child.start(program, arguments);
    }

    /// Opens an end, and waits until the other is there.
    ///
    /// @param length of every message, for media that do not tell one from the next
    Wire open(Path directory, Side side, int length) throws IOException, InterruptedException {
        return use.apply(side.open(address, directory));
    }
}
