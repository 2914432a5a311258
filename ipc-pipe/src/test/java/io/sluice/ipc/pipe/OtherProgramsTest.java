package io.sluice.ipc.pipe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Message;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.ProtocolException;
import io.sluice.ipc.UnsupportedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Programs that know nothing of Sluice are peers: as children over `stdio:`, and shells over named pipes.
@Timeout(120)
final class OtherProgramsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @RegisterExtension
    final TestPlace place = new TestPlace();

    @TempDir
    Path directory;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String line(Channel channel) throws InterruptedException {
        Message message = channel.receive(LONG);
        return message == null ? null : message.text();
    }

    private static ChildProcess child(String framing, String... command) throws InterruptedException {
        return ChildProcess.of(new ProcessBuilder(command)).address("stdio:?framing=" + framing).start();
    }

    @Test
    void bcCalculates() throws Exception {
        try (ChildProcess bc = child("line", Kid.program("bc"), "-q")) {
            for (int i = 1; i <= 100; i++) {
                bc.channel().send(bytes(i + " * " + i));
                assertEquals(Integer.toString(i * i), line(bc.channel()));
            }
        }
    }

    @Test
    void sortSortsWhenItHasEverything() throws Exception {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            lines.add("%08d".formatted(i));
        }
        List<String> shuffled = new ArrayList<>(lines);
        Collections.shuffle(shuffled, new Random(1));
        try (ChildProcess sort = child("line", Kid.program("sort"))) {
            for (String each : shuffled) {
                sort.channel().send(bytes(each));
            }
            sort.endInput();
            assertThrows(ClosedException.class, () -> sort.channel().send(bytes("too late")));
            for (String each : lines) {
                assertEquals(each, line(sort.channel()));
            }
            assertNull(line(sort.channel()));
        }
    }

    @Test
    void catReturnsRawBytes() throws Exception {
        byte[] all = new byte[1_000_000];
        new Random(2).nextBytes(all);
        try (ChildProcess cat = child("raw", "cat")) {
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    cat.channel().send(all);
                    cat.endInput();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            byte[] back = new byte[all.length];
            int length = 0;
            for (Message message; (message = cat.channel().receive(LONG)) != null; length += message.length()) {
                System.arraycopy(message.bytes(), 0, back, length, message.length());
            }
            sender.join();
            assertEquals(all.length, length);
            assertArrayEquals(all, back);
        }
    }

    @Test
    void pythonSpeaksInFramesOverTheDescriptorsThatItIsTold() throws Exception {
        String program =
                """
                        import os, struct
                        i, o = (os.fdopen(int(n), m) for n, m in zip(os.environ['IPC_STDIO_DESCRIPTORS'].split(','), ('rb', 'wb')))
                        o.write(struct.pack('<8siiii', b'SLUICEST', 1, 0, 1 << 20, 0)); o.flush()
                        magic, version, flags, limit, _ = struct.unpack('<8siiii', i.read(24))
                        assert magic == b'SLUICEST' and version == 1
                        print('this goes elsewhere')
                        while True:
                            (length,) = struct.unpack('<i', i.read(4))
                            if length < 0:
                                break
                            message = i.read(length)[::-1]
                            o.write(struct.pack('<i', length) + message); o.flush()
                        try:
                            o.write(struct.pack('<i', -1)); o.close()
                        except BrokenPipeError:
                            pass
                        """;
        ProcessBuilder python = new ProcessBuilder(Kid.program("python3"), "-c", program);
        try (ChildProcess child = ChildProcess.of(python).start()) {
            assertEquals(1 << 20, child.channel().capabilities().maxMessage());
            for (String word : List.of("", "a", "live", "x".repeat(100_000) + "y")) {
                child.channel().send(bytes(word));
                assertEquals(new StringBuilder(word).reverse().toString(), line(child.channel()));
            }
        }
    }

    @Test
    void pythonSpeaksInLines() throws Exception {
        String program = "import sys\nfor line in sys.stdin: print(line.rstrip('\\n').upper(), flush=True)";
        try (ChildProcess child = child("line", Kid.program("python3"), "-c", program)) {
            child.channel().send(bytes("grüße"));
            assertEquals("GRÜSSE", line(child.channel()));
        }
    }

    @Test
    void aLineIsWhatIsBetweenLineFeedsAndTheLastOneNeedsNone() throws Exception {
        try (ChildProcess child = child("line", "printf", "one\\n\\ntwo\\r\\nlast")) {
            assertEquals("one", line(child.channel()));
            assertEquals("", line(child.channel()));
            assertEquals("two\r", line(child.channel()));
            assertEquals("last", line(child.channel()));
            assertNull(line(child.channel()));
        }
    }

    @Test
    void whatALineCannotHoldIsRefused() throws Exception {
        try (ChildProcess cat = child("line&max-message=100", "cat")) {
            assertThrows(UnsupportedException.class, () -> cat.channel().send(bytes("two\nlines")));
            assertThrows(MessageTooLargeException.class, () -> cat.channel().send(new byte[101]));
            cat.channel().send(bytes("fine"));
            assertEquals("fine", line(cat.channel()));
        }
        try (ChildProcess child = child("line&max-message=100", "printf", "%0200d\\n", "1")) {
            ProtocolException e = assertThrows(ProtocolException.class, () -> line(child.channel()));
            TestPlace.assertMentions(e, "100 bytes", "max-message");
        }
    }

    // ---- shells over named pipes

    private Process shell(String script) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("DIR", place.directory().toString());
        return builder.start();
    }

    private static void assertEnds(Process process) throws InterruptedException {
        assertEquals(true, process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
    }

    @Test
    void aShellWritesIntoANamedPipeWithPrintf() throws Exception {
        try (Endpoint endpoint = Ipc.bind("pipe:orders?framing=line&direction=in")) {
            for (int i = 0; i < 20; i++) {
                Process shell = shell("printf 'first\\nsecond\\n' > $DIR/orders.in");
                try (Channel channel = endpoint.accept(LONG)) {
                    assertEquals("first", line(channel));
                    assertEquals("second", line(channel));
                    assertNull(line(channel));
                    assertThrows(UnsupportedException.class, () -> channel.send(bytes("no")));
                }
                assertEnds(shell);
            }
        }
    }

    @Test
    void aShellReadsANamedPipeWithCat() throws Exception {
        try (Endpoint endpoint = Ipc.bind("pipe:news?framing=line&direction=out")) {
            for (int i = 0; i < 5; i++) {
                Path copy = directory.resolve("copy" + i);
                Process shell = shell("cat < $DIR/news.out > " + copy);
                try (Channel channel = endpoint.accept(LONG)) {
                    channel.send(bytes("first"));
                    channel.send(bytes("second"));
                    assertThrows(UnsupportedException.class, () -> channel.receive());
                }
                assertEnds(shell);
                assertEquals("first\nsecond\n", Files.readString(copy));
            }
        }
    }

    @Test
    void shellsTalkBothWaysWithAServedEndpoint() throws Exception {
        try (var server = Ipc.serve(
                "pipe:echo?framing=line", (channel, buffer, offset, length) -> channel.offer(buffer, offset, length))) {
            for (int i = 0; i < 3; i++) {
                Process shell = shell("exec 3> $DIR/echo.in 4< $DIR/echo.out; echo hello >&3; read answer <&4;"
                        + " test \"$answer\" = hello");
                assertEnds(shell);
            }
            try (Channel client = Ipc.connect("pipe:echo?framing=line")) {
                client.send(bytes("hello"));
                assertEquals("hello", line(client));
            }
            assertEquals("pipe:echo", server.address().withoutOptions());
        }
    }

    @Test
    void whatIsNoPipeInTheWayIsNamedAndLeftAlone() throws Exception {
        Path file = Files.writeString(place.directory().resolve("busy.in"), "mine");
        TestPlace.assertMentions(
                assertThrows(AddressInUseException.class, () -> Ipc.bind("pipe:busy?framing=line")),
                "busy.in", "a file");
        assertEquals("mine", Files.readString(file));
        Files.delete(file);
    }
}
