package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.tck.PeerProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A server that more clients come to than it has room for, or more than anybody would serve by threads. The server, or whoever
/// runs out of something, is a second JVM.
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CrowdTest {
    private static final int FEW_DESCRIPTORS = 100;
    /// Half of them stay: more than greet at once.
    private static final int FLOOD = 3_000;

    @RegisterExtension
    final TestPlace place = new TestPlace();

    @TempDir
    Path folder;

    /// A second JVM that may have so many descriptors, and no more; it has loaded what it needs. What it loads later comes
    /// from jars, which are open: a class in a folder takes a descriptor.
    private PeerProcess limited(int descriptors, String address) throws InterruptedException {
        PeerProcess peer = PeerProcess.start(
                "env", "CLASSPATH=" + jars(), "sh", "-c", "ulimit -n " + descriptors + " && exec \"$@\"", "sh");
        peer.ask("prepare " + address + "?connect-timeout=0s");
        return peer;
    }

    /// This JVM's class path, and its module path, with a jar for each folder.
    private String jars() {
        ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
        StringJoiner path = new StringJoiner(File.pathSeparator);
        for (String property : List.of("jdk.module.path", "java.class.path")) {
            for (String entry : System.getProperty(property, "").split(File.pathSeparator)) {
                if (Files.isDirectory(Path.of(entry)) && !entry.isEmpty()) {
                    String made = folder.resolve(Integer.toHexString(entry.hashCode()) + ".jar").toString();
                    assertEquals(0, jar.run(System.out, System.err, "--create", "--file", made, "-C", entry, "."));
                    path.add(made);
                } else if (!entry.isEmpty()) {
                    path.add(entry);
                }
            }
        }
        return path.toString();
    }

    /// A second JVM whose memory, the heap's and beside it, is limited.
    private static PeerProcess limited(String memory) {
        return PeerProcess.start("env", "JDK_JAVA_OPTIONS=-Xmx" + memory);
    }

    private static void assertEchoes(Channel channel, int number) throws InterruptedException {
        byte[] message = {(byte) number, (byte) (number >> 8)};
        channel.send(message);
        byte[] echo = channel.receive(Eventually.GENEROUS).bytes();
        assertEquals(List.of(message[0], message[1]), List.of(echo[0], echo[1]));
    }

    private static int descriptors(PeerProcess peer) {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + peer.pid() + "/fd"))) {
            return (int) all.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void closeAll(List<? extends AutoCloseable> all) throws Exception {
        for (AutoCloseable one : all) {
            one.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void aServerWithoutDescriptorsLivesAndGoesOnWhenItHasSomeAgain(String scheme) throws Exception {
        String address = TestPlace.address(scheme);
        List<Channel> clients = new ArrayList<>();
        try (PeerProcess server = limited(FEW_DESCRIPTORS, address)) {
            server.ask("serve " + address);
            try (Channel early = Ipc.connect(address)) { // and what it needs to serve
                assertEchoes(early, 0);
            }
            try (Channel first = Ipc.connect(address)) {
                assertEchoes(first, 0);
                int before = descriptors(server);
                NoListenerException full = assertThrows(NoListenerException.class, () -> {
                    for (int i = 0; i < FEW_DESCRIPTORS; i++) {
                        clients.add(Ipc.connect(address + "?connect-timeout=2s"));
                    }
                });
                TestPlace.assertMentions(full, address, "somebody listens");
                assertTrue(clients.size() > FEW_DESCRIPTORS / 3, () -> clients.size() + " clients");
                for (int i = 0; i < 100; i++) {
                    assertEchoes(first, i);
                    assertEchoes(clients.get(i % clients.size()), i);
                }
                closeAll(clients.subList(0, clients.size() / 2));
                try (Channel next = Ipc.connect(address + "?connect-timeout=1m")) {
                    assertEchoes(next, 1);
                }
                closeAll(clients);
                Eventually.holds("descriptors are given back", () -> descriptors(server) <= before);
                assertEchoes(first, 2);
            }
            server.ask("unbind");
        }
    }

    @Test
    void aClientWithoutDescriptorsIsToldSo() throws Exception {
        String address = TestPlace.address("tcp");
        try (var _ = Ipc.serve(address, (channel, buffer, offset, length) -> channel.offer(buffer, offset, length));
                PeerProcess client = limited(FEW_DESCRIPTORS, address)) {
            client.ask("connect " + address); // and what it needs to send, to receive and to close
            client.ask("send 1 1 10 10");
            client.ask("receive 1 1 10 10");
            client.ask("close");
            AssertionError full = assertThrows(AssertionError.class, () -> {
                for (int i = 0; i < FEW_DESCRIPTORS; i++) {
                    client.ask("connect " + address);
                }
            });
            TestPlace.assertMentions(full, "SystemCallException", "Too many open files", "raise ulimit -n");
            client.ask("close");
            Eventually.holds("what a channel has had is given back", () -> can(client, "connect " + address));
            client.ask("send 1 1 10 10");
            // It has none to wait with, maybe; but nothing is lost by that.
            Eventually.holds("what comes is received", () -> can(client, "receive 1 1 10 10"));
        }
    }

    private static boolean can(PeerProcess client, String command) throws InterruptedException {
        try {
            client.ask(command);
            return true;
        } catch (AssertionError e) {
            return false;
        }
    }

    /// Sockets that say nothing wait for a place among those that greet, and are cut off; those that reset are nobody.
    @Test
    void aFloodOfSocketsThatSayNothingOrResetKeepsNoClientWaitingForLong() throws Exception {
        String address = TestPlace.address("tcp");
        InetSocketAddress at = new InetSocketAddress(
                address.substring("tcp://".length(), address.lastIndexOf(':')),
                Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)));
        List<Socket> silent = new ArrayList<>();
        try (PeerProcess server = limited("32m")) {
            server.ask("serve " + address);
            try (Channel client = Ipc.connect(address)) {
                assertEchoes(client, 0);
                int before = descriptors(server);
                for (int i = 0; i < FLOOD; i++) {
                    Socket socket = new Socket(at.getAddress(), at.getPort());
                    if (i % 2 == 0) {
                        silent.add(socket);
                    } else {
                        socket.setSoLinger(true, 0); // close(2) resets then
                        socket.close();
                    }
                    if (i % 10 == 0) {
                        assertEchoes(client, i);
                    }
                }
                try (Channel late = Ipc.connect(address + "?connect-timeout=1m")) {
                    assertEchoes(late, 1);
                }
                closeAll(silent);
                Eventually.holds("descriptors are given back", () -> descriptors(server) <= before);
                assertEchoes(client, 2);
            }
        } finally {
            closeAll(silent);
        }
    }

    /// Each connection has 20 KiB of the server's memory, and what the JVM needs by itself.
    @ParameterizedTest
    @CsvSource({"tcp, 5000", "unix, 1000"})
    void thousandsOfClientsAreServedAndLeaveNothing(String scheme, int crowd) throws Exception {
        int count = Math.min(crowd, Descriptors.channels() * 5);
        String address = TestPlace.address(scheme);
        List<Channel> clients = new ArrayList<>();
        try (PeerProcess server = limited(count * 20 / 1024 + 24 + "m")) {
            server.ask("serve " + address);
            int before = descriptors(server);
            for (int i = 0; i < count; i++) {
                clients.add(Ipc.connect(address + "?connect-timeout=1m"));
            }
            assertTrue(descriptors(server) >= count);
            for (int i = 0; i < count; i++) {
                assertEchoes(clients.get(i), i);
            }
            closeAll(clients);
            Eventually.holds("descriptors are given back", () -> descriptors(server) <= before);
            server.ask("unbind");
        } finally {
            closeAll(clients);
        }
    }
}
