package io.sluice.ipc.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `keep=`: what is deleted of a channel's messages, and what is not.
@Timeout(120)
class FileKeepTest {
    /// So that a segment, of 1 MiB, is full after a few.
    private static final int LENGTH = 60_000;
    private static final int PER_SEGMENT = (1 << 20) / LENGTH;
    private static final long KEEP_MILLIS = 50;

    @TempDir
    Path folder;

    private String address(String options) {
        return "file:" + folder.resolve("orders") + "?max-message=64k&" + options;
    }

    private EndpointFolder files() {
        return new EndpointFolder(folder.resolve("orders"), "orders");
    }

    /// The segments of the only channel's messages to the server.
    private List<Long> segments() {
        String id = EndpointFolder.names(files().channels()).getFirst();
        return Arrays.stream(new Folder(files().channel(id).resolve("to-server")).segments()).boxed().toList();
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    private static byte[] body(int number) {
        byte[] body = new byte[LENGTH];
        Arrays.fill(body, (byte) number);
        return body;
    }

    private static void send(Channel channel, int from, int to) throws InterruptedException {
        for (int number = from; number < to; number++) {
            channel.send(body(number));
        }
    }

    private static void receive(Channel channel, int from, int to) throws InterruptedException {
        for (int number = from; number < to; number++) {
            assertArrayEquals(body(number), channel.receive(Eventually.GENEROUS).bytes(), "message " + number);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io=mapped", "io=stream"})
    void whatWasReceivedLongerAgoIsDeletedWithItsSegmentAndWhatWasNotReceivedIsNot(String io) throws Exception {
        String address = address("keep=" + KEEP_MILLIS + "ms&" + io);
        try (Endpoint endpoint = Ipc.bind(address);
                Channel client = Ipc.connect(address);
                Channel server = endpoint.accept()) {
            int sent = 4 * PER_SEGMENT;
            send(client, 0, sent);
            Thread.sleep(2 * KEEP_MILLIS); // time has to pass: none of it was received, so none of it is too old
            send(client, sent, sent += 2 * PER_SEGMENT);
            List<Long> all = segments();
            assertEquals(numbers(0, all.getLast()), all, "nothing that was not received is deleted, however old");
            receive(server, 0, 4 * PER_SEGMENT);
            send(client, sent, sent += PER_SEGMENT);
            long first = 3; // the segment that the receiver is in, or the one before
            Thread.sleep(2 * KEEP_MILLIS);
            receive(server, 4 * PER_SEGMENT, 5 * PER_SEGMENT); // it goes on, and so it tells what it has had for so long
            send(client, sent, sent += PER_SEGMENT); // the next segment is begun
            List<Long> rest = segments();
            assertTrue(rest.getFirst() >= first - 1 && rest.getFirst() <= first + 1, () -> "segments " + rest);
            assertEquals(numbers(rest.getFirst(), rest.getLast()), rest);
            receive(server, 5 * PER_SEGMENT, sent);
            send(server, 0, 1);
            receive(client, 0, 1);
        }
    }

    @Test
    void withNothingKeptALongStreamNeedsTheRoomOfAFewSegments() throws Exception {
        String address = address("keep=0s");
        try (Endpoint endpoint = Ipc.bind(address);
                Channel client = Ipc.connect(address);
                Channel server = endpoint.accept()) {
            for (int number = 0; number < 12 * PER_SEGMENT; number++) {
                send(client, number, number + 1);
                receive(server, number, number + 1);
                assertTrue(segments().size() <= 3, () -> "segments " + segments());
            }
        }
        assertEquals(List.of(), EndpointFolder.names(files().channels()));
    }

    @Test
    void whatWasReceivedShortlyAgoStays() throws Exception {
        String address = address("keep=1h");
        try (Endpoint endpoint = Ipc.bind(address);
                Channel client = Ipc.connect(address);
                Channel server = endpoint.accept()) {
            for (int from = 0; from < 6 * PER_SEGMENT; from += PER_SEGMENT) {
                send(client, from, from + PER_SEGMENT);
                receive(server, from, from + PER_SEGMENT);
            }
            assertEquals(numbers(0, 5), segments().subList(0, 6));
        }
        Ipc.bind(address).close();
        assertEquals(1, EndpointFolder.names(files().channels()).size(), "channels after the next bind");
    }

    @Test
    void aChannelThatHasEndedIsDeletedOnceItWasKeptLongEnoughWhileTheEndpointGoesOn() throws Exception {
        String address = address("keep=" + KEEP_MILLIS + "ms");
        try (Endpoint endpoint = Ipc.bind(address);
                Channel bystander = Ipc.connect(address);
                Channel _ = endpoint.accept()) {
            bystander.send(new byte[] {1});
            try (Channel client = Ipc.connect(address); Channel _ = endpoint.accept()) {
                client.send(new byte[] {2});
                assertEquals(2, EndpointFolder.names(files().channels()).size());
            }
            Eventually.equal("channels", 1, () -> EndpointFolder.names(files().channels()).size());
            bystander.send(new byte[] {3});
        }
    }

    @Test
    void theNextBindDeletesWhatItDoesNotKeep() throws Exception {
        try (Endpoint endpoint = Ipc.bind(address("keep=1h"));
                Channel client = Ipc.connect(address("keep=1h"));
                Channel _ = endpoint.accept()) {
            client.send(new byte[] {1});
        }
        Ipc.bind(address("keep=forever")).close();
        assertEquals(1, EndpointFolder.names(files().channels()).size());
        Ipc.bind(address("keep=0s")).close();
        assertEquals(List.of(), EndpointFolder.names(files().channels()));
    }
}
