package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.Server;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.UnsupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Multicast, on the loopback: no datagram leaves the machine.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UdpGroupTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    /// A group that nobody else uses.
    private static String group(String prefix) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return prefix.startsWith("[")
                ? "udp://" + prefix + Integer.toHexString(random.nextInt(1, 0xFFFF)) + "]:9000"
                : "udp://239." + random.nextInt(256) + "." + random.nextInt(256) + "." + random.nextInt(1, 255)
                        + ":9000";
    }

    private static String group() {
        return group("239");
    }

    private static boolean isReached(String group) throws InterruptedException {
        try {
            Ipc.connect(group).close();
            return true;
        } catch (SystemCallException e) {
            return false;
        }
    }

    private static Channel accept(Endpoint endpoint) throws InterruptedException {
        Channel channel = endpoint.accept(SOON);
        assertNotNull(channel, "a channel for the source");
        return channel;
    }

    /// Sources that end in the middle of a test.
    private final List<Channel> sources = new ArrayList<>();

    @AfterEach
    void closeSources() {
        sources.forEach(Channel::close);
    }

    /// A new source, as an endpoint sees it.
    private Channel source(String group, Endpoint endpoint) throws InterruptedException {
        sources.add(Ipc.connect(group));
        return accept(endpoint);
    }

    private static int next(Channel channel) throws InterruptedException {
        return channel.receive(SOON).bytes()[0];
    }

    @ParameterizedTest
    @ValueSource(strings = {"239", "[ff01::7:"})
    void allWhoAreBoundReceiveFromEachSourceOnAChannelOfItsOwnAndThenItsEnd(String prefix) throws Exception {
        String group = group(prefix);
        assumeTrue(prefix.equals("239") || isReached(group), "the loopback carries groups of IPv6");
        try (Endpoint first = Ipc.bind(group);
                Endpoint second = Ipc.bind(group);
                Channel fromOne = source(group, first);
                Channel alsoFromOne = accept(second);
                Channel two = Ipc.connect(group);
                Channel fromTwo = accept(first)) {
            Channel one = sources.getFirst();
            one.send(new byte[] {1});
            two.send(new byte[] {2});
            assertTrue(one.offer(new byte[] {3}));
            assertEquals(1, next(fromOne));
            assertEquals(3, next(fromOne));
            assertEquals(1, next(alsoFromOne));
            assertEquals(3, next(alsoFromOne));
            assertEquals(2, next(fromTwo));
            one.close();
            assertNull(fromOne.receive(SOON), "the end");
            assertNull(alsoFromOne.receive(SOON), "the end");
            two.send(new byte[] {4});
            assertEquals(4, next(fromTwo));
            assertEquals(0, fromOne.stats().lost() + fromTwo.stats().lost());
        }
    }

    @Test
    void aGroupIsSentToThoughNobodyIsThereAndWhoComesLateMissesNothingThatCounts() throws Exception {
        String group = group();
        try (Channel sender = Ipc.connect(group)) {
            sender.send(new byte[] {1});
            try (Endpoint endpoint = Ipc.bind(group)) {
                sender.send(new byte[] {2});
                try (Channel channel = accept(endpoint)) {
                    assertEquals(2, next(channel));
                    assertEquals(0, channel.stats().lost(), "what was sent before the bind is not lost");
                }
                sender.send(new byte[] {3});
                assertNull(endpoint.accept(Duration.ofMillis(100)), "a source that this side has left comes no more");
            }
        }
    }

    @Test
    void messagesGoOneWayAndTheCapabilitiesSaySo() throws Exception {
        String group = group();
        try (Endpoint endpoint = Ipc.bind(group);
                Channel sender = Ipc.connect(group);
                Channel receiver = accept(endpoint)) {
            for (Channel channel : new Channel[] {sender, receiver}) {
                assertFalse(channel.capabilities().has(Capability.BIDIRECTIONAL));
                assertFalse(channel.capabilities().has(Capability.RELIABLE));
                assertFalse(channel.capabilities().has(Capability.ORDERED));
            }
            TestPlace.assertMentions(assertThrows(UnsupportedException.class, sender::receive), "bind to the group");
            assertThrows(UnsupportedException.class, () -> sender.poll((_, _, _) -> {}, 1));
            TestPlace.assertMentions(
                    assertThrows(UnsupportedException.class, () -> receiver.send(new byte[1])), "connect to the group");
            assertThrows(UnsupportedException.class, () -> receiver.offer(new byte[1]));
        }
    }

    @Test
    void aServedGroupCallsTheHandlerForEachSource() throws Exception {
        String group = group();
        Queue<Integer> received = new ConcurrentLinkedQueue<>();
        try (Server server = Ipc.serve(group, (_, buffer, offset, _) -> received.add((int) buffer.getByte(offset)));
                Channel two = Ipc.connect(group)) {
            Channel one = Ipc.connect(group);
            sources.add(one);
            one.send(new byte[] {1});
            two.send(new byte[] {2});
            Eventually.equal("messages", 2, received::size);
            assertEquals(2, server.channels());
            one.close();
            Eventually.equal("channels", 1, server::channels);
        }
    }

    @Test
    void aSourceThatVanishedIsGivenUp() throws Exception {
        String group = group();
        try (Endpoint endpoint = Ipc.bind(group + "?keepalive=1s");
                Channel channel = source(group + "?keepalive=forever", endpoint)) { // it says nothing of itself
            assertThrows(PeerLostException.class, () -> channel.receive(SOON));
        }
    }

    @Test
    void withASecretAStrangersDatagramsAreNotThere(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("secret"), "what all members of the group know");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        String group = group();
        try (Endpoint endpoint = Ipc.bind(group + "?secret-file=" + file);
                Channel stranger = Ipc.connect(group);
                Channel member = Ipc.connect(group + "?secret-file=" + file);
                Channel channel = accept(endpoint)) {
            stranger.send(new byte[] {66});
            member.send(new byte[] {1});
            assertEquals(1, next(channel));
            assertNull(endpoint.accept(Duration.ofMillis(100)), "a channel for the stranger");
        }
    }

    @Test
    void whatAGroupCannotBeIsSaid() {
        TestPlace.assertMentions(
                assertThrows(InvalidAddressException.class, () -> Ipc.bind(group() + "?interface=nosuch0")),
                "nosuch0", "it has ", "lo");
        TestPlace.assertMentions(
                assertThrows(InvalidAddressException.class, () -> Ipc.bind("udp://239.1.2.3:0")), "name it");
    }
}
