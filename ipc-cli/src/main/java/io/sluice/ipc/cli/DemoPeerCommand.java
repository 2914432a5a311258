package io.sluice.ipc.cli;

import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.Message;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.SegmentBuffer;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// One process of the demo; [DemoRun] starts it and reads what it reports.
@Command(name = "demo-peer", hidden = true)
final class DemoPeerCommand implements Callable<Integer> {
    /// Which end this process is.
    enum Role {
        SERVER, CLIENT, BOTH
    }

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

    private final AtomicBoolean failed = new AtomicBoolean();
    private Payload payload;
    private long reported;

    @Override
    public Integer call() throws Exception {
        Child.endWithParent();
        payload = new Payload(seed);
        try {
            if (role == Role.CLIENT) {
                request(address);
            } else {
                serve();
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

    private void echo(Channel channel) throws InterruptedException {
        try {
            for (long i = 0; i < 2 * messages; i++) {
                Message message = receive(channel, i, "client");
                channel.send(message.bytes());
            }
            if (channel.receive() != null) {
                throw new FailedException("a message came that nobody sent");
            }
            Child.report("checked");
        } catch (FailedException | IpcException e) {
            throw fail(e);
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
            long start = System.nanoTime();
            stream(channel);
            long nanos = System.nanoTime() - start;
            Histogram times = roundTrips(channel);
            DemoResult result =
                    new DemoResult(messages, nanos, times.getValueAtPercentile(50), times.getValueAtPercentile(99));
            Child.report("result " + result.toText());
        } catch (FailedException | IpcException e) {
            throw fail(e);
        }
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
