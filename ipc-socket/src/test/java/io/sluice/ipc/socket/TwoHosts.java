package io.sluice.ipc.socket;

import io.sluice.ipc.tck.PeerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;

/// Two hosts that can reach each other and nobody else, as network namespaces (network_namespaces(7)), with a cable between
/// them. Each has an address of IPv4 and one of IPv6.
///
/// A good cable runs through a switch, a third namespace, in which it can be cut: neither host's own interface goes down, so
/// nobody tells them. A bad cable loses 2 % of all packets, doubles 2 %, delays each by 2 ms and swaps many.
///
/// Needs root and iproute2; where they are missing, the test is skipped and says so in one line. So it is where a bad cable
/// is not to be had: by `tc netem`, or else by python3 and `/dev/net/tun`.
final class TwoHosts implements AutoCloseable {
    /// The last octet of the address at which no host is, and of which none says so.
    static final int BLACK_HOLE = 99;

    /// What each host calls its own end of the cable.
    static final String CABLE = "cable";
    private static final String SWITCH = "switch";
    private static final String LOSS = "0.02";
    private static final String DOUBLE = "0.02";
    private static final String DELAY = "0.002";
    private static final String JITTER = "0.003";

    /// One of the hosts.
    ///
    /// @param namespace its name
    /// @param number the last octet of its addresses
    record Host(String namespace, int number) {
        /// An address of a number, in the documentation's blocks, which are nobody's.
        static String address(boolean version6, int number) {
            return version6 ? "[2001:db8::" + number + "]" : "198.51.100." + number;
        }

        /// @param version6 whether it is to be one of IPv6
        String address(boolean version6) {
            return address(version6, number);
        }

        /// A second JVM on this host.
        ///
        /// @param before further words before those that start it
        PeerProcess jvm(String... before) {
            List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
            command.addAll(List.of(before));
            return PeerProcess.start(command.toArray(String[]::new));
        }

        /// Sets how often its system repeats what is not acknowledged, in tcp(7), until it gives the connection up.
        ///
        /// @param times 3 is some 3 s
        void repeatData(int times) throws IOException, InterruptedException {
            run("ip", "netns", "exec", namespace, "sh", "-c", "echo " + times + " > /proc/sys/net/ipv4/tcp_retries2");
        }
    }

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final int number = COUNT.incrementAndGet();
    private final Deque<String> namespaces = new ArrayDeque<>();
    private Host left;
    private Host right;
    private Process badCable;

    private TwoHosts() {}

    /// Two hosts and a good cable; skips the test where that is not to be had.
    static TwoHosts join() throws InterruptedException {
        return make(TwoHosts::plugGoodCable);
    }

    /// Two hosts and a bad cable; skips the test where that is not to be had.
    static TwoHosts joinBadly(Random random) throws InterruptedException {
        return make(hosts -> hosts.plugBadCable(random));
    }

    /// Plugs a cable in.
    @FunctionalInterface
    private interface Cable {
        void plug(TwoHosts hosts) throws IOException, InterruptedException;
    }

    private static TwoHosts make(Cable cable) throws InterruptedException {
        TwoHosts hosts = new TwoHosts();
        boolean done = false;
        try {
            hosts.addHosts();
            cable.plug(hosts);
            hosts.setUp(hosts.left);
            hosts.setUp(hosts.right);
            done = true;
            return hosts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (!done) {
                hosts.close();
            }
        }
    }

    private void addHosts() throws InterruptedException {
        try {
            left = new Host(namespace("left"), 1);
            right = new Host(namespace("right"), 2);
        } catch (IOException e) {
            skip(e);
        }
    }

    private static void skip(IOException reason) {
        String line = "tests between hosts are skipped: " + reason.getMessage();
        System.out.println(line);
        Assumptions.abort(line);
    }

    Host left() {
        return left;
    }

    Host right() {
        return right;
    }

    private String namespace(String role) throws IOException, InterruptedException {
        String name = "sluice-" + ProcessHandle.current().pid() + "-" + number + "-" + role;
        run("ip", "netns", "add", name);
        namespaces.push(name);
        return name;
    }

    private void plugGoodCable() throws IOException, InterruptedException {
        String middle = namespace(SWITCH);
        run("ip", "-n", middle, "link", "add", SWITCH, "type", "bridge", "forward_delay", "0");
        run("ip", "-n", middle, "link", "set", SWITCH, "up");
        for (Host host : List.of(left, right)) {
            run("ip", "link", "add", CABLE, "netns", host.namespace, "type", "veth",
                    "peer", "name", port(host), "netns", middle);
            run("ip", "-n", middle, "link", "set", port(host), "master", SWITCH, "up");
        }
    }

    private static String port(Host host) {
        return "port" + host.number;
    }

    private void plugBadCable(Random random) throws IOException, InterruptedException {
        plugGoodCable();
        try {
            for (Host host : List.of(left, right)) {
                run("tc", "-n", namespaces.peek(), "qdisc", "add", "dev", port(host), "root", "netem",
                        "loss", "2%", "duplicate", "2%", "delay", "3ms", "2ms");
            }
        } catch (IOException e) {
            System.out.println("no netem (" + e.getMessage() + "): a cable of our own instead");
            for (Host host : List.of(left, right)) {
                run("ip", "-n", host.namespace, "link", "del", CABLE);
            }
            plugOwnCable(random);
        }
    }

    private void plugOwnCable(Random random) throws IOException, InterruptedException {
        startOwnCable(random.nextInt());
        for (Host host : List.of(left, right)) {
            run("ip", "link", "set", device(host), "netns", host.namespace, "name", CABLE);
        }
    }

    private void startOwnCable(int seed) throws IOException {
        Path program = Files.createTempFile("bad-cable", ".py");
        try (InputStream source = TwoHosts.class.getResourceAsStream("/bad-cable.py")) {
            Files.copy(source, program, StandardCopyOption.REPLACE_EXISTING);
            badCable = new ProcessBuilder(
                    "python3", program.toString(), device(left), device(right), LOSS, DOUBLE, DELAY, JITTER, "" + seed)
                    .redirectErrorStream(true)
                    .start();
            String said = badCable.inputReader().readLine();
            if (!"up".equals(said)) {
                throw new IOException("no bad cable: " + said);
            }
        } catch (IOException e) {
            skip(e);
        } finally {
            Files.delete(program);
        }
    }

    private static String device(Host host) {
        return "sluice" + ProcessHandle.current().pid() % 1_000_000 + "-" + host.number;
    }

    private void setUp(Host host) throws IOException, InterruptedException {
        run("ip", "-n", host.namespace, "link", "set", "lo", "up");
        run("ip", "-n", host.namespace, "link", "set", CABLE, "up");
        run("ip", "-n", host.namespace, "addr", "add", host.address(false) + "/24", "dev", CABLE);
        run("ip", "-n", host.namespace, "addr", "add", bare(host.address(true)) + "/64", "dev", CABLE, "nodad");
        for (boolean version6 : new boolean[] {false, true}) {
            // Packets to it leave, and nobody answers: as beyond a firewall that drops them.
            run("ip", "-n", host.namespace, "neigh", "add", bare(Host.address(version6, BLACK_HOLE)),
                    "lladdr", "02:00:00:00:00:63", "dev", CABLE);
        }
    }

    private static String bare(String address) {
        return address.replaceAll("[\\[\\]]", "");
    }

    /// Cuts the cable at the switch: nothing passes any more, and no host is told.
    void cut() throws IOException, InterruptedException {
        run("ip", "-n", namespaces.peek(), "link", "set", SWITCH, "down");
    }

    /// Mends the cable.
    void mend() throws IOException, InterruptedException {
        run("ip", "-n", namespaces.peek(), "link", "set", SWITCH, "up");
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String complaint = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + complaint.lines().findFirst().orElse("failed"));
        }
    }

    /// Removes the hosts; the JVMs on them must have ended.
    @Override
    public void close() {
        if (badCable != null) {
            badCable.destroyForcibly().onExit().join();
        }
        while (!namespaces.isEmpty()) {
            try {
                run("ip", "netns", "del", namespaces.pop());
            } catch (IOException | InterruptedException e) {
                throw new AssertionError("a host of the test is left behind", e);
            }
        }
    }
}
