package io.sluice.ipc.pipe;

import io.sluice.ipc.Address;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Peer;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.stream.PolledStream;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.stream.Framing;
import io.sluice.ipc.stream.Hello;
import io.sluice.ipc.stream.StreamChannel;
import io.sluice.ipc.stream.StreamPlan;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// Starts one child with two pipes.
///
/// The JDK closes all descriptors of a child but the standard ones. So a shell stands between: it opens this process's ends of
/// the pipes by the names that they have in `/proc`, as its descriptors 3 and 4, and then becomes the program. Where
/// the pipes are the program's standard streams, the JDK opens them by these names itself.
///
/// This process keeps the child's ends until the child has greeted, or has ended: nothing else tells that the shell has opened
/// them. A child that ends without a greeting is noticed by its end.
final class ChildStart {
    private static final int IN = 3;
    private static final int OUT = 4;
    private static final String SHELL = "exec " + IN + "<\"$1\" " + OUT + ">\"$2\" && shift 2 && exec \"$@\"";
    private static final File NOTHING = new File("/dev/null");

    private final ProcessBuilder command;
    private final Address address;
    private final Direction direction;
    private final boolean sluice;

    ChildStart(ProcessBuilder command, Address address) {
        this.command = command;
        this.address = address;
        this.direction = Direction.OPTION.of(address);
        this.sluice = Framing.OPTION.of(address).isSluice();
    }

    static void check(Address address) {
        if (!address.scheme().equals("stdio")) {
            throw new InvalidAddressException(address + ": a child is reached by stdio: only; other addresses are for"
                    + " Ipc.bind and Ipc.connect");
        }
        StdioTransport.checkPlace(address);
        Option.check(address, StdioTransport.allOptions());
    }

    ChildProcess start() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Descriptor[] down = Descriptor.pipe();
        Descriptor[] up;
        try {
            up = Descriptor.pipe();
        } catch (RuntimeException e) {
            close(down);
            throw e;
        }
        boolean started = false;
        try {
            Process process = launch(down[0], up[1]);
            ChildProcess child = join(process, down, up);
            started = true;
            return child;
        } finally {
            down[0].close();
            up[1].close();
            if (!started) {
                down[1].close();
                up[0].close();
            }
        }
    }

    private static void close(Descriptor[] pipe) {
        pipe[0].close();
        pipe[1].close();
    }

    private Process launch(Descriptor childReads, Descriptor childWrites) {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command.command()))
                .directory(command.directory())
                .redirectErrorStream(command.redirectErrorStream());
        builder.environment().clear();
        builder.environment().putAll(command.environment());
        builder.redirectInput(orElse(command.redirectInput(), Redirect.from(NOTHING)));
        builder.redirectOutput(orElse(command.redirectOutput(), Redirect.INHERIT));
        builder.redirectError(orElse(command.redirectError(), Redirect.INHERIT));
        if (sluice) {
            List<String> shell = new ArrayList<>(
                    List.of("/bin/sh", "-c", SHELL, "sh", childReads.path(), childWrites.path()));
            shell.addAll(command.command());
            builder.command(shell);
            boolean exits = StdioTransport.ORPHAN.of(address) == StdioTransport.Orphan.EXIT;
            builder.environment().put(StdioConnect.VARIABLE, IN + "," + OUT + (exits ? ",exit" : ""));
        } else {
            builder.environment().remove(StdioConnect.VARIABLE);
            if (direction.goesOut()) {
                builder.redirectInput(Redirect.from(new File(childReads.path())));
            }
            if (direction.goesIn()) {
                builder.redirectOutput(Redirect.to(new File(childWrites.path())));
            }
        }
        try {
            return builder.start();
        } catch (IOException e) {
            throw new SystemCallException(address.withoutOptions() + ": the child cannot be started: " + e.getMessage(),
                    e);
        }
    }

    private static Redirect orElse(Redirect chosen, Redirect instead) {
        return chosen.type() == Redirect.Type.PIPE ? instead : chosen;
    }

    private ChildProcess join(Process process, Descriptor[] down, Descriptor[] up) throws InterruptedException {
        Peer peer = new Peer(Optional.empty(), Optional.empty(), OptionalLong.of(process.pid()));
        boolean reads = sluice || direction.goesIn();
        boolean writes = sluice || direction.goesOut();
        PolledStream stream = PipeConduit.stream(reads ? up[0] : null, writes ? down[1] : null, peer);
        if (!reads) {
            up[0].close();
        }
        if (!writes) {
            down[1].close();
        }
        boolean joined = false;
        try {
            PipeCarrier.resize(address, stream.conduit().output());
            StreamPlan plan = sluice
                    ? greet(process, stream, down[0], up[1])
                    : StreamPlan.withoutHandshake(address, direction.goesOut(), direction.goesIn());
            StreamChannel channel = new StreamChannel(address, stream, plan, PipeCarrier.PROMISES);
            process.onExit().thenRun(channel::onPeerGone);
            joined = true;
            return new ChildProcess(process, channel, StdioTransport.EXIT_TIMEOUT.of(address));
        } finally {
            if (!joined) {
                stream.close();
                ChildProcess.end(process, Duration.ZERO);
            }
        }
    }

    private StreamPlan greet(Process process, PolledStream stream, Descriptor childReads, Descriptor childWrites)
            throws InterruptedException {
        process.onExit().thenRun(() -> {
            childReads.close();
            childWrites.close();
        });
        Hello mine = PipeCarrier.hello(address);
        try {
            return StreamPlan.of(address, mine, StdioConnect.exchange(address, stream, mine));
        } catch (HandshakeException e) {
            if (!process.waitFor(1, TimeUnit.SECONDS)) {
                throw e;
            }
            throw new HandshakeException(address.withoutOptions() + ": the child ended with status "
                    + process.exitValue() + " before it had connected to stdio:; its standard error says why", e);
        }
    }
}
