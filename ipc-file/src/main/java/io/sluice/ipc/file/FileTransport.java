package io.sluice.ipc.file;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.spi.Transport;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `file:PATH`: channels through a folder, whose messages are on disk and can be replayed.
public final class FileTransport implements Transport {
    /// What is promised where files are read and written by calls.
    static final Set<Capability> STREAM_PROMISES = Set.of(
            Capability.ORDERED,
            Capability.RELIABLE,
            Capability.BIDIRECTIONAL,
            Capability.BOUNDED_MESSAGES,
            Capability.CROSS_PROCESS,
            Capability.DURABLE,
            Capability.PROVES_DEATH);

    /// What is promised where they are mapped.
    static final Set<Capability> PROMISES = Stream.concat(
            STREAM_PROMISES.stream(), Stream.of(Capability.ZERO_COPY, Capability.ALLOCATION_FREE))
            .collect(Collectors.toUnmodifiableSet());

    static final Option<Sync> SYNC = Option.of(
            "sync",
            Sync.none(),
            "one of none, every, or interval=10ms",
            "when the messages that this side sends are on disk",
            FileTransport::sync);

    static final Option<JournalOptions.Io> IO = Option.choice(
            "io",
            JournalOptions.Io.AUTO,
            "whether files are mapped, or read and written; auto does what the file system is for; both sides do the same");

    static final Option<Duration> KEEP = Option.duration(
            "keep",
            Quantities.FOREVER,
            "how long messages stay on disk after they were received; the binding side's value counts");

    /// For [java.util.ServiceLoader].
    public FileTransport() {}

    private static Sync sync(String text) {
        return switch (text) {
            case "none" -> Sync.none();
            case "every" -> Sync.every();
            default -> {
                if (!text.startsWith("interval=")) {
                    throw new IllegalArgumentException("unknown");
                }
                yield Sync.interval(Quantities.parseDuration(text.substring("interval=".length())));
            }
        };
    }

    /// Whether the files of an endpoint are mapped.
    static boolean isMapped(Address address, EndpointFolder folder) {
        return new Folder(folder.path()).isMapped(IO.of(address));
    }

    @Override
    public List<String> schemes() {
        return List.of("file");
    }

    @Override
    public List<Option<?>> options() {
        return List.of(
                StandardOptions.CONNECT_TIMEOUT,
                IO,
                KEEP,
                StandardOptions.MAX_MESSAGE,
                StandardOptions.SEND_TIMEOUT,
                SYNC,
                StandardOptions.THREADS,
                StandardOptions.WAIT);
    }

    @Override
    public String synchronisation() {
        return "journal, file locks";
    }

    @Override
    public Endpoint bind(Address address) {
        return FileEndpoint.bind(address);
    }

    @Override
    public Channel connect(Address address) throws InterruptedException {
        return new FileConnect(address).connect();
    }
}
