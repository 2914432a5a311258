package io.sluice.ipc.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.sluice.ipc.Address;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.ProtocolException;
import io.sluice.ipc.spi.WaitStrategy;
import java.io.ByteArrayOutputStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A peer that sends frames of which something is wrong, in pieces of any size. What comes of them is what a decoder of a few
/// lines says, which has all of them at hand: the same messages, the same end. And it takes no more memory than the limit says.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StreamFuzzTest {
    private static final int LIMIT = 1_000;
    private static final int FRAMES = 1_000_000;
    private static final int PER_CHANNEL = 50;
    private static final int GREETINGS = 100_000;
    /// What a channel may take at most, in the heap or beside it: its buffers, twice as large as a message and a read.
    private static final long MOST_MEMORY = 1 << 20;

    /// How a stream ends.
    private enum End {
        IN_ORDER,
        CUT_OFF,
        LOST
    }

    /// What a stream holds.
    private record Contents(List<byte[]> messages, End end) {}

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final BufferPoolMXBean pool = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(candidate -> candidate.getName().equals("direct"))
            .findFirst()
            .orElseThrow();

    private static Random random(String test) {
        long seed = Optional.ofNullable(Long.getLong("ipc.seed")).orElseGet(ThreadLocalRandom.current()::nextLong);
        System.out.println(test + ": -Dipc.seed=" + seed);
        return new Random(seed);
    }

    private long memory() {
        return threads.getCurrentThreadAllocatedBytes() + pool.getMemoryUsed();
    }

    // ---- what is sent

    private static byte[] frames(Framing framing, Random random) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (int i = 0; i < PER_CHANNEL; i++) {
            byte[] message = new byte[random.nextInt(50) == 0 ? random.nextInt(LIMIT + 20) : random.nextInt(30)];
            random.nextBytes(message);
            if (framing == Framing.LINE) {
                withoutLineFeeds(message);
            }
            stream.writeBytes(mutated(frame(framing, message, random), random));
        }
        return stream.toByteArray();
    }

    private static void withoutLineFeeds(byte[] line) {
        for (int i = 0; i < line.length; i++) {
            line[i] = line[i] == '\n' ? (byte) ' ' : line[i];
        }
    }

    private static byte[] frame(Framing framing, byte[] message, Random random) {
        return switch (framing) {
            case LENGTH ->
                ByteBuffer.allocate(Frames.HEADER_LENGTH + message.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(random.nextInt(500) == 0 ? -random.nextInt(4) : message.length)
                        .put(message)
                        .array();
            case LINE -> {
                byte[] line = Arrays.copyOf(message, message.length + 1);
                line[message.length] = '\n';
                yield line;
            }
            case RAW -> message;
        };
    }

    /// Changes a bit, mostly of the message; or cuts something off, adds something, or changes the beginning.
    private static byte[] mutated(byte[] frame, Random random) {
        if (frame.length == 0) {
            return frame;
        }
        int at = random.nextInt(frame.length);
        switch (random.nextInt(300)) {
            case 0 -> {
                return Arrays.copyOf(frame, at);
            }
            case 1 -> {
                return Arrays.copyOfRange(frame, at, frame.length);
            }
            case 2 -> {
                return Arrays.copyOf(frame, frame.length + random.nextInt(10));
            }
            case 3 -> frame[random.nextInt(Math.min(frame.length, Frames.HEADER_LENGTH))] = (byte) random.nextInt();
            case 4 -> frame[0] = (byte) (frame[0] + random.nextInt(3) - 1);
            default -> {
                if (frame.length > Frames.HEADER_LENGTH) {
                    frame[Math.max(at, Frames.HEADER_LENGTH)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
                }
            }
        }
        return frame;
    }

    // ---- what comes of it

    private static Contents decode(Framing framing, byte[] stream) {
        List<byte[]> messages = new ArrayList<>();
        ByteBuffer rest = ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN);
        while (rest.hasRemaining()) {
            int length;
            switch (framing) {
                case LENGTH -> {
                    if (rest.remaining() < Frames.HEADER_LENGTH) {
                        return new Contents(messages, End.LOST);
                    }
                    length = rest.getInt();
                    if (length == Frames.CLOSED) {
                        return new Contents(messages, End.IN_ORDER);
                    }
                    if (length <= LIMIT && length > rest.remaining()) {
                        return new Contents(messages, End.LOST);
                    }
                }
                case LINE -> {
                    length = 0;
                    while (length < rest.remaining() && rest.get(rest.position() + length) != '\n') {
                        length++;
                    }
                }
                default -> length = rest.remaining();
            }
            if (framing != Framing.RAW && (length < 0 || length > LIMIT)) {
                return new Contents(messages, End.CUT_OFF);
            }
            byte[] message = new byte[length];
            rest.get(message);
            messages.add(message);
            if (framing == Framing.LINE && rest.hasRemaining()) {
                rest.get();
            }
        }
        return new Contents(messages, framing == Framing.LENGTH ? End.LOST : End.IN_ORDER);
    }

    private static StreamChannel channel(Framing framing, MemoryStream stream) {
        StreamPlan plan = new StreamPlan(framing, true, true, LIMIT, WaitStrategy.BLOCK, Duration.ofMillis(50));
        return new StreamChannel(Address.parse("test:place"), stream, plan, Set.of(Capability.ORDERED));
    }

    private static byte[] bytes(DirectBuffer buffer, int offset, int length) {
        assertTrue(length >= 0 && length <= LIMIT, () -> "a message of " + length + " bytes");
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return bytes;
    }

    /// Takes all messages; now and then it has found before that nobody reads what it sends.
    private static Contents receive(StreamChannel channel, MemoryStream stream, Random random) {
        List<byte[]> messages = new ArrayList<>();
        try {
            while (true) {
                if (random.nextInt(30) == 0) {
                    offerInVain(channel, stream);
                }
                int taken = channel.poll(
                        (buffer, offset, length) -> messages.add(bytes(buffer, offset, length)),
                        1 + random.nextInt(5));
                if (taken == Channel.END) {
                    return new Contents(messages, End.IN_ORDER);
                }
                assertTrue(taken > 0, "nothing comes, but not the end, either");
            }
        } catch (ProtocolException e) {
            return new Contents(messages, End.CUT_OFF);
        } catch (PeerLostException e) {
            return new Contents(messages, End.LOST);
        }
    }

    private static void offerInVain(StreamChannel channel, MemoryStream stream) {
        stream.nobodyReads = true;
        try {
            channel.offer(new byte[10]);
        } catch (ClosedException | PeerLostException | ProtocolException e) {
            // as it should be: nobody reads
        }
    }

    private static void assertSame(Framing framing, Contents expected, Contents actual) {
        if (framing == Framing.RAW) {
            assertEquals(joined(expected), joined(actual)); // in which pieces does not matter
        } else {
            assertEquals(
                    expected.messages.stream().map(ByteBuffer::wrap).toList(),
                    actual.messages.stream().map(ByteBuffer::wrap).toList());
        }
        assertEquals(expected.end, actual.end);
    }

    private static ByteBuffer joined(Contents contents) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        contents.messages.forEach(all::writeBytes);
        return ByteBuffer.wrap(all.toByteArray());
    }

    @ParameterizedTest
    @EnumSource
    void framesOfWhichSomethingIsWrongAreMessagesOrTheEndAsTheyWouldBeInOnePiece(Framing framing) {
        Random random = random("framesOfWhichSomethingIsWrong[" + framing + "]");
        int[] ends = new int[End.values().length];
        for (int done = 0; done < FRAMES / Framing.values().length; done += PER_CHANNEL) {
            byte[] frames = frames(framing, random);
            Contents expected = decode(framing, frames);
            MemoryStream stream = new MemoryStream();
            stream.pace = random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(100);
            stream.inputEnded = true;
            stream.give(frames);
            long before = memory();
            Contents actual = receive(channel(framing, stream), stream, random);
            long taken = memory() - before;
            assertTrue(taken < MOST_MEMORY, () -> "it took " + taken + " bytes");
            assertSame(framing, expected, actual);
            ends[actual.end.ordinal()]++;
        }
        System.out.println(framing + ": ends " + Arrays.toString(End.values()) + " " + Arrays.toString(ends));
    }

    @Test
    void greetingsOfWhichSomethingIsWrongAreRefusedOrMeanWhatTheySay() {
        Random random = random("greetingsOfWhichSomethingIsWrong");
        Hello mine = Hello.of(true, true, LIMIT);
        int accepted = 0;
        int refused = 0;
        for (int i = 0; i < GREETINGS; i++) {
            byte[] greeting = ByteBuffer.allocate(Hello.LENGTH)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put("SLUICEST".getBytes(StandardCharsets.US_ASCII))
                    .putInt(Hello.VERSION)
                    .putInt(0)
                    .putInt(random.nextInt())
                    .array();
            MemoryStream stream = new MemoryStream();
            stream.pace = 1 + random.nextInt(30);
            stream.inputEnded = true;
            stream.give(mutated(greeting, random));
            Hello.Exchange exchange = new Hello.Exchange(mine);
            try {
                assertTrue(exchange.write(stream));
                Hello theirs = exchange.read(stream);
                assertEquals(Hello.VERSION, theirs.version());
                assertTrue(theirs.maxMessage() > 0, theirs::toString);
                assertTrue(theirs.sends() || theirs.receives(), theirs::toString);
                accepted++;
            } catch (HandshakeException e) {
                refused++;
            }
        }
        System.out.println(accepted + " greetings were accepted, " + refused + " refused");
        assertTrue(accepted > 0 && refused > 0);
    }
}
