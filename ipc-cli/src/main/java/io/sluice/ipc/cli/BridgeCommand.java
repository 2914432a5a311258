package io.sluice.ipc.cli;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.Message;
import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.UnsupportedException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `ipc bridge FROM TO`.
@Command(name = "bridge", description = {
    "Listen at one address, and connect each client to another one, until interrupted.",
    "",
    "Messages go both ways, whole and in order. Each client has a channel of its own on the other side; one that"
            + " does not read stops itself and nobody else. When either side closes, so does the other. This is how"
            + " a named pipe reaches another machine: ipc bridge pipe:orders tcp://host:9000."
}, sortOptions = false)
final class BridgeCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "FROM", description = "Where to listen.")
    private String from;

    @Parameters(index = "1", paramLabel = "TO", description = "Where to connect each client to.")
    private String to;

    @Override
    public Integer call() throws InterruptedException {
        Address target = Ipc.resolve(to);
        try (Endpoint endpoint = OnExit.open(() -> Ipc.bind(from))) {
            Terminal.standard().line("bridging " + endpoint.address() + " to " + target);
            while (true) {
                Channel client = endpoint.accept();
                Thread.ofVirtual().name("bridge").start(() -> new Bridge(client, target).open());
            }
        }
    }

    /// One client and its channel on the other side. Each direction has a thread that waits for room, so that back pressure passes
    /// through.
    private static final class Bridge {
        private final Channel client;
        private final Address target;
        private final AtomicBoolean told = new AtomicBoolean();

        Bridge(Channel client, Address target) {
            this.client = client;
            this.target = target;
        }

        void open() {
            OnExit.close(client);
            try (client;
                    Channel server = Ipc.connect(target)) {
                OnExit.close(server);
                Thread back = Thread.ofVirtual().name("bridge-back").start(() -> pass(server, client));
                pass(client, server);
                back.join();
                OnExit.forget(server);
            } catch (IpcException e) {
                tell(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                OnExit.forget(client);
            }
        }

        /// Passes messages on until one side ends, then ends the other.
        private void pass(Channel source, Channel sink) {
            try {
                for (Message message; (message = source.receive()) != null;) {
                    send(message, sink);
                }
                sink.close();
            } catch (UnsupportedException e) {
                awaitOther(e, source, sink);
            } catch (IpcException e) {
                tell(e);
                source.close();
                sink.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /// Nothing comes from this side, or nothing may go to the other: that is no failure where the mechanism is one-way.
        private void awaitOther(UnsupportedException e, Channel source, Channel sink) {
            if (source.stats().messagesReceived() > 0) {
                tell(e);
                source.close();
                sink.close();
            }
        }

        /// However long the sink takes: nothing of a message that timed out was sent.
        private static void send(Message message, Channel sink) throws InterruptedException {
            while (true) {
                try {
                    sink.send(message.bytes());
                    return;
                } catch (TimedOutException e) {
                    // It is stopped, or slow; so is the source now.
                }
            }
        }

        private void tell(IpcException e) {
            if (!(e instanceof ClosedException) && !OnExit.hasBegun() && !told.getAndSet(true)) {
                Terminal.error(e.getMessage());
            }
        }
    }
}
