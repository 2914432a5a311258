package io.sluice.ipc.examples;

import io.sluice.ipc.Ipc;
import io.sluice.ipc.Server;
import java.util.concurrent.CountDownLatch;

/// Sends every message back to the client that it came from.
///
/// Its argument is an address, such as `shm:greetings`, or a name whose address `ipc.properties` says; `echo` if it is
/// not given.
public final class EchoServer {
    private EchoServer() {}

    /// Serves until the process is told to end.
    ///
    /// @param arguments an address or a name
    /// @throws InterruptedException if the thread is interrupted
    public static void main(String[] arguments) throws InterruptedException {
        String address = arguments.length > 0 ? arguments[0] : "echo";

        // One thread serves all clients. `offer` says false when a client does not take its answers: then so does this
        // handler, and the message is handed over again when there is room.
        try (Server server =
                Ipc.serve(address, (channel, message, offset, length) -> channel.offer(message, offset, length))) {
            // Ctrl-C: clients see an end in order, and the address is free at once.
            Runtime.getRuntime().addShutdownHook(new Thread(server::close));
            System.out.println("echoing on " + server.address());
            new CountDownLatch(1).await();
        }
    }
}
