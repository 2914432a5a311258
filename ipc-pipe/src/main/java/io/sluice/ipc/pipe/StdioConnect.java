package io.sluice.ipc.pipe;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.Peer;
import io.sluice.ipc.UnsupportedException;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.stream.PollLoop;
import io.sluice.ipc.os.stream.PolledStream;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.stream.Framing;
import io.sluice.ipc.stream.Hello;
import io.sluice.ipc.stream.StreamChannel;
import io.sluice.ipc.stream.StreamPlan;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The child's half of `stdio:`. The environment says which descriptors it has inherited:
/// `IPC_STDIO_DESCRIPTORS=IN,OUT`, or `IN,OUT,exit` if it shall not outlive its parent.
final class StdioConnect {
    /// Names the descriptors.
    static final String VARIABLE = "IPC_STDIO_DESCRIPTORS";
    /// The status of a child that ends because its parent is dead: as after SIGHUP.
    static final int ORPHANED = 128 + 1;

    private static final Pattern DESCRIPTORS = Pattern.compile("(\\d{1,5}),(\\d{1,5})(,exit)?");
    private static final AtomicBoolean CONNECTED = new AtomicBoolean();
    private static final long LOOK_NANOS = 50_000_000;
    private static final int LOOKS = 40;

    private StdioConnect() {}

    static Channel connect(Address address) throws InterruptedException {
        if (!Framing.OPTION.of(address).isSluice()) {
            throw new UnsupportedException(
                    address + ": a child that speaks in lines or raw bytes has them on its standard"
                            + " input and output; read System.in, write to System.out");
        }
        String text = System.getenv(VARIABLE);
        if (text == null) {
            throw new UnsupportedException(address.withoutOptions() + ": this process was not started by ChildProcess;"
                    + " the environment variable " + VARIABLE + " is missing");
        }
        Matcher descriptors = DESCRIPTORS.matcher(text);
        if (!descriptors.matches()) {
            throw new HandshakeException(address.withoutOptions() + ": the environment variable " + VARIABLE + " is '"
                    + text + "'; it says IN,OUT, as in 3,4");
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (CONNECTED.getAndSet(true)) {
            throw new UnsupportedException(address.withoutOptions()
                    + ": this process has connected before; there is one channel between a child and its parent");
        }
        // Before the greeting, which fails if the parent is dead by now: nobody else is taken for it.
        long parent = parentPid();
        PolledStream stream = PipeConduit.stream(
                Descriptor.inherited(Integer.parseInt(descriptors.group(1))),
                Descriptor.inherited(Integer.parseInt(descriptors.group(2))),
                new Peer(Optional.empty(), Optional.empty(), OptionalLong.of(parent)));
        boolean done = false;
        try {
            Channel channel = greet(address, stream);
            if (descriptors.group(3) != null
                    || StdioTransport.ORPHAN.of(address) == StdioTransport.Orphan.EXIT) {
                endWithParent(stream, parent);
            }
            done = true;
            return channel;
        } finally {
            if (!done) {
                stream.close();
            }
        }
    }

    private static long parentPid() {
        return ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L);
    }

    private static Channel greet(Address address, PolledStream stream) throws InterruptedException {
        Direction direction = Direction.OPTION.of(address);
        Hello mine = Hello.of(direction.goesIn(), direction.goesOut(), StandardOptions.MAX_MESSAGE.of(address));
        Hello theirs = exchange(address, stream, mine);
        PipeCarrier.resize(address, stream.conduit().output());
        return new StreamChannel(address, stream, StreamPlan.of(address, mine, theirs), PipeCarrier.PROMISES);
    }

    static Hello exchange(Address address, PolledStream stream, Hello mine) throws InterruptedException {
        Hello theirs;
        try {
            theirs = Hello.exchange(stream, mine, Deadline.after(StdioTransport.CONNECT_TIMEOUT.of(address)));
        } catch (IpcException e) {
            throw new HandshakeException(address.withoutOptions() + ": " + e.getMessage(), e);
        }
        if (theirs == null) {
            throw new HandshakeException(address.withoutOptions() + ": the other side did not greet within "
                    + Quantities.duration(StdioTransport.CONNECT_TIMEOUT.of(address))
                    + "; ?connect-timeout= waits longer");
        }
        return theirs;
    }

    /// Ends this process when its parent is dead: the pipe has ended, and the system has given this process another parent.
    /// It closes pipes first, so the second may take a moment; a parent that only closed the channel keeps its children.
    private static void endWithParent(PolledStream stream, long parent) {
        PollLoop loop = PollLoop.join();
        stream.whenOver(() -> look(loop, parent, LOOKS));
    }

    private static void look(PollLoop loop, long parent, int looks) {
        if (parentPid() != parent) {
            Thread.ofPlatform().name("ipc-orphan").start(() -> System.exit(ORPHANED));
        } else if (looks > 0) {
            loop.schedule(LOOK_NANOS, () -> look(loop, parent, looks - 1));
            return;
        }
        loop.leave();
    }
}
