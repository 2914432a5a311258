package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Ipc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/// `echo`, `listen` and `send`, with each other and with the library.
class MessagesTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private String address;

    @BeforeEach
    void chooseAddress(TestInfo test) {
        String name = test.getTestMethod().orElseThrow().getName().substring(0, 8);
        address = "shm:cli-" + name + "-" + ProcessHandle.current().pid() + "?connect-timeout=60s";
    }

    @Test
    void sendPrintsWhatEchoSendsBack() throws Exception {
        try (IpcProcess echo = IpcProcess.start("echo", address)) {
            assertEquals("echoing on " + address, echo.awaitLine("echoing on "));
            IpcProcess.Result one = IpcProcess.run("send", address, "grüße", "--linger", "60s");
            assertEquals(0, one.status(), one.err());
            assertEquals("grüße\n", one.out());
        }
    }

    @Test
    void sendTakesEachLineOfItsInputAsAMessage() throws Exception {
        String lines = IntStream.range(0, 5_000).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());
        try (IpcProcess echo = IpcProcess.start("echo", address);
                IpcProcess send = IpcProcess.start("send", address, "-", "--linger", "60s")) {
            echo.awaitLine("echoing on ");
            IpcProcess.Result result = send.end("\n" + lines + "no line feed at the end");
            assertEquals(0, result.status(), result.err());
            assertEquals("\n" + lines + "no line feed at the end\n", result.out());
        }
    }

    @Test
    void sendEndsByItselfWhenNobodyReplies() throws Exception {
        try (IpcProcess listen = IpcProcess.start("listen", address, "-n", "2")) {
            assertEquals(0, IpcProcess.run("send", address, "first").status());
            assertEquals(0, IpcProcess.run("send", address, "second", "--linger", "0s").status());
            IpcProcess.Result result = listen.end("");
            assertEquals(0, result.status(), result.err());
            assertEquals("first\nsecond\n", result.out());
        }
    }

    @Test
    void listenPrintsTheMessagesOfManyClients() throws Exception {
        int clients = 5;
        try (IpcProcess listen = IpcProcess.start("listen", address, "-n", Integer.toString(clients * 3))) {
            List<Channel> channels = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                channels.add(Ipc.connect(address));
            }
            for (int i = 0; i < 3; i++) {
                for (int client = 0; client < clients; client++) {
                    channels.get(client).send(("client " + client + " message " + i).getBytes());
                }
            }
            IpcProcess.Result result = listen.end("");
            channels.forEach(Channel::close);
            assertEquals(0, result.status(), result.err());
            for (int client = 0; client < clients; client++) {
                String prefix = "client " + client + " ";
                assertEquals(
                        List.of(prefix + "message 0", prefix + "message 1", prefix + "message 2"),
                        result.lines().stream().filter(line -> line.startsWith(prefix)).toList());
            }
        }
    }

    @Test
    void aCommandToldToEndEndsInOrder() throws Exception {
        try (IpcProcess echo = IpcProcess.start("echo", address)) {
            echo.awaitLine("echoing on ");
            try (Channel channel = Ipc.connect(address)) {
                channel.send(new byte[3]);
                assertNotNull(channel.receive(DEADLINE));
                echo.terminate();
                assertNull(channel.receive(DEADLINE), "an end in order, no lost peer");
            }
            IpcProcess.Result result = echo.end("");
            assertEquals(128 + 15, result.status());
            assertEquals("", IpcCommandTest.withoutJvmWarnings(result.err()));
        }
        Ipc.bind(address).close(); // the address is free
    }

    @Test
    void aClosedStandardOutputIsAQuietEnd() throws Exception {
        try (IpcProcess listen = IpcProcess.start("listen", address)) {
            try (Channel channel = Ipc.connect(address)) {
                channel.send("one".getBytes());
                assertEquals("one", listen.awaitLine("one"));
                listen.stopReading();
                channel.send("two".getBytes());
                IpcProcess.Result result = listen.end("");
                assertEquals(0, result.status(), result.err());
                assertEquals(
                        "listening on " + address, IpcCommandTest.withoutJvmWarnings(result.err()));
            }
        }
    }

    @Test
    void sendSaysThatTheOtherSideClosedBeforeAllWasSent() throws Exception {
        try (IpcProcess listen = IpcProcess.start("listen", address, "-n", "1");
                IpcProcess send = IpcProcess.start("send", address)) {
            send.in().write("one\n".getBytes());
            send.in().flush();
            assertEquals("one", listen.awaitLine("one"));
            IpcProcess.Result result = send.end();
            assertEquals(1, result.status(), result.err());
            assertTrue(result.err().contains("closed before all was sent"), result.err());
        }
    }
}
