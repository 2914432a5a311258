package io.sluice.ipc.shm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.NoSpaceException;
import io.sluice.ipc.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Memory that does not fit.
@Timeout(120)
final class ShmMemoryTest {
    @RegisterExtension
    final TestPlace place = new TestPlace();

    @Test
    void fullMemoryIsAnExceptionAndRoomMakesItWorkAgain() throws Exception {
        Path small = place.directory().resolve("small");
        assumeTrue(mount(small), "needs the right to mount a tmpfs");
        try {
            place.useMemory(small);
            fillAndMakeRoom(small);
            assertEquals(0, small.toFile().list().length, "files left behind");
        } finally {
            run("umount", small.toString());
            Files.delete(small);
        }
    }

    private static void fillAndMakeRoom(Path small) throws Exception {
        String address = TestPlace.address();
        List<Channel> channels = new ArrayList<>();
        try (Server _ = Ipc.serve(address + "?capacity=256k",
                (channel, buffer, offset, length) -> channel.offer(buffer, offset, length))) {
            channels.add(Ipc.connect(address));
            NoSpaceException e = assertThrows(NoSpaceException.class, () -> {
                while (channels.size() < 10) {
                    channels.add(Ipc.connect(address));
                }
            });
            TestPlace.assertMentions(e, small.toString());
            channels.removeFirst().close();
            Eventually.holds("there is room again",
                    () -> channels.add(tryConnect(address)) && channels.getLast() != null);
            channels.getLast().send(new byte[] {7});
            assertArrayEquals(
                    new byte[] {7}, channels.getLast().receive(Duration.ofSeconds(30)).bytes());
        } finally {
            channels.stream().filter(Objects::nonNull).forEach(Channel::close);
        }
    }

    private static Channel tryConnect(String address) {
        try {
            return Ipc.connect(address);
        } catch (NoSpaceException e) {
            return null;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// So it vanishes with the two processes, however they end.
    @Test
    void theMemoryOfAnOpenChannelHasNoName() throws Exception {
        String address = TestPlace.address();
        try (Endpoint endpoint = Ipc.bind(address)) {
            List<String> before = place.files();
            try (Channel client = Ipc.connect(address);
                    Channel server = endpoint.accept()) {
                assertEquals(before, place.files());
                assertEquals(4, place.mappings(), "a memory and a doorbell on either side");
                client.send(new byte[] {7});
                assertEquals(7, server.receive(Duration.ofSeconds(30)).bytes()[0]);
            }
        }
    }

    @Test
    void memoryTooSmallForTheDoorbellIsAnExceptionAtBind() throws Exception {
        Path small = place.directory().resolve("small");
        assumeTrue(mount(small), "needs the right to mount a tmpfs");
        try {
            place.useMemory(small);
            Files.write(small.resolve("ballast"), new byte[1 << 20]);
            assertThrows(NoSpaceException.class, () -> Ipc.bind("shm:full"));
            Files.delete(small.resolve("ballast"));
            try (Endpoint _ = Ipc.bind("shm:full")) {
                assertEquals(1, small.toFile().list().length, "the doorbell");
            }
        } finally {
            run("umount", small.toString());
            Files.delete(small);
        }
    }

    private static boolean mount(Path at) throws IOException, InterruptedException {
        Files.createDirectory(at);
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", at.toString()) == 0;
        if (!mounted) {
            Files.delete(at);
        }
        return mounted;
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
    }
}
