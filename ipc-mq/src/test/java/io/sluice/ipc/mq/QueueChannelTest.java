package io.sluice.ipc.mq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.NoSpaceException;
import io.sluice.ipc.ProtocolException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What channels over the kernel's queues make of strangers, of limits, and of what others have left.
@Timeout(120)
class QueueChannelTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final ChannelPlace place = new ChannelPlace();
    private final String name = ChannelPlace.place();

    @BeforeEach
    void open() throws IOException, InterruptedException {
        place.open();
    }

    @AfterEach
    void close() throws IOException, InterruptedException {
        place.close();
    }

    private String address(Kind kind) {
        return kind.scheme + ":" + name;
    }

    @ParameterizedTest
    @EnumSource
    void aQueueOfTheSameNameIsLeftAlone(Kind kind) throws Exception {
        try (MessageQueue queue = MessageQueue.open(address(kind))) {
            queue.send(new byte[] {1}, kind.first);
            try (Endpoint endpoint = Ipc.bind(address(kind));
                    Channel client = Ipc.connect(address(kind));
                    Channel server = endpoint.accept(LONG)) {
                client.send(new byte[] {2});
                assertArrayEquals(new byte[] {2}, server.receive(LONG).bytes());
            }
            assertArrayEquals(new byte[] {1}, queue.receive(LONG).bytes());
        } finally {
            MessageQueue.remove(address(kind));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientInAnotherIpcNamespaceIsToldSo(Kind kind) throws Exception {
        assumeTrue(
                new ProcessBuilder("unshare", "--ipc", "true")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor() == 0,
                "this user may make an IPC namespace");
        try (Endpoint _ = Ipc.bind(address(kind))) {
            String refused = ChannelPeer.run(List.of("unshare", "--ipc"), "connect", address(kind));
            assertTrue(refused.startsWith("HandshakeException " + address(kind)), refused);
            assertTrue(refused.contains("--ipc"), refused);
            assertEquals("connected", ChannelPeer.run(List.of(), "connect", address(kind)).strip());
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatTwoDeadSidesHaveLeftIsRemovedAtTheNextBindAndNothingElse(Kind kind) throws Exception {
        String others = kind.scheme + ":" + kind.place();
        try (MessageQueue _ = MessageQueue.open(others)) {
            Set<String> before = place.traces(kind);
            assertEquals("", ChannelPeer.run(List.of(), "alone", address(kind)));
            if (kind == Kind.SYSV) {
                assertTrue(place.traces(kind).size() > before.size(), "queues outlive their users");
            }
            Ipc.bind(address(kind)).close();
            assertEquals(before, place.traces(kind));
        } finally {
            MessageQueue.remove(others);
        }
    }

    @Test
    void aForeignMessageInAChannelsQueueCutsThatChannelOff() throws Exception {
        try (Endpoint endpoint = Ipc.bind(address(Kind.SYSV));
                Channel first = Ipc.connect(address(Kind.SYSV))) {
            Channel victim = endpoint.accept(LONG);
            String id = place.files().stream()
                    .filter(file -> file.endsWith(".in"))
                    .findFirst()
                    .orElseThrow()
                    .split("\\.")[1];
            try (MessageQueue queue = MessageQueue.open("sysv:0x" + id.substring(0, 8) + "?create=false")) {
                queue.send(new byte[] {-1, -1, -1, 127, 0, 0}, 1);
            }
            first.send(new byte[] {1}); // rings
            ProtocolException cut = assertThrows(ProtocolException.class, () -> victim.receive(LONG));
            assertTrue(cut.getMessage().contains("cut off"), cut::getMessage);
            victim.close();
            try (Channel second = Ipc.connect(address(Kind.SYSV));
                    Channel server = endpoint.accept(LONG)) {
                second.send(new byte[] {2});
                assertArrayEquals(new byte[] {2}, server.receive(LONG).bytes());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutFragmentsWhatDoesNotFitIntoOneMessageOfTheKernelIsRefused(Kind kind) throws Exception {
        try (Endpoint endpoint = Ipc.bind(address(kind) + "?framing=none");
                Channel client = Ipc.connect(address(kind) + "?framing=none");
                Channel server = endpoint.accept(LONG)) {
            int most = client.capabilities().maxMessage();
            byte[] message = new byte[most];
            new Random(1).nextBytes(message);
            client.send(message);
            assertArrayEquals(message, server.receive(LONG).bytes());
            assertThrows(MessageTooLargeException.class, () -> client.send(new byte[most + 1]));
        }
    }

    @Test
    void aClientForWhoseQueuesThereIsNoSpaceIsToldHowToGetSome() throws Exception {
        List<Channel> clients = new ArrayList<>();
        try (Endpoint _ = Ipc.bind(address(Kind.MQ))) {
            NoSpaceException e = assertThrows(NoSpaceException.class, () -> {
                for (int i = 0; i < 100; i++) {
                    clients.add(Ipc.connect(address(Kind.MQ) + "?depth=10&message-size=8k"));
                }
            });
            assertTrue(e.getMessage().contains("ulimit -q"), e::getMessage);
        } finally {
            clients.forEach(Channel::close);
        }
    }
}
