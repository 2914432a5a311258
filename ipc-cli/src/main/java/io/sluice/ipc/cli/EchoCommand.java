package io.sluice.ipc.cli;

import io.sluice.ipc.Ipc;
import io.sluice.ipc.Server;
import io.sluice.ipc.ServerHandler;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `ipc echo ADDRESS`.
@Command(name = "echo", description = "Send every message back to where it came from, until interrupted; any number of clients.")
final class EchoCommand implements Callable<Integer> {
    @Parameters(paramLabel = "ADDRESS", description = "Where to listen.")
    private String address;

    @Override
    public Integer call() throws InterruptedException {
        ServerHandler echo = (channel, buffer, offset, length) -> channel.offer(buffer, offset, length);
        try (Server server = OnExit.open(() -> Ipc.serve(address, new ReportingHandler(echo)))) {
            Terminal.standard().line("echoing on " + server.address());
            new CountDownLatch(1).await(); // until the JVM is told to end
            return 0;
        }
    }
}
