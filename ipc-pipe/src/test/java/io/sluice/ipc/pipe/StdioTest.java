package io.sluice.ipc.pipe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.ProtocolException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.UnsupportedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A parent and its child over anonymous pipes.
@Timeout(120)
final class StdioTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @AfterEach
    void noChildIsLeft() throws Exception {
        Eventually.equal("children of this process", List.of(), () -> ProcessHandle.current().children()
                .map(ProcessHandle::pid)
                .toList());
    }

    private static void assertEchoes(ChildProcess child, int length) throws InterruptedException {
        byte[] message = new byte[length];
        message[length - 1] = 7;
        child.channel().send(message);
        assertArrayEquals(message, child.channel().receive(LONG).bytes());
    }

    private static ChildProcess start(String... role) throws InterruptedException {
        return ChildProcess.of(Kid.class, role).start();
    }

    private static HandshakeException failedStart(String address, String... role) {
        return assertThrows(
                HandshakeException.class,
                () -> ChildProcess.of(Kid.class, role).address(address).start());
    }

    @Test
    void aChildAnswersUntilItsParentClosesAndThenEndsInOrder() throws Exception {
        ChildProcess child = start("echo");
        try (child) {
            assertEchoes(child, 1);
            assertEchoes(child, 3_000_000);
            assertEquals(child.process().pid(), child.channel().peer().pid().orElse(0));
        }
        assertFalse(child.process().isAlive());
        assertEquals(0, child.process().exitValue());
        child.close();
    }

    @Test
    void whatTheChildAndItsJvmPrintGoesWhereTheParentWantsItAndNotIntoTheChannel() throws Exception {
        Path output = directory.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(Kid.command(List.of("-Xlog:gc*,safepoint"), "chatter"));
        builder.redirectOutput(Redirect.to(output.toFile()));
        try (ChildProcess child = ChildProcess.of(builder).start()) {
            for (int i = 1; i < 50; i++) {
                assertEchoes(child, i);
            }
        }
        String printed = Files.readString(output);
        for (String expected : List.of("said before it connected", "said while it answers", "[gc")) {
            assertTrue(printed.contains(expected), () -> expected + " is missing in: " + printed);
        }
    }

    @Test
    void aChildThatFloodsItsStandardErrorIsHeardAllTheSame() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Kid.command(List.of(), "flood"));
        builder.redirectError(Redirect.DISCARD);
        try (ChildProcess child = ChildProcess.of(builder).start()) {
            assertEchoes(child, 100);
        }
    }

    @Test
    void aChildMayOnlyWrite() throws Exception {
        try (ChildProcess child =
                ChildProcess.of(Kid.class, "write-only").address("stdio:?direction=in").start()) {
            assertThrows(UnsupportedException.class, () -> child.channel().send(new byte[1]));
            for (int i = 0; i < 100; i++) {
                assertArrayEquals(Kid.message(i), child.channel().receive(LONG).bytes());
            }
            assertNull(child.channel().receive(LONG));
        }
    }

    @Test
    void aChildMayOnlyRead() throws Exception {
        Path count = directory.resolve("count");
        try (ChildProcess child = ChildProcess.of(Kid.class, "read-only", count.toString())
                .address("stdio:?direction=out")
                .start()) {
            assertThrows(UnsupportedException.class, () -> child.channel().receive(LONG));
            for (int i = 0; i < 1_000; i++) {
                child.channel().send(Kid.message(i));
            }
        }
        assertEquals("1000", Files.readString(count));
    }

    @Test
    void aChildThatDiesIsLostAfterItsLastMessage() throws Exception {
        try (ChildProcess child = start("halt")) {
            child.channel().send(new byte[] {5});
            assertArrayEquals(new byte[] {5}, child.channel().receive(LONG).bytes());
            assertThrows(PeerLostException.class, () -> child.channel().receive(LONG));
            assertThrows(PeerLostException.class, () -> child.channel().send(new byte[1]));
        }
    }

    @Test
    void aChildThatNeverSpeaksIsEndedWhenTheTimeIsOver() {
        HandshakeException e = failedStart("stdio:?connect-timeout=1s", "silent");
        TestPlace.assertMentions(e, "stdio:", "1s", "connect-timeout");
    }

    @Test
    void anInterruptEndsTheWaitForAChildAndTheChild() throws Exception {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> start("silent"));
        Thread waiting = Thread.currentThread();
        Thread.ofVirtual().start(() -> {
            try {
                while (ProcessHandle.current().children().findAny().isEmpty()) {
                    TimeUnit.MILLISECONDS.sleep(10);
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            waiting.interrupt();
        });
        assertThrows(InterruptedException.class, () -> start("silent"));
    }

    @Test
    void aChildThatSpeaksGarbageIsNoSluiceEnd() {
        TestPlace.assertMentions(failedStart("stdio:", "garbage"), "greeting", "framing=line");
    }

    @Test
    void aChildOfAnotherVersionIsNamed() {
        TestPlace.assertMentions(failedStart("stdio:", "version"), "version 77", "this side 1");
    }

    @Test
    void garbageInTheMiddleIsCutOffAfterTheMessagesBeforeIt() throws Exception {
        try (ChildProcess child =
                ChildProcess.of(Kid.class, "garbage-later").address("stdio:?exit-timeout=10ms").start()) {
            Channel channel = child.channel();
            assertArrayEquals(new byte[] {42}, channel.receive(LONG).bytes());
            ProtocolException e = assertThrows(ProtocolException.class, () -> channel.receive(LONG));
            TestPlace.assertMentions(e, "cut off", "-2147483645");
            assertThrows(ProtocolException.class, () -> channel.send(new byte[1]));
            assertThrows(ProtocolException.class, () -> channel.offer(new byte[1]));
        }
    }

    @Test
    void aMessageCutShortByTheEndOfTheChildIsNeverSeen() throws Exception {
        try (ChildProcess child = start("mid-frame")) {
            assertArrayEquals(new byte[] {42}, child.channel().receive(LONG).bytes());
            assertThrows(PeerLostException.class, () -> child.channel().receive(LONG));
        }
    }

    @Test
    void aClassThatIsNotThereIsReportedWithTheStatus() {
        List<String> command = Kid.command(List.of(), "echo");
        command.set(command.indexOf(Kid.class.getName()), "io.sluice.NoSuchClass");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.DISCARD);
        HandshakeException e = assertThrows(HandshakeException.class, () -> ChildProcess.of(builder).start());
        TestPlace.assertMentions(e, "status 1", "standard error");
    }

    @Test
    void aProgramThatIsNotThereIsReported() {
        HandshakeException e = assertThrows(HandshakeException.class, () -> ChildProcess.of(
                new ProcessBuilder("/no/such/program").redirectError(Redirect.DISCARD)).start());
        TestPlace.assertMentions(e, "status 127");
        assertThrows(SystemCallException.class, () -> ChildProcess.of(new ProcessBuilder("/no/such/program"))
                .address("stdio:?framing=line")
                .start());
    }

    @Test
    void aChildThatIgnoresSigtermIsKilled() throws Exception {
        ProcessBuilder deaf = new ProcessBuilder("sh", "-c", "trap '' TERM; while :; do sleep 0.1; done");
        ChildProcess child = ChildProcess.of(deaf).address("stdio:?framing=line&exit-timeout=100ms").start();
        child.close();
        assertEquals(128 + 9, child.process().exitValue());
    }

    @Test
    void aGrandchildThatHoldsThePipesOpenDelaysNothing() throws Exception {
        Path pid = directory.resolve("pid");
        ProcessBuilder builder = new ProcessBuilder(
                "sh", "-c", "echo one; sleep 300 & echo $! > '" + pid + "'; echo two; kill -9 $$");
        try (ChildProcess child = ChildProcess.of(builder).address("stdio:?framing=line").start()) {
            assertEquals("one", child.channel().receive(LONG).text());
            assertEquals("two", child.channel().receive(LONG).text());
            assertNull(child.channel().receive(LONG));
        } finally {
            ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void aChildThatReadsNoMoreMayStillBeHeard() throws Exception {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", "exec <&-; echo here; exec sleep 300");
        try (ChildProcess child =
                ChildProcess.of(builder).address("stdio:?framing=line&exit-timeout=10ms").start()) {
            assertEquals("here", child.channel().receive(LONG).text());
            assertThrows(ClosedException.class, () -> child.channel().send(new byte[] {1}));
            assertThrows(TimedOutException.class, () -> child.channel().receive(Duration.ofMillis(50)));
        }
    }

    @Test
    void aChildThatWritesNoMoreMayStillBeSpokenTo() throws Exception {
        Path heard = directory.resolve("heard");
        ProcessBuilder builder = new ProcessBuilder(
                "sh", "-c", "exec >&-; read line; echo \"$line\" > '" + heard + ".new'; mv '" + heard + ".new' '"
                        + heard + "'; exec sleep 300");
        try (ChildProcess child =
                ChildProcess.of(builder).address("stdio:?framing=line&exit-timeout=10ms").start()) {
            assertNull(child.channel().receive(LONG));
            child.channel().send("all the same".getBytes());
            Eventually.equal("what the child has heard", true, () -> Files.exists(heard));
            assertEquals("all the same\n", Files.readString(heard));
        }
    }

    @Test
    void aChildThatDoesNotReadCausesBackPressure() throws Exception {
        ProcessBuilder builder = new ProcessBuilder("sleep", "300");
        String address = "stdio:?framing=line&exit-timeout=10ms&send-timeout=200ms";
        try (ChildProcess child = ChildProcess.of(builder).address(address).start()) {
            byte[] line = "x".repeat(1_000).getBytes();
            int accepted = 0;
            while (child.channel().offer(line)) {
                accepted++;
            }
            assertTrue(accepted < 1_000, accepted + " lines were accepted");
            assertThrows(TimedOutException.class, () -> child.channel().send(line));
        }
    }

    private long startParent(Path end, String address) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(Kid.command(List.of(), "parent", end.toString(), address))
                        .redirectError(Redirect.INHERIT);
        Process parent = builder.start();
        try (BufferedReader out = parent.inputReader()) {
            return Long.parseLong(out.readLine());
        } finally {
            parent.destroyForcibly().waitFor();
        }
    }

    @Test
    void theDeathOfTheParentEndsTheChildsChannel() throws Exception {
        Path end = directory.resolve("end");
        long child = startParent(end, "stdio:");
        try {
            Eventually.equal("the child has noticed", true, () -> Files.exists(end));
            assertEquals("PeerLostException", Files.readString(end));
            assertFalse(Kid.isGone(child), "the child goes on");
        } finally {
            ProcessHandle.of(child).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void theDeathOfTheParentEndsAChildThatIsToldSo() throws Exception {
        long child = startParent(directory.resolve("end"), "stdio:?orphan=exit");
        Eventually.equal("the child has ended", true, () -> Kid.isGone(child));
    }

    @Test
    void aParentCannotBeConnectedToFromOutside() throws Exception {
        TestPlace.assertMentions(
                assertThrows(UnsupportedException.class, () -> Ipc.connect("stdio:")), "ChildProcess");
        TestPlace.assertMentions(assertThrows(UnsupportedException.class, () -> Ipc.bind("stdio:")), "ChildProcess");
        assertThrows(InvalidAddressException.class, () -> Ipc.connect("stdio:somewhere"));
        assertThrows(InvalidAddressException.class, () -> ChildProcess.of(Kid.class).address("shm:x"));
        assertThrows(InvalidAddressException.class, () -> ChildProcess.of(Kid.class).address("stdio:?no-such=1"));
    }

    @Test
    void nothingIsOpenAfterwardsThatWasNotBefore() throws Exception {
        try (ChildProcess child = start("echo")) {
            assertEchoes(child, 10);
        }
        long before = pipes();
        for (int i = 0; i < 3; i++) {
            try (ChildProcess child = start("echo")) {
                assertEchoes(child, 10);
            }
            assertInstanceOf(HandshakeException.class, failedStart("stdio:?connect-timeout=100ms", "silent"));
        }
        Eventually.equal("descriptors of pipes", before, StdioTest::pipes);
    }

    private static long pipes() {
        try (var all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(descriptor -> {
                try {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    return target.startsWith("pipe:") || target.contains("eventfd");
                } catch (IOException e) {
                    return false;
                }
            }).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
