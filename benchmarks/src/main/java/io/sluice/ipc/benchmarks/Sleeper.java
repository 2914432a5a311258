package io.sluice.ipc.benchmarks;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import java.nio.file.Path;

/// A process that waits for messages which do not come; [Idle] looks at what that costs.
enum Sleeper {
    /// Nothing but a JVM whose threads sleep: what each of the others costs at the least.
    JVM(0) {
        @Override
        void sleep(Path directory) throws InterruptedException {
            Thread.currentThread().join();
        }
    },
    /// A thread blocked in a receive.
    RECEIVER(1) {
        @Override
        void sleep(Path directory) throws InterruptedException {
            try (Endpoint endpoint = Ipc.bind(ADDRESS);
                    Channel channel = endpoint.accept()) {
                while (channel.receive() != null) {}
            }
        }
    },
    /// A server whose clients are silent.
    SERVER(1000) {
        @Override
        void sleep(Path directory) throws InterruptedException {
            try (var _ = Ipc.serve(ADDRESS, (channel, buffer, offset, length) -> true)) {
                Thread.currentThread().join();
            }
        }
    },
    /// A server whose clients are silent, over pipes.
    PIPE_SERVER(200) {
        @Override
        String address() {
            return "pipe:benchmark?wait=block";
        }

        @Override
        void sleep(Path directory) throws InterruptedException {
            try (var _ = Ipc.serve(address(), (channel, buffer, offset, length) -> true)) {
                Thread.currentThread().join();
            }
        }
    },
    /// Aeron's media driver without clients.
    AERON(0) {
        @Override
        void sleep(Path directory) throws InterruptedException {
            AeronDriver.main(new String[] {directory.toString()});
        }
    };

    private static final String ADDRESS = "shm:benchmark?capacity=64k&wait=block";

    private final int channels;

    Sleeper(int channels) {
        this.channels = channels;
    }

    public static void main(String[] args) throws InterruptedException {
        Lifeline.hold();
        valueOf(args[0]).sleep(Path.of(args[1]));
    }

    /// Where to connect.
    String address() {
        return ADDRESS;
    }

    /// How many channels to open to it.
    int channels() {
        return channels;
    }

    abstract void sleep(Path directory) throws InterruptedException;
}
