package io.sluice.ipc.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Server;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an endpoint leaves in its folder, and what it finds there.
class FileEndpointTest {
    @TempDir
    Path folder;

    private String address() {
        return "file:" + folder.resolve("orders");
    }

    private EndpointFolder files() {
        return new EndpointFolder(folder.resolve("orders"), address());
    }

    @Test
    void whatBothSidesSaidIsReplayedWhenBothAreGone() throws Exception {
        try (Endpoint endpoint = Ipc.bind(address());
                Channel client = Ipc.connect(address());
                Channel server = endpoint.accept()) {
            client.send("question".getBytes(StandardCharsets.UTF_8));
            client.send("another".getBytes(StandardCharsets.UTF_8));
            server.send("answer".getBytes(StandardCharsets.UTF_8));
        }
        String id = EndpointFolder.names(files().channels()).getFirst();
        assertEquals(List.of("question", "another"), replay(files().channel(id).resolve("to-server")));
        assertEquals(List.of("answer"), replay(files().channel(id).resolve("to-client")));
        Ipc.bind(address()).close();
        assertEquals(List.of(id), EndpointFolder.names(files().channels()), "channels after the next bind");
    }

    private static List<String> replay(Path journal) {
        try (Journal replayed = Journal.open(journal, JournalOptions.DEFAULT.withReadOnly());
                Tailer tailer = replayed.tailer()) {
            return Records.rest(tailer);
        }
    }

    @Test
    void aChannelThatCarriedNothingLeavesNothing() throws Exception {
        try (Endpoint endpoint = Ipc.bind(address())) {
            Ipc.connect(address()).close();
            endpoint.accept().close();
            assertEquals(List.of(), EndpointFolder.names(files().channels()));
        }
    }

    @Test
    void manyClientsAreServedInOneThread() throws Exception {
        List<Thread> threads = new ArrayList<>();
        try (Server server = Ipc.serve(address(), (channel, buffer, offset, length) -> {
            threads.add(Thread.currentThread());
            return channel.offer(buffer, offset, length);
        })) {
            List<Channel> clients = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                clients.add(Ipc.connect(server.address()));
            }
            for (int round = 0; round < 3; round++) {
                for (Channel client : clients) {
                    client.send(new byte[] {(byte) round});
                }
                for (Channel client : clients) {
                    assertEquals(round, client.receive().bytes()[0]);
                }
            }
            clients.forEach(Channel::close);
        }
        assertEquals(1, threads.stream().distinct().count(), "threads");
    }

    @Test
    void theNextBindDeletesWhatAClientLeftThatDiedBeforeItWasAcceptedAndTouchesNothingElse() throws Exception {
        Ipc.bind(address()).close();
        Path half = Files.createDirectory(files().channel("0000000000001-00000001"));
        Files.createFile(half.resolve("client"));
        Files.createFile(files().ask("0000000000001-00000001"));
        Path alive = Files.createDirectory(files().channel("0000000000002-00000002"));
        Path mine = Files.writeString(files().path().resolve("notes.txt"), "mine");
        try (io.sluice.ipc.os.DiskFile life = io.sluice.ipc.os.DiskFile.open(
                alive.resolve("client"), io.sluice.ipc.os.DiskFile.Access.CREATE)) {
            assertTrue(new io.sluice.ipc.os.ByteLocks(life).tryLock(0), "a client that lives, and may be paused");
            Ipc.bind(address()).close();
            assertFalse(Files.exists(half), "what the dead one left");
            assertTrue(Files.exists(alive), "what the living one is making");
            assertEquals(List.of(), EndpointFolder.names(files().asks()));
            assertEquals("mine", Files.readString(mine));
        }
        Ipc.bind(address()).close();
        assertFalse(Files.exists(alive), "once it is dead, too");
    }

    @Test
    void aRequestOfAnotherVersionOrOfNonsenseIsDroppedAndOthersAreServed() throws Exception {
        try (Endpoint endpoint = Ipc.bind(address())) {
            Path strange = Files.createDirectory(files().channel("0000000000003-00000003"));
            Files.createFile(strange.resolve("client"));
            Files.createFile(strange.resolve("server"));
            Files.write(strange.resolve("state"), new byte[SessionLayout.LENGTH]);
            Files.createFile(files().ask("0000000000003-00000003"));
            Files.createFile(files().ask("nonsense"));
            try (Channel client = Ipc.connect(address()); Channel server = endpoint.accept()) {
                client.send(new byte[] {1});
                assertEquals(1, server.receive().bytes().length);
            }
        }
    }

    @Test
    void aFolderThatIsAJournalIsNoEndpointAndAnAddressWithoutAFolderIsRefused() {
        Records.append(folder.resolve("orders"), "a record");
        assertThrows(HandshakeException.class, () -> Ipc.bind(address()));
        assertThrows(InvalidAddressException.class, () -> Ipc.bind("file:"));
        assertThrows(InvalidAddressException.class, () -> Ipc.bind(address() + "?sync=sometimes"));
    }
}
