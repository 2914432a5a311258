package io.sluice.ipc.cli;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Server;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.agrona.DirectBuffer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ipc listen ADDRESS`.
@Command(name = "listen", description = "Print every message that any client sends, one a line, until interrupted.", sortOptions = false)
final class ListenCommand implements Callable<Integer> {
    @Parameters(paramLabel = "ADDRESS", description = "Where to listen.")
    private String address;

    @Option(names = {"-n", "--messages"}, paramLabel = "N", description = "End after so many messages.")
    private long messages = Long.MAX_VALUE;

    private final Terminal terminal = Terminal.standard();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private long printed;

    @Override
    public Integer call() throws InterruptedException {
        try (Server server = OnExit.open(() -> Ipc.serve(address, new ReportingHandler(this::print)))) {
            System.err.println("listening on " + server.address());
            end.get();
            return 0;
        } catch (ExecutionException e) {
            throw new OutputClosedException();
        }
    }

    /// Called on the server's one thread.
    private boolean print(Channel channel, DirectBuffer buffer, int offset, int length) {
        if (end.isDone()) {
            return false;
        }
        byte[] message = new byte[length];
        buffer.getBytes(offset, message);
        try {
            terminal.line(message, 0, length);
        } catch (OutputClosedException e) {
            end.completeExceptionally(e);
            return false;
        }
        if (++printed >= messages) {
            end.complete(null);
        }
        return true;
    }
}
