package io.sluice.ipc.tck;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capabilities;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Transports;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;

/// What one test works with: fresh addresses of the transport under test, channels, threads and second JVMs, all of
/// which are gone when the test is over, whatever its outcome.
final class TestBed {
    private static final Map<String, Capabilities> KNOWN = new ConcurrentHashMap<>();

    private final TransportContract contract;
    private final String test;
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final List<Task<?>> tasks = new ArrayList<>();
    private final List<PeerProcess> peers = new ArrayList<>();
    private Long seed;

    TestBed(TransportContract contract, String test) {
        this.contract = contract;
        this.test = test;
    }

    /// An address that nobody uses.
    Address address() {
        return Address.parse(contract.newAddress());
    }

    /// An address that nobody uses, with options such as `send-timeout=1s`; skips the test if the transport does not
    /// take one of them.
    Address address(String... options) {
        return with(address(), options);
    }

    Address with(Address address, String... options) {
        for (String option : options) {
            String name = option.substring(0, option.indexOf('='));
            assumeTrue(takes(address, name), "the transport takes no option " + name);
            address = address.with(name, option.substring(name.length() + 1));
        }
        return address;
    }

    static boolean takes(Address address, String option) {
        return options(address).stream().anyMatch(known -> known.name().equals(option));
    }

    static List<Option<?>> options(Address address) {
        return Transports.forScheme(address).options();
    }

    /// Both ends of a channel at an address of its own.
    Pair open(String... options) throws InterruptedException {
        return open(address(options));
    }

    Pair open(Address address) throws InterruptedException {
        Endpoint endpoint = own(Ipc.bind(address));
        return connect(endpoint);
    }

    /// Another channel at the endpoint.
    Pair connect(Endpoint endpoint) throws InterruptedException {
        Channel client = own(Ipc.connect(endpoint.address()));
        return new Pair(endpoint, client, accept(endpoint));
    }

    Channel accept(Endpoint endpoint) throws InterruptedException {
        return own(Objects.requireNonNull(endpoint.accept(Deadline.GENEROUS), "a channel to accept"));
    }

    /// Closes it after the test at the latest.
    <T extends AutoCloseable> T own(T resource) {
        synchronized (owned) {
            owned.push(resource);
        }
        return resource;
    }

    <T> Task<T> start(Callable<T> work) {
        return start(Threads.PLATFORM, work);
    }

    <T> Task<T> start(Threads kind, Callable<T> work) {
        Task<T> task = Task.start(kind, work);
        tasks.add(task);
        return task;
    }

    /// A second JVM.
    PeerProcess peer() throws InterruptedException {
        PeerProcess peer = own(PeerProcess.take());
        peers.add(peer);
        return peer;
    }

    /// Skips the test unless the transport's channels promise all of this.
    void assumePromised(Capability... capabilities) throws InterruptedException {
        for (Capability capability : capabilities) {
            assumeTrue(capabilities().has(capability), () -> "the transport does not promise " + capability);
        }
    }

    /// Skips the test unless a message arrives that is alone on its way: on a reliable channel, or on another of which its contract
    /// says so.
    void assumeLoneMessagesArrive() throws InterruptedException {
        assumeTrue(
                capabilities().has(Capability.RELIABLE) || contract.loneMessagesArrive(),
                "a message may get lost even if it is alone on its way");
    }

    /// Skips the test if the transport's channels promise this.
    void assumeNotPromised(Capability capability) throws InterruptedException {
        assumeTrue(!capabilities().has(capability), () -> "the transport promises " + capability);
    }

    /// What a channel at a fresh address says of itself; asked once for each scheme with its options.
    Capabilities capabilities() throws InterruptedException {
        Address address = address();
        String kind = address.withPlace("").toString();
        Capabilities known = KNOWN.get(kind);
        if (known == null) {
            try (Pair pair = open(address)) {
                known = pair.client().capabilities();
            }
            KNOWN.put(kind, known);
        }
        return known;
    }

    /// The most bytes that the transport may accept while nobody reads.
    long maxInFlight() {
        return contract.maxInFlight();
    }

    /// How many messages of up to 1,000 bytes can be sent while nobody reads.
    int leastInFlight() {
        return contract.leastInFlight();
    }

    /// How many channels fit into the limits of the system.
    int maxChannels() {
        return contract.maxChannels();
    }

    /// What the transport has left in the system, outside of this process.
    List<String> traces() {
        return contract.traces().stream().sorted().toList();
    }

    /// Randomness of this test alone; the seed is printed, and set with the system property `ipc.seed`.
    Random random() {
        return new Random(seed());
    }

    long seed() {
        if (seed == null) {
            Long given = Long.getLong("ipc.seed");
            seed = given != null ? given : System.nanoTime() & 0xFFFF_FFFFL;
            System.out.println(contract.getClass().getSimpleName() + "." + test + ": -Dipc.seed=" + seed);
        }
        return seed;
    }

    /// What helps to understand a failure: the seed, what second JVMs wrote to their standard error, and where the
    /// test's threads are or what they threw.
    List<Throwable> evidence() {
        List<Throwable> evidence = new ArrayList<>();
        if (seed != null) {
            evidence.add(new Evidence("repeat with -Dipc.seed=" + seed));
        }
        peers.forEach(peer -> evidence.add(new Evidence(peer.story())));
        tasks.stream().map(Task::story).filter(Objects::nonNull).forEach(evidence::add);
        return evidence;
    }

    /// Text beside a failure; not a failure itself.
    private static final class Evidence extends Exception {
        private static final long serialVersionUID = 1L;

        Evidence(String text) {
            super(text, null, false, false);
        }
    }

    /// Closes what the test opened, and ends its threads.
    void clear() throws Exception {
        Exception failure = null;
        synchronized (owned) {
            while (!owned.isEmpty()) {
                try {
                    owned.pop().close();
                } catch (Exception e) {
                    if (failure == null) {
                        failure = e;
                    } else {
                        failure.addSuppressed(e);
                    }
                }
            }
        }
        for (Task<?> task : tasks) {
            task.interrupt();
        }
        for (Task<?> task : tasks) {
            task.thread().join(1_000);
        }
        if (failure != null) {
            throw failure;
        }
    }
}
