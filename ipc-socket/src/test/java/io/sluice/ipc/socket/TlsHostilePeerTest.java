package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.stream.ByteStream;
import io.sluice.ipc.stream.StreamEndpoint;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Who means harm, and an engine that fails in the middle of something.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TlsHostilePeerTest {
    private static final byte[] USER_CANCELED = {21, 3, 3, 0, 2, 1, 90};
    private static final byte[] RECORD = {23, 3, 3, 0, 1, 7};
    private static final byte[] ALERT = {21, 3, 3, 0, 2, 2, 80};

    @TempDir
    Path directory;

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static StreamSocket socket(InvocationHandler handler) {
        return (StreamSocket) Proxy.newProxyInstance(
                StreamSocket.class.getClassLoader(), new Class<?>[] {StreamSocket.class}, handler);
    }

    /// A socket's output, for which there is room or not.
    private static final class Output {
        final AtomicBoolean room = new AtomicBoolean(true);
        final ByteArrayOutputStream written = new ByteArrayOutputStream();

        StreamSocket socket() {
            return TlsHostilePeerTest.socket((_, method, arguments) -> switch (method.getName()) {
                case "write" -> room.get() ? write((MemorySegment) arguments[0], (int) arguments[2]) : 0;
                case "shutdownOutput" -> true;
                default -> throw new AssertionError(method);
            });
        }

        private int write(MemorySegment from, int length) {
            written.writeBytes(from.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
            return length;
        }

        void assertGot(byte[]... records) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (byte[] record : records) {
                all.writeBytes(record);
            }
            assertArrayEquals(all.toByteArray(), written.toByteArray());
        }
    }

    @Test
    void aHandshakeOfEverMoreRecordsIsRefused() throws Exception {
        String options = Authority.root("root").issue("server", "127.0.0.1").write(directory, "server");
        try (ServerPeer server = new ServerPeer(TlsCredentials.toBind(Address.parse("tls://:0?" + options)));
                Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            ByteArrayOutputStream flood = new ByteArrayOutputStream();
            for (int i = 0; i < 1_100; i++) {
                flood.writeBytes(USER_CANCELED);
            }
            client.getOutputStream().write(flood.toByteArray());
            TestPlace.assertMentions(server.refusal(), "1024 records");
        }
    }

    @Test
    void aClientWhoseGreetingFailsOnThisSideIsCutOffAtOnce() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        Introduction failing = new Introduction() {
            @Override
            public Wants advance(ByteStream stream) {
                return Wants.WORK;
            }

            @Override
            public void work() {
                tries.incrementAndGet();
                throw new IllegalStateException("on purpose");
            }

            @Override
            public boolean isPeerGone() {
                return false;
            }
        };
        ServerSocket listening = NioIo.INSTANCE.listen(anyPort(), 5);
        int port = ((InetSocketAddress) listening.localAddress()).getPort();
        Address address = Address.parse("tcp://127.0.0.1:" + port);
        try (StreamEndpoint endpoint = new StreamEndpoint(address, () -> new LoopPoller(NioIo.INSTANCE))) {
            endpoint.attach(SocketListener.start(endpoint, NioIo.INSTANCE, listening,
                    (io, client) -> new Admission.Guest(
                            new SocketStream(io, client, null), new Handshake(address, List.of(failing))),
                    () -> {}));
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertEquals(-1, client.getInputStream().read(), "it is cut off");
            }
        }
        assertEquals(1, tries.get());
    }

    @Test
    void whatWasEncryptedBeforeTheEngineFailsGoesOutAndItsAlert() {
        Output output = new Output();
        TlsOutput tls = new TlsOutput(output.socket(),
                new ScriptedEngine(ScriptedEngine.says(RECORD), ScriptedEngine.fails("late"),
                        ScriptedEngine.says(ALERT)));
        MemorySegment two = Arena.ofAuto().allocate(2);
        assertEquals(ByteStream.END, tls.write(two, 0, 2));
        output.assertGot(RECORD, ALERT);
        assertEquals(ByteStream.END, tls.write(two, 0, 2), "and nothing after it");
    }

    @Test
    void whatWasEncryptedBeforeTheEngineFailsWaitsForRoom() {
        Output output = new Output();
        output.room.set(false);
        TlsOutput tls = new TlsOutput(output.socket(),
                new ScriptedEngine(ScriptedEngine.says(RECORD), ScriptedEngine.fails("late"),
                        ScriptedEngine.says(ALERT)));
        assertEquals(ByteStream.END, tls.write(Arena.ofAuto().allocate(2), 0, 2));
        assertTrue(tls.isWaiting());
        output.room.set(true);
        assertTrue(tls.end());
        output.assertGot(RECORD, ALERT);
    }

    @Test
    void theAlertOfAnEngineThatFailsAtTheEndGoesOutWhenThereIsRoom() {
        Output output = new Output();
        TlsOutput tls = new TlsOutput(output.socket(), new ScriptedEngine((from, to) -> {
            output.room.set(false);
            return ScriptedEngine.fails("late").take(from, to);
        }, ScriptedEngine.says(ALERT)));
        assertFalse(tls.end());
        output.room.set(true);
        assertTrue(tls.end());
        output.assertGot(ALERT);
    }

    @Test
    void whatATaskAfterTheHandshakeFindsIsHeardOfAtOnce() {
        AtomicBoolean sent = new AtomicBoolean();
        StreamSocket socket = socket((_, _, arguments) -> {
            if (sent.getAndSet(true)) {
                return ByteStream.WOULD_BLOCK;
            }
            MemorySegment.copy(RECORD, 0, (MemorySegment) arguments[0], ValueLayout.JAVA_BYTE, 0, RECORD.length);
            return RECORD.length;
        });
        ScriptedEngine engine = new ScriptedEngine((from, _) -> {
            from.position(from.limit());
            return new SSLEngineResult(Status.OK, HandshakeStatus.NEED_TASK, RECORD.length, 0);
        }, ScriptedEngine.fails("what the task found"));
        TlsInput input = new TlsInput(socket, engine, new TlsOutput(socket, engine));
        MemorySegment to = Arena.ofAuto().allocate(8);
        TestPlace.assertMentions(assertThrows(SSLException.class, () -> input.read(to, 0, 8)), "the task");
    }

    @Test
    void whatAReadHasAnsweredIsWrittenWhenThereIsRoom() throws Exception {
        ServerSocket listening = NioIo.INSTANCE.listen(anyPort(), 5);
        StreamSocket real = NioIo.INSTANCE.connect(listening.localAddress());
        Eventually.holds("it is connected", real::finishConnect);
        AtomicBoolean flushed = new AtomicBoolean();
        SocketStream stream =
                new SocketStream(NioIo.INSTANCE, socket((_, method, arguments) -> switch (method.getName()) {
                    case "hasOutput" -> !flushed.get();
                    case "flush" -> {
                        flushed.set(true);
                        yield true;
                    }
                    default -> method.invoke(real, arguments);
                }), null);
        assertEquals(ByteStream.WOULD_BLOCK, stream.read(Arena.ofAuto().allocate(8), 0, 8));
        Eventually.holds("the answer is written", flushed::get);
        stream.close();
        listening.close();
    }
}
