package io.sluice.ipc.examples;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Server;
import io.sluice.ipc.pipe.ChildProcess;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A server with three clients, each a process of its own, over named pipes: one thread serves them all.
///
/// Its argument is an address; `pipe:example` if it is not given.
public final class PipeServer {
    private PipeServer() {}

    /// Serves until the three clients have ended.
    ///
    /// @param arguments an address
    /// @throws InterruptedException if the thread is interrupted
    public static void main(String[] arguments) throws InterruptedException {
        String address = arguments.length > 0 ? arguments[0] : "pipe:example";
        try (Server server = Ipc.serve(address, (channel, buffer, offset, length) -> {
            String name = buffer.getStringWithoutLengthUtf8(offset, length);
            return channel.offer(("hello, " + name).getBytes(StandardCharsets.UTF_8));
        })) {
            List<ChildProcess> clients = new ArrayList<>();
            for (String name : List.of("Ada", "Grace", "Barbara")) {
                clients.add(ChildProcess.of(Client.class, server.address().toString(), name).start());
            }
            // Closing a child waits until it has ended by itself, or sees to it that it does.
            clients.forEach(ChildProcess::close);
        }
    }

    /// A client: says its name to the server, and prints the answer.
    public static final class Client {
        private Client() {}

        /// Asks once.
        ///
        /// @param arguments the server's address, and a name
        /// @throws InterruptedException if the thread is interrupted
        public static void main(String[] arguments) throws InterruptedException {
            // Its parent may speak with it, too, over anonymous pipes; here it only waits for the end.
            try (Channel parent = Ipc.connect("stdio:");
                    Channel channel = Ipc.connect(arguments[0])) {
                channel.send(arguments[1].getBytes(StandardCharsets.UTF_8));
                System.out.println(channel.receive().text());
                parent.receive();
            }
        }
    }
}
