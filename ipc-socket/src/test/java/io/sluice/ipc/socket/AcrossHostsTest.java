package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.tck.PeerProcess;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Channels between two hosts, which are [TwoHosts]: over a good cable, a bad one, and one that is cut.
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AcrossHostsTest {
    private static final int PORT = 9_000; // nobody else is on these hosts
    /// The shortest time after which a peer that has vanished is given up.
    private static final String VIGILANT = "keepalive=2s";

    private static TwoHosts hosts;
    private static PeerProcess client;
    private static PeerProcess server;

    /// A way to speak from one host to the other.
    ///
    /// @param scheme of the address
    /// @param version6 whether the address is one of IPv6
    record Way(String scheme, boolean version6) {
        String at(TwoHosts.Host host, String... options) {
            return at(host.address(version6) + ":" + PORT, options);
        }

        String at(String place, String... options) {
            return scheme + "://" + place + (options.length == 0 ? "" : "?" + String.join("&", options));
        }

        /// Where a group meets.
        String group() {
            return (version6 ? "[ff05::5e:ed]" : "239.255.94.237") + ":" + PORT;
        }

        String blackHole() {
            return TwoHosts.Host.address(version6, TwoHosts.BLACK_HOLE) + ":" + PORT;
        }

        @Override
        public String toString() {
            return scheme + (version6 ? " over IPv6" : " over IPv4");
        }
    }

    static Stream<Way> ways() {
        return Stream.of(new Way("tcp", false), new Way("tcp", true));
    }

    static Stream<Way> datagrams() {
        return Stream.of(new Way("udp", false), new Way("udp", true));
    }

    static Stream<Way> all() {
        return Stream.concat(ways(), datagrams());
    }

    @BeforeAll
    static void join() throws InterruptedException {
        hosts = TwoHosts.join();
        start();
    }

    private static void start() {
        client = hosts.left().jvm();
        server = hosts.right().jvm();
    }

    private static void end() {
        try (PeerProcess _ = client; PeerProcess _ = server) {
            // both
        }
    }

    @AfterAll
    static void part() {
        if (hosts != null) {
            end();
            hosts.close();
        }
    }

    /// The JVMs serve all tests, unless one has left them in a state that nobody knows.
    @RegisterExtension
    final AfterTestExecutionCallback mend = context -> {
        hosts.mend();
        if (context.getExecutionException().isPresent()) {
            end();
            start();
        }
    };

    private static void open(PeerProcess from, PeerProcess to, String bound, String connected)
            throws InterruptedException {
        to.ask("bind " + bound);
        from.ask("connect " + connected);
        to.ask("accept");
    }

    private static void open(String address) throws InterruptedException {
        open(client, server, address, address);
    }

    private static void close() throws InterruptedException {
        client.ask("close");
        server.ask("close");
        server.ask("unbind");
    }

    /// Both send at the same time, and check every byte that comes.
    private static void exchange(PeerProcess one, PeerProcess other, int messages, String stream)
            throws InterruptedException {
        for (PeerProcess[] way : new PeerProcess[][] {{one, other}, {other, one}}) {
            way[0].tell("send " + messages + " " + stream);
            way[1].ask("receive " + messages + " " + stream);
            way[0].answer();
        }
    }

    private static String story() {
        return client.story() + server.story();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void messagesOfAnySizeArriveWholeBothWays(Way way) throws Exception {
        open(way.at(hosts.right()));
        exchange(client, server, 200, "1 0 200000");
        close();
    }

    @ParameterizedTest
    @MethodSource("all")
    void anEndpointAtAllAddressesIsReachedByEach(Way way) throws Exception {
        open(client, server, way.at("*:" + PORT), way.at(hosts.right()));
        exchange(client, server, 1, "1 10 10");
        close();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aBadCableLosesDoublesAndSwapsNothing(Way way) throws Exception {
        Random random = new Random(TestPlace.seed("aBadCableLosesDoublesAndSwapsNothing"));
        try (TwoHosts bad = TwoHosts.joinBadly(random);
                PeerProcess from = bad.left().jvm();
                PeerProcess to = bad.right().jvm()) {
            String address = way.at(bad.right(), "connect-timeout=60s");
            open(from, to, address, address);
            exchange(from, to, 100, random.nextInt(1_000_000) + " 0 50000");
        }
    }

    /// Of the messages, and of what opens and closes the channel.
    @ParameterizedTest
    @MethodSource("datagrams")
    void whatABadCableLosesIsCountedAndWhatItDoublesComesOnce(Way way) throws Exception {
        Random random = new Random(TestPlace.seed("whatABadCableLosesIsCountedAndWhatItDoublesComesOnce"));
        try (TwoHosts bad = TwoHosts.joinBadly(random);
                PeerProcess from = bad.left().jvm();
                PeerProcess to = bad.right().jvm()) {
            String address = way.at(bad.right());
            open(from, to, address, address);
            String messages = "1000 " + random.nextInt(1_000_000) + " 16 1200";
            to.tell("collect " + messages);
            from.ask("send " + messages);
            from.ask("close");
            assertLossIsCounted(1_000, to.answer());
        }
    }

    /// @param counts how many were received, and how many were counted as lost
    private static void assertLossIsCounted(int sent, String counts) {
        String[] numbers = counts.split(" ");
        int received = Integer.parseInt(numbers[0]);
        int lost = Integer.parseInt(numbers[1]);
        assertEquals(sent, received + lost, counts);
        // How many are lost is up to the receiver's pace, too: what finds its buffer full is gone.
        assertTrue(received > 0 && lost > 0, counts);
    }

    @ParameterizedTest
    @MethodSource("datagrams")
    void aGroupIsReachedOnTheOtherHost(Way way) throws Exception {
        String group = way.at(way.group(), "interface=" + TwoHosts.CABLE);
        server.ask("bind " + group);
        client.ask("connect " + group);
        client.ask("send 1 1 1000 1000");
        server.ask("accept");
        server.ask("receive 1 1 1000 1000");
        close();
    }

    @ParameterizedTest
    @MethodSource("all")
    void aReceiverWhoseCableIsCutLosesItsPeer(Way way) throws Exception {
        open(way.at(hosts.right(), VIGILANT));
        client.tell("drain 1 1 1");
        server.tell("drain 1 1 1");
        hosts.cut();
        assertEquals("0 lost", client.answer(), AcrossHostsTest::story);
        assertEquals("0 lost", server.answer(), AcrossHostsTest::story);
        close();
    }

    /// Data under way is not what keep-alive is about: how long it is repeated is the system's.
    @ParameterizedTest
    @MethodSource("ways")
    void aSenderWhoseCableIsCutLosesItsPeerWhenTheSystemGivesUp(Way way) throws Exception {
        hosts.left().repeatData(3);
        try {
            open(way.at(hosts.right(), VIGILANT, "send-timeout=forever"));
            client.tell("send 1000000 1 1000 1000"); // nobody receives them, so it waits for room
            hosts.cut();
            String end = client.failure();
            assertTrue(end.startsWith("PeerLostException") && end.contains("the way to it"), end);
            close();
        } finally {
            hosts.left().repeatData(15);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aCableThatIsCutAndMendedInTimeLosesNothing(Way way) throws Exception {
        open(way.at(hosts.right(), "keepalive=1m"));
        for (PeerProcess[] direction : new PeerProcess[][] {{client, server}, {server, client}}) {
            String messages = "1000 2 0 20000";
            direction[1].tell("receive " + messages);
            hosts.cut();
            direction[0].tell("send " + messages);
            TimeUnit.MILLISECONDS.sleep(500); // nothing can be awaited: nothing happens
            hosts.mend();
            direction[0].answer();
            direction[1].answer();
        }
        close();
    }

    @ParameterizedTest
    @MethodSource("all")
    void aConnectToAHostThatHasVanishedEndsInTime(Way way) throws Exception {
        String address = way.at(hosts.right());
        server.ask("bind " + address);
        hosts.cut();
        long start = System.nanoTime();
        String refusal = client.askInVain("connect " + way.at(hosts.right(), "connect-timeout=1s"));
        assertTrue(refusal.startsWith("NoListenerException " + address + ":"), refusal);
        assertTrue(since(start).compareTo(Duration.ofMillis(900)) > 0, refusal);
        assertTrue(since(start).compareTo(Duration.ofSeconds(20)) < 0, () -> "it took " + since(start));
        server.ask("unbind");
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aHostThatDoesNotAnswerKeepsNobodyFromTheNextOne(Way way) throws Exception {
        String address = way.at(hosts.right());
        open(client, server, address,
                way.at(way.blackHole() + "," + hosts.right().address(way.version6()) + ":" + PORT,
                        "connect-timeout=16s"));
        exchange(client, server, 1, "1 10 10");
        close();
    }

    @Test
    void whoeverOpensAnEndpointToOtherHostsIsWarned() throws Exception {
        try (PeerProcess peer = hosts.right()
                .jvm("env", "JDK_JAVA_OPTIONS=-Dorg.slf4j.simpleLogger.log.io.sluice.ipc.socket=warn")) {
            peer.ask("bind tcp://127.0.0.1:" + PORT);
            peer.ask("unbind");
            assertTrue(!peer.story().contains(" WARN "), peer::story);
            peer.ask("bind tcp://*:" + PORT);
            Eventually.holds("it is warned", () -> peer.story()
                    .contains("tcp://*:" + PORT + ": whoever can reach this machine can connect"));
        }
    }
}
