package io.sluice.ipc.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.Message;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.ProtocolException;
import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.UnsupportedException;
import io.sluice.ipc.spi.WaitStrategy;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A channel over a stream whose other end is the test.
@Timeout(60)
class StreamChannelTest {
    private static final int LIMIT = 1_000_000;

    private final MemoryStream stream = new MemoryStream();

    private StreamChannel channel(Framing framing) {
        StreamPlan plan = new StreamPlan(framing, true, true, LIMIT, WaitStrategy.BLOCK, Duration.ofMillis(50));
        Address address = Address.parse("test:place");
        return new StreamChannel(address, stream, plan, Set.of(Capability.ORDERED, Capability.BOUNDED_MESSAGES));
    }

    private StreamChannel channel() {
        return channel(Framing.LENGTH);
    }

    private static byte[] frame(int length, byte... bytes) {
        return ByteBuffer.allocate(4 + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(length)
                .put(bytes)
                .array();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String receive(Channel channel) throws InterruptedException {
        Message message = channel.receive(Duration.ofSeconds(10));
        return message == null ? null : message.text();
    }

    // ---- sending

    @Test
    void aLoneMessageIsWrittenAtOnce() throws Exception {
        StreamChannel channel = channel();
        for (int i = 1; i <= 3; i++) {
            Thread.sleep(1);
            assertTrue(channel.offer(text("abc")));
            assertEquals(7 * i, stream.written.size());
        }
        assertEquals(List.of(7, 7, 7), List.copyOf(stream.writes));
        assertArrayEquals(frame(3, text("abc")), Arrays.copyOf(stream.written.toByteArray(), 7));
    }

    @Test
    void messagesThatFollowOneAnotherGoInFewWritesWhileThePeerIsBehind() {
        StreamChannel channel = channel();
        stream.unread = 1;
        int accepted = 100_000;
        for (int i = 0; i < accepted; i++) {
            assertTrue(channel.offer(new byte[32]));
        }
        stream.later.run();
        assertEquals(accepted * 36, stream.written.size());
        // A thread that is not compiled yet, or loses its core, finds its next message alone; hence not one in hundreds.
        assertTrue(stream.writes.size() < accepted / 4, () -> stream.writes.size() + " writes");
    }

    @Test
    void aFewMessagesThatFollowOneAnotherGoOneByOneIfThePeerHasTakenWhatWasWritten() {
        StreamChannel channel = channel();
        for (int i = 0; i < 30; i++) {
            assertTrue(channel.offer(new byte[32]));
        }
        assertEquals(30, stream.writes.size());
    }

    @Test
    void whatWasGatheredIsWrittenBeforeThisSideWaitsForThePeer() throws Exception {
        StreamChannel channel = channel();
        stream.unread = 1;
        for (int i = 0; i < 100; i++) {
            channel.offer(new byte[32]);
        }
        assertEquals(0, channel.poll((buffer, offset, length) -> {}, 1));
        assertEquals(100 * 36, stream.written.size());
        for (int i = 0; i < 100; i++) {
            channel.offer(new byte[32]);
        }
        assertThrows(TimedOutException.class, () -> channel.receive(Duration.ofMillis(5)));
        assertEquals(200 * 36, stream.written.size());
    }

    @Test
    void aSentMessageIsWrittenWhenSendReturns() throws Exception {
        StreamChannel channel = channel();
        stream.unread = 1;
        for (int i = 1; i <= 1_000; i++) {
            channel.send(new byte[32]);
            assertEquals(36 * i, stream.written.size());
        }
    }

    @Test
    void aMessageThatHasBegunIsFinishedInTheBackgroundAndTheNextOneWaits() throws Exception {
        StreamChannel channel = channel();
        stream.room = 500_000;
        channel.send(new byte[LIMIT]); // returns when the time is over: it has begun
        assertEquals(500_000, stream.written.size());
        assertFalse(channel.offer(new byte[1]));
        assertThrows(TimedOutException.class, () -> channel.send(new byte[1]));
        stream.room = Integer.MAX_VALUE;
        stream.later.run(); // leaves it to the sender, who has just tried
        stream.later.run();
        assertEquals(LIMIT + 4, stream.written.size());
        assertTrue(channel.offer(new byte[1]));
        assertEquals(LIMIT + 9, stream.written.size());
    }

    @Test
    void theBackgroundLeavesTheWritingToASenderUntilHeIsQuiet() {
        StreamChannel channel = channel();
        stream.room = 10;
        assertTrue(channel.offer(new byte[Backlog.GATHERED]));
        stream.room = 10;
        stream.later.run();
        assertEquals(10, stream.written.size(), "he has just found no room, and may try again");
        assertFalse(channel.offer(new byte[Backlog.GATHERED]));
        assertEquals(20, stream.written.size());
        stream.room = 10;
        stream.later.run();
        assertEquals(20, stream.written.size(), "he has tried again");
        stream.later.run();
        assertEquals(30, stream.written.size(), "he is quiet");
        stream.room = Integer.MAX_VALUE;
        stream.whenWritable.run();
        assertEquals(Backlog.GATHERED + 4, stream.written.size());
    }

    @Test
    void aMessageThatHasNotBegunIsWithdrawn() throws Exception {
        StreamChannel channel = channel();
        stream.room = 0;
        assertThrows(TimedOutException.class, () -> channel.send(text("never")));
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> channel.send(text("never")));
        stream.room = Integer.MAX_VALUE;
        channel.send(text("later"));
        assertArrayEquals(frame(5, text("later")), stream.written.toByteArray());
    }

    @Test
    void backPressureComesBeforeMemoryRunsOut() {
        StreamChannel channel = channel();
        stream.room = 0;
        int accepted = 0;
        while (channel.offer(new byte[996])) {
            accepted++;
        }
        assertEquals(65, accepted, "messages of 1,000 bytes, gathered up to 64 KiB");
        assertNull(channel.tryClaim(996));
        assertTrue(channel.stats().backPressure() >= 2);
    }

    @Test
    void tooLargeIsRefusedBeforeAByteIsWritten() {
        StreamChannel channel = channel();
        assertThrows(MessageTooLargeException.class, () -> channel.send(new byte[LIMIT + 1]));
        assertThrows(MessageTooLargeException.class, () -> channel.offer(new byte[LIMIT + 1]));
        assertThrows(MessageTooLargeException.class, () -> channel.tryClaim(LIMIT));
        assertEquals(0, stream.written.size());
    }

    @Test
    void aClaimStaysWhereItIsWhileTheBackgroundWrites() {
        StreamChannel channel = channel();
        stream.unread = 1;
        channel.offer(text("a"));
        channel.offer(text("b"));
        Claim claim = channel.tryClaim(3);
        claim.buffer().putBytes(claim.offset(), text("xyz"));
        channel.flush();
        claim.commit();
        channel.flush();
        ByteBuffer expected = ByteBuffer.allocate(17)
                .put(frame(1, text("a")))
                .put(frame(1, text("b")))
                .put(frame(3, text("xyz")));
        assertArrayEquals(expected.array(), stream.written.toByteArray());
    }

    @Test
    void aCloseWritesWhatWasAcceptedAndSaysSo() {
        StreamChannel channel = channel();
        stream.unread = 1;
        channel.offer(text("a"));
        channel.offer(text("b"));
        channel.close();
        ByteBuffer expected = ByteBuffer.allocate(14)
                .put(frame(1, text("a")))
                .put(frame(1, text("b")))
                .put(frame(-1));
        assertArrayEquals(expected.array(), stream.written.toByteArray());
        assertTrue(stream.closed);
        assertThrows(ClosedException.class, () -> channel.offer(text("c")));
    }

    @Test
    void nobodyReadingIsACloseOrADeathAsTheOtherStreamEnds() {
        StreamChannel channel = channel();
        stream.nobodyReads = true;
        stream.give(frame(1, (byte) 1));
        stream.give(frame(-1));
        assertThrows(ClosedException.class, () -> channel.offer(text("x")));
        assertEquals(1, channel.poll((buffer, offset, length) -> {}, 10), "what came before is still received");
        assertEquals(Channel.END, channel.poll((buffer, offset, length) -> {}, 10));
    }

    @Test
    void nobodyReadingAndAnEndWithoutAWordIsADeath() {
        StreamChannel channel = channel();
        stream.nobodyReads = true;
        stream.give(frame(8, new byte[] {-1, -1, -1, -1})); // part of a message, no closing frame
        stream.inputEnded = true;
        assertThrows(PeerLostException.class, () -> channel.offer(text("x")));
        assertThrows(PeerLostException.class, () -> receive(channel));
    }

    // ---- receiving

    /// One read each, once the memory is there; and none is moved, for the next one begins where there is room for all of it.
    @Test
    void largeMessagesAreReadToTheirEndAndNoFurther() throws Exception {
        StreamChannel channel = channel();
        byte[] message = new byte[100_000];
        for (int i = 0; i < 12; i++) {
            message[message.length - 1] = (byte) i;
            stream.give(frame(message.length, message));
        }
        for (int i = 0; i < 12; i++) {
            int before = stream.reads;
            assertEquals(i, channel.receive(Duration.ofSeconds(20)).bytes()[message.length - 1]);
            assertTrue(i < 2 || stream.reads - before == 1, "reads for message " + i + ": " + (stream.reads - before));
        }
        for (int i = 0; i < 3; i++) { // one that comes alone
            stream.give(frame(message.length, message));
            int before = stream.reads;
            assertEquals(message.length, channel.receive(Duration.ofSeconds(20)).length());
            assertEquals(1, stream.reads - before, "reads for a lone message");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 4_096, Integer.MAX_VALUE})
    void framesComeWholeHoweverTheBytesCome(int pace) throws Exception {
        StreamChannel channel = channel();
        Random random = new Random(pace);
        List<byte[]> sent = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            byte[] message =
                    new byte[i % 20 == 0 ? random.nextInt(100_000 / Math.max(1, 10 / pace)) : random.nextInt(50)];
            random.nextBytes(message);
            sent.add(message);
            stream.give(frame(message.length, message));
        }
        stream.give(frame(Frames.CLOSED));
        stream.pace = pace;
        for (byte[] message : sent) {
            assertArrayEquals(message, channel.receive(Duration.ofSeconds(20)).bytes());
        }
        assertNull(channel.receive(Duration.ofSeconds(1)));
    }

    @Test
    void theEndWithoutClosedIsALossAndAPartOfAMessageIsNone() throws Exception {
        StreamChannel channel = channel();
        stream.give(frame(1, (byte) 'a'));
        stream.give(frame(10, (byte) 'b'));
        stream.inputEnded = true;
        assertEquals("a", receive(channel));
        assertThrows(PeerLostException.class, () -> receive(channel));
        assertThrows(PeerLostException.class, () -> channel.send(text("x")));
    }

    @ParameterizedTest
    @ValueSource(ints = {LIMIT + 1, Integer.MAX_VALUE, -3, Integer.MIN_VALUE})
    void aLengthThatCannotBeCutsTheChannelOffAfterWhatCameBefore(int length) throws Exception {
        StreamChannel channel = channel();
        stream.give(frame(1, (byte) 'a'));
        stream.give(frame(length));
        assertEquals("a", receive(channel));
        ProtocolException e = assertThrows(ProtocolException.class, () -> receive(channel));
        assertTrue(e.getMessage().contains(Integer.toString(length)), e::getMessage);
        assertArrayEquals(frame(Frames.CUT_OFF), stream.written.toByteArray());
        assertTrue(stream.closed);
        assertThrows(ProtocolException.class, () -> channel.send(text("x")));
    }

    @Test
    void aLengthWithoutItsBytesTakesNoMemory() {
        long before = usedMemory();
        List<StreamChannel> channels = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            StreamChannel channel = channel();
            stream.give(frame(LIMIT));
            assertEquals(0, channel.poll((buffer, offset, length) -> {}, 1));
            channels.add(channel);
        }
        long taken = usedMemory() - before;
        assertTrue(taken < 200_000_000, () -> channels.size() + " channels took " + taken + " bytes");
    }

    private static long usedMemory() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Test
    void aPeerThatCutsThisSideOffIsQuoted() {
        StreamChannel channel = channel();
        stream.give(frame(Frames.CUT_OFF));
        ProtocolException e = assertThrows(ProtocolException.class, () -> receive(channel));
        assertTrue(e.getMessage().contains("the peer has cut this channel off"), e::getMessage);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, Integer.MAX_VALUE})
    void linesAreWhatIsBetweenLineFeeds(int pace) throws Exception {
        StreamChannel channel = channel(Framing.LINE);
        stream.pace = pace;
        stream.give(text("one\n\ntwo\r\n" + "x".repeat(50_000) + "\nlast"));
        stream.inputEnded = true;
        assertEquals("one", receive(channel));
        assertEquals("", receive(channel));
        assertEquals("two\r", receive(channel));
        assertEquals("x".repeat(50_000), receive(channel));
        assertEquals("last", receive(channel));
        assertNull(receive(channel));
        channel.send(text("still"));
        assertEquals("still\n", stream.written.toString(StandardCharsets.UTF_8));
        assertThrows(UnsupportedException.class, () -> channel.send(text("a\nb")));
    }

    @Test
    void aLineBeyondTheLimitIsCutOff() {
        StreamChannel channel = channel(Framing.LINE);
        stream.give(new byte[LIMIT + 1]);
        assertThrows(ProtocolException.class, () -> receive(channel));
    }

    @Test
    void rawBytesAreWhatCameAtOnce() throws Exception {
        StreamChannel channel = channel(Framing.RAW);
        assertFalse(channel.capabilities().has(Capability.BOUNDED_MESSAGES));
        stream.give(text("abc"));
        assertEquals("abc", receive(channel));
        stream.give(text("de"));
        stream.inputEnded = true;
        assertEquals("de", receive(channel));
        assertNull(receive(channel));
    }

    // ---- greeting

    private static byte[] hello(int version, int flags, int limit) {
        return ByteBuffer.allocate(Hello.LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(Hello.MAGIC)
                .putInt(version)
                .putInt(flags)
                .putInt(limit)
                .putInt(0)
                .array();
    }

    private Hello exchange(Hello mine, byte[] theirs) throws InterruptedException {
        stream.give(theirs);
        return Hello.exchange(stream, mine, System.nanoTime() + 20_000_000);
    }

    @Test
    void aGreetingByteByByteIsAGreetingAndNothingBeyondItIsTaken() throws Exception {
        stream.pace = 1;
        Hello mine = Hello.of(true, false, 77);
        stream.give(hello(1, 1, 1234));
        stream.give(text("more"));
        Hello theirs = Hello.exchange(stream, mine, System.nanoTime() + 10_000_000_000L);
        assertEquals(new Hello(1, false, true, 1234), theirs);
        assertArrayEquals(hello(1, 2, 77), stream.written.toByteArray());
        stream.pace = Integer.MAX_VALUE;
        assertEquals(4, stream.read(Arena.ofAuto().allocate(10), 0, 10));
    }

    @Test
    void whatIsNoGreetingIsKnownByItsFirstByte() {
        assertGreetingFails(text("G"), "not the greeting");
    }

    @Test
    void anotherVersionIsNamed() {
        assertGreetingFails(hello(9, 0, 1), "version 9");
    }

    @Test
    void aLimitThatCannotBeIsNamed() {
        assertGreetingFails(hello(1, 0, -5), "-5");
    }

    private void assertGreetingFails(byte[] theirs, String words) {
        HandshakeException e = assertThrows(
                HandshakeException.class, () -> exchange(Hello.of(true, true, 10), theirs));
        assertTrue(e.getMessage().contains(words), e::getMessage);
    }

    @Test
    void aPeerThatSaysNothingIsWaitedForUntilTheDeadline() throws Exception {
        assertNull(exchange(Hello.of(true, true, 10), new byte[0]));
    }
}
