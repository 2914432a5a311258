package io.sluice.ipc.cli;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.Message;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.pipe.ChildProcess;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// One process of the demo; [DemoRun] starts it and reads what it reports.
@Command(name = "demo-peer", hidden = true)
final class DemoPeerCommand implements Callable<Integer> {
    /// Which end this process is.
    enum Role {
        SERVER, CLIENT, BOTH, PARENT
    }

    private static final String STDIO = "stdio:";
    private static final int SMALL = 32;
    private static final long REPORT_NANOS = 50_000_000;

    @Option(names = "--role", required = true)
    private Role role;

    @Option(names = "--messages", required = true)
    private long messages;

    @Option(names = "--seed", required = true)
    private long seed;

    @Parameters
    private String address;

    @ParentCommand
    private IpcCommand ipc;

    private final AtomicBoolean failed = new AtomicBoolean();
    private Payload payload;
    private long reported;

    static List<String> arguments(Role role, long messages, long seed, String address) {
        return List.of("demo-peer", "--role=" + role, "--messages=" + messages, "--seed=" + seed, address);
    }

    @Override
    public Integer call() throws Exception {
        if (!address.startsWith(STDIO) || role == Role.PARENT) {
            Child.endWithParent(); // else the channel does it
        }
        payload = new Payload(seed);
        try {
            switch (role) {
                case CLIENT -> request(address);
                case PARENT -> serveChild();
                case SERVER, BOTH -> serve();
            }
            return 0;
        } catch (FailedException | IpcException e) {
            fail(e);
            return 1;
        } catch (RuntimeException e) {
            Child.report("failed unexpectedly: " + e);
            throw e;
        }
    }

    /// Reports why it failed, once.
    private <E extends Exception> E fail(E failure) {
        if (!failed.getAndSet(true)) {
            boolean lost = failure instanceof ClosedException || failure instanceof PeerLostException;
            Child.report((lost ? "lost " : "failed ") + failure.getMessage());
        }
        return failure;
    }

    private int due(long index) {
        return index < messages ? payload.mixedLength(index) : SMALL;
    }

    private void serve() throws Exception {
        try (Endpoint endpoint = OnExit.open(() -> Ipc.bind(address))) {
            Child.report("listening " + endpoint.address());
            FutureTask<Void> client = new FutureTask<>(() -> request(endpoint.address().toString()), null);
            if (role == Role.BOTH) {
                Thread.ofPlatform().daemon().name("client").start(client);
            }
            try (Channel channel = endpoint.accept()) {
                echo(channel);
            }
            if (role == Role.BOTH) {
                client.get();
            }
        }
    }

    /// The child's reports go where this process's go.
    private void serveChild() throws Exception {
        String child = Address.parse(address).with("orphan", "exit").toString();
        ProcessBuilder command =
                new ProcessBuilder(Child.command(arguments(Role.CLIENT, messages, seed, child), ipc.isVerbose()));
        try (ChildProcess process = ChildProcess.of(command).address(address).start()) {
            OnExit.close(process);
            echo(process.channel());
        }
    }

    private void echo(Channel channel) throws InterruptedException {
        try {
            if (isReliable(channel)) {
                echoAll(channel);
            } else {
                new UnreliableExchange(channel, payload, messages, SMALL).echo();
            }
            Child.report("checked");
        } catch (FailedException | IpcException e) {
            throw fail(e);
        }
    }

    private static boolean isReliable(Channel channel) {
        return channel.capabilities().has(Capability.RELIABLE);
    }

    private void echoAll(Channel channel) throws InterruptedException {
        for (long i = 0; i < 2 * messages; i++) {
            Message message = receive(channel, i, "client");
            channel.send(message.bytes());
        }
        if (channel.receive() != null) {
            throw new FailedException("a message came that nobody sent");
        }
    }

    private void request(String server) {
        try (Channel channel = Ipc.connect(server)) {
            measure(channel);
        } catch (InterruptedException e) {
            throw new FailedException("interrupted", e);
        }
    }

    private void measure(Channel channel) throws InterruptedException {
        try {
            DemoResult result = isReliable(channel)
                    ? measureAll(channel)
                    : new UnreliableExchange(channel, payload, messages, SMALL).measure(this::progress);
            Child.report("result " + result.toText());
        } catch (FailedException | IpcException e) {
            throw fail(e);
        }
    }

    private DemoResult measureAll(Channel channel) throws InterruptedException {
        long start = System.nanoTime();
        stream(channel);
        long nanos = System.nanoTime() - start;
        Histogram times = roundTrips(channel);
        return new DemoResult(messages, nanos, times.getValueAtPercentile(50), times.getValueAtPercentile(99), 0);
    }

    /// Sends messages of mixed sizes as fast as they go, and at the same time receives and checks them.
    private void stream(Channel channel) throws InterruptedException {
        SegmentBuffer block = new SegmentBuffer(payload.block());
        Thread.ofPlatform().daemon().name("sender").start(() -> {
            try {
                for (long i = 0; i < messages; i++) {
                    channel.send(block, payload.start(i), due(i));
                }
            } catch (InterruptedException | RuntimeException e) {
                fail(e);
                channel.close(); // wakes the receiver below
            }
        });
        for (long i = 0; i < messages; i++) {
            receive(channel, i, "server");
            progress(i + 1);
        }
    }

    private Histogram roundTrips(Channel channel) throws InterruptedException {
        SegmentBuffer block = new SegmentBuffer(payload.block());
        Histogram nanos = new Histogram(3);
        long warm = messages + messages / 5;
        for (long i = messages; i < 2 * messages; i++) {
            long start = System.nanoTime();
            channel.send(block, payload.start(i), SMALL);
            receive(channel, i, "server");
            if (i >= warm) {
                nanos.recordValue(System.nanoTime() - start);
            }
            progress(i + 1);
        }
        return nanos;
    }

    private Message receive(Channel channel, long index, String peer) throws InterruptedException {
        Message message = channel.receive();
        if (message == null) {
            throw new ClosedException("the " + peer + " closed after " + index + " of " + 2 * messages + " messages");
        }
        payload.check(index, due(index), message.bytes());
        return message;
    }

    private void progress(long done) {
        long now = System.nanoTime();
        if (now - reported > REPORT_NANOS) {
            reported = now;
            Child.report("progress " + done);
        }
    }
}
