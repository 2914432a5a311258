package io.sluice.ipc.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Message;
import io.sluice.ipc.NoSpaceException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A disk that is full while channels are on it.
@Timeout(120)
class FileFullDiskTest {
    private static final int MAX_LENGTH = 9_000;
    private static final int WRITER = 1;

    @TempDir
    Path folder;

    /// Sends until there is no room.
    ///
    /// @param next the number of the first message
    /// @return the number behind the last that was accepted
    private static long fill(Channel channel, long next, Path disk) {
        NoSpaceException full = null;
        while (full == null) {
            byte[] body = Records.body(WRITER, next, MAX_LENGTH);
            try {
                if (next % 3 == 0) {
                    channel.send(body);
                } else if (next % 3 == 1) {
                    assertTrue(channel.offer(body));
                } else {
                    Claim claim = channel.tryClaim(body.length);
                    claim.buffer().putBytes(claim.offset(), body);
                    claim.commit();
                }
                next++;
            } catch (NoSpaceException e) {
                full = e;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        String message = full.getMessage();
        assertTrue(message.contains(disk.toString()) && message.contains("make room"), message);
        return next;
    }

    private static void assertArrive(Channel channel, long from, long to) throws InterruptedException {
        for (long number = from; number < to; number++) {
            assertArrayEquals(Records.body(WRITER, number, MAX_LENGTH),
                    channel.receive(Eventually.GENEROUS).bytes(), "message " + number);
        }
        assertEquals(0, channel.poll((_, _, _) -> {}, 1), "more than was accepted arrives");
    }

    @ParameterizedTest
    @ValueSource(strings = {"io=mapped", "io=stream", "io=mapped&keep=0s"})
    @SuppressWarnings("try") // closing early is what the peer is to hear
    void aFullDiskIsAnExceptionThatLeavesChannelAndPeerAliveAndSendingGoesOnWhenThereIsRoom(String options)
            throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("small"), "6m")) {
            String address = "file:" + disk.path().resolve("orders") + "?max-message=64k&" + options;
            try (Endpoint endpoint = Ipc.bind(address);
                    Channel client = Ipc.connect(address);
                    Channel server = endpoint.accept()) {
                long sent = 0;
                long received = 0;
                for (int round = 0; round < 3; round++) {
                    disk.fill(500_000);
                    sent = fill(client, sent, disk.path());
                    sent = fill(client, sent, disk.path()); // again, at once
                    assertTrue(client.isOpen() && server.isOpen());
                    if (round != 1) { // else there is a backlog when it goes on
                        assertArrive(server, received, sent);
                        received = sent;
                    }
                    disk.makeRoom();
                    client.send(Records.body(WRITER, sent++, MAX_LENGTH));
                    server.send(new byte[] {(byte) round});
                    assertEquals(round, client.receive(Eventually.GENEROUS).bytes()[0]);
                }
                assertArrive(server, received, sent);
                client.close();
                Message end = server.receive();
                assertEquals(null, end, "the end comes in order");
            }
        }
    }

    @Test
    void aChannelThatDoesNotFitIsRefusedAndLeavesNothing() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("small"), "2m")) {
            Path orders = disk.path().resolve("orders");
            String address = "file:" + orders;
            EndpointFolder files = new EndpointFolder(orders, address);
            try (Endpoint endpoint = Ipc.bind(address)) {
                disk.fill(0);
                assertThrows(NoSpaceException.class, () -> Ipc.connect(address), "not even its folder fits");
                disk.makeRoom();
                disk.fill(100_000);
                HandshakeException refused = assertThrows(HandshakeException.class, () -> Ipc.connect(address));
                assertTrue(refused.getMessage().contains("make room"), refused::getMessage);
                assertEquals(List.of(), EndpointFolder.names(files.asks()));
                Eventually.equal("channels", List.of(), () -> EndpointFolder.names(files.channels()));
                disk.makeRoom();
                try (Channel client = Ipc.connect(address); Channel server = endpoint.accept()) {
                    client.send(new byte[] {1});
                    assertEquals(1, server.receive().length());
                }
            }
            disk.fill(0);
            EndpointFolder.delete(orders);
            disk.makeRoom();
        }
    }

    @Test
    void theEndOfAStreamedSegmentForWhichThereWasNoRoomIsWrittenOnceThereIs() throws Exception {
        int segment = SegmentLayout.MIN_LENGTH;
        int page = segment - 4096; // none of its own yet, and too short for what comes
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("small"), "2m");
                Journal journal =
                        Journal.open(disk.path().resolve("journal"), Records.SMALL.withIo(JournalOptions.Io.STREAM));
                Appender appender = journal.appender();
                Tailer tailer = journal.tailer()) {
            appender.append(new byte[page - SegmentLayout.records(segment) - RecordLayout.BODY_OFFSET]);
            disk.fill(0);
            assertThrows(NoSpaceException.class, () -> appender.append(new byte[8_000]));
            disk.makeRoom();
            assertEquals(segment, appender.append(new byte[8_000]) / segment * segment, "it is in the next segment");
            assertEquals(2, tailer.poll((_, _, _, _, _) -> {}, 10), "records");
        }
    }
}
