package io.sluice.ipc.benchmarks;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Ipc;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The clients of [Connections]: each sends a message, and has it back before the next one connects.
final class ConnectionClients {
    private ConnectionClients() {}

    public static void main(String[] args) throws Exception {
        Lifeline.hold();
        String address = Meeting.await(Path.of(args[0])) + "?connect-timeout=20s";
        List<Channel> channels = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
            Channel channel = Ipc.connect(address);
            channels.add(channel);
            channel.send(new byte[RoundTrip.LENGTH]);
            channel.receive();
        }
        Thread.currentThread().join();
        channels.forEach(Channel::close); // it is ended before; until then they are in use
    }
}
