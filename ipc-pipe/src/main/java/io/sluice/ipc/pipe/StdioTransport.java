package io.sluice.ipc.pipe;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.UnsupportedException;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Transport;
import io.sluice.ipc.stream.StreamPlan;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// `stdio:`: a child and the parent that started it by [ChildProcess], over two anonymous pipes.
///
/// The child connects to `stdio:`. A parent does not bind, it starts.
public final class StdioTransport implements Transport {
    /// What a child does when its parent is dead.
    enum Orphan {
        /// Goes on; its channel is lost.
        STAY,
        /// Ends, with status [StdioConnect#ORPHANED].
        EXIT
    }

    static final Option<Duration> EXIT_TIMEOUT = Option.duration(
            "exit-timeout",
            Duration.ofSeconds(5),
            "how long a child whose channel was closed may take to end, before it is told to, and then killed");

    static final Option<Orphan> ORPHAN = Option.choice(
            "orphan", Orphan.STAY, "what a child does when its parent dies; the parent or the child may say it");

    /// A JVM that starts on a loaded machine takes longer than a connection does.
    static final Option<Duration> CONNECT_TIMEOUT = Option.duration(
            "connect-timeout", Duration.ofSeconds(30), "how long to wait for the other side's greeting");

    /// For [java.util.ServiceLoader].
    public StdioTransport() {}

    @Override
    public List<String> schemes() {
        return List.of("stdio");
    }

    @Override
    public List<Option<?>> options() {
        return allOptions();
    }

    static List<Option<?>> allOptions() {
        return Stream.concat(
                StreamPlan.OPTIONS.stream().filter(option -> !option.name().equals(CONNECT_TIMEOUT.name())),
                Stream.of(
                        CONNECT_TIMEOUT, EXIT_TIMEOUT, ORPHAN, PipeCarrier.CAPACITY, Direction.OPTION))
                .toList();
    }

    @Override
    public String synchronisation() {
        return "kernel pipe, poll";
    }

    @Override
    public Endpoint bind(Address address) {
        checkPlace(address);
        throw new UnsupportedException(address.withoutOptions()
                + ": there is no address to bind; a parent starts its child by ChildProcess.of(...).start(), and has its"
                + " channel");
    }

    @Override
    public Channel connect(Address address) throws InterruptedException {
        checkPlace(address);
        return StdioConnect.connect(address);
    }

    static void checkPlace(Address address) {
        if (!address.place().isEmpty()) {
            throw new InvalidAddressException(
                    address + ": nothing stands between stdio: and its options; a child has one parent");
        }
    }
}
