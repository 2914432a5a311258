package io.sluice.ipc.cli;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.pipe.ChildProcess;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.WaitStrategy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `ipc bench ADDRESS`.
@Command(name = "bench", description = {
    "Measure round trips and a one-way stream between two processes, which this command starts.",
    "",
    "inproc: has both ends in one process, stdio: in this one and its child. Compare figures of one machine and one hour only; a machine with"
            + " fewer free cores than spinning threads measures its scheduler."
}, sortOptions = false)
final class BenchCommand implements Callable<Integer> {
    private static final long MAX_ROUND_TRIPS = 200_000;
    private static final long MIN_ROUND_TRIPS = 100;
    private static final long ROUND_TRIP_BYTES = 256 << 20;
    private static final int STREAM_FACTOR = 10;
    private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(30);

    @Parameters(paramLabel = "ADDRESS", description = "Where to measure; nobody else may be bound to it.")
    private String address;

    @Option(names = "--size", paramLabel = "SIZE", defaultValue = "32", description = "The length of a message, such as 32 or 64k; default ${DEFAULT-VALUE}.")
    private String size;

    @Option(names = "--messages", paramLabel = "N", description = "Round trips to time; ten times as many messages are streamed. By default 200,000, or fewer"
            + " large ones.")
    private Long messages;

    @Option(names = "--wait", paramLabel = "HOW", description = "How both ends wait: spin, adaptive or block; as the address says if not given.")
    private WaitStrategy wait;

    @Option(names = "--json", paramLabel = "FILE", description = "Write all figures, with the whole histogram, to a file; - is standard output.")
    private Path json;

    @ParentCommand
    private IpcCommand ipc;

    @Spec
    private CommandSpec spec;

    private final Terminal terminal = Terminal.standard();

    @Override
    public Integer call() throws Exception {
        BenchWork work = work();
        Address at = Ipc.resolve(address);
        if (wait != null) {
            at = at.with("wait", wait.name().toLowerCase(Locale.ROOT));
        }
        Trial trial = Trial.at(at);
        BenchReport report =
                new BenchReport(trial, work, switch (trial.ends()) {
                    case ONE_PROCESS -> inOneProcess(trial, work);
                    case PARENT_AND_CHILD -> withChild(trial, work);
                    case ANY -> inTwo(trial, work);
                });
        if (json == null || !json.toString().equals("-")) {
            report.lines(terminal.isUnicode()).forEach(terminal::line);
        }
        if (json != null) {
            write(report.json());
        }
        return 0;
    }

    private BenchWork work() {
        int bytes;
        try {
            bytes = Math.toIntExact(Quantities.parseSize(size));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new ParameterException(spec.commandLine(), "--size=" + size + " is not a size such as 32 or 64k.", e);
        }
        if (messages != null && messages < 1) {
            throw new ParameterException(spec.commandLine(), "--messages must be at least 1.");
        }
        long fitting = Math.max(MIN_ROUND_TRIPS, ROUND_TRIP_BYTES / Math.max(1, bytes));
        long roundTrips = messages != null ? messages : Math.min(MAX_ROUND_TRIPS, fitting);
        return new BenchWork(bytes, roundTrips, STREAM_FACTOR * roundTrips);
    }

    private BenchWork.Result inOneProcess(Trial trial, BenchWork work) throws Exception {
        try (Endpoint endpoint = Ipc.bind(trial.address())) {
            start("server", () -> {
                try (Channel channel = endpoint.accept()) {
                    work.serve(channel);
                }
                return null;
            });
            return measure(endpoint.address(), work);
        }
    }

    private BenchWork.Result inTwo(Trial trial, BenchWork work) throws Exception {
        BlockingQueue<Child.Event> events = new LinkedBlockingQueue<>();
        try (Child server =
                Child.start("the server process", peerArguments(trial, work), ipc.isVerbose(), events::add)) {
            OnExit.close(server);
            BenchWork.Result result = measure(listening(next(events)), work);
            ended(next(events)); // by itself, and so in order
            return result;
        }
    }

    private BenchWork.Result withChild(Trial trial, BenchWork work) throws Exception {
        ProcessBuilder command = new ProcessBuilder(Child.command(peerArguments(trial, work), ipc.isVerbose()));
        try (ChildProcess server =
                ChildProcess.of(command).address(trial.address().toString()).start()) {
            OnExit.close(server);
            return measure(server.channel(), trial.address(), work);
        }
    }

    private static List<String> peerArguments(Trial trial, BenchWork work) {
        return List.of(
                "bench-peer",
                "--size=" + work.size(),
                "--round-trips=" + work.roundTrips(),
                "--streamed=" + work.streamed(),
                trial.address().toString());
    }

    private static Child.Event next(BlockingQueue<Child.Event> events) throws InterruptedException {
        Child.Event event = events.poll(STALLED_NANOS, TimeUnit.NANOSECONDS);
        if (event == null) {
            throw stalled();
        }
        return event;
    }

    private static Address listening(Child.Event event) {
        return switch (event) {
            case Child.Report(Child child, String address) -> Address.parse(address);
            case Child.Ended(Child child, int status) -> throw failed(child, status);
        };
    }

    private static void ended(Child.Event event) {
        if (event instanceof Child.Ended(Child child, int status) && status != 0) {
            throw failed(child, status);
        }
    }

    private static FailedException failed(Child child, int status) {
        return new FailedException(child.lastError().orElse(child.role() + " ended with status " + status));
    }

    private BenchWork.Result measure(Address server, BenchWork work) throws Exception {
        try (Channel channel = Ipc.connect(server)) {
            OnExit.close(channel);
            return measure(channel, server, work);
        }
    }

    private BenchWork.Result measure(Channel channel, Address server, BenchWork work) throws Exception {
        AtomicLong done = new AtomicLong();
        try (Progress progress = new Progress(terminal, server.withoutOptions(), work.total())) {
            FutureTask<BenchWork.Result> client = start("client", () -> work.request(channel, done));
            long seen = -1;
            long deadline = 0;
            while (true) {
                try {
                    return client.get(100, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    progress.update(done.get());
                }
                if (seen != done.get()) {
                    seen = done.get();
                    deadline = System.nanoTime() + STALLED_NANOS;
                } else if (System.nanoTime() - deadline > 0) {
                    throw stalled();
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static FailedException stalled() {
        return new FailedException("nothing has happened for " + TimeUnit.NANOSECONDS.toSeconds(STALLED_NANOS) + " s");
    }

    private static <T> FutureTask<T> start(String name, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().name(name).start(task);
        return task;
    }

    private void write(String text) {
        if (json.toString().equals("-")) {
            terminal.line(text);
            return;
        }
        try {
            Files.writeString(json, text + "\n");
        } catch (IOException e) {
            throw new FailedException("cannot write " + json + ": " + e, e);
        }
    }
}
