package io.sluice.ipc.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.Peer;
import io.sluice.ipc.stream.ByteStream;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Two ends of a challenge that have the same secret, and somebody between them who changes, cuts off or repeats what they say.
/// Nobody is believed whose words were changed; nothing else happens, and nothing for ever.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ChallengeFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final Secret SECRET = new Secret("what both of them know".getBytes(StandardCharsets.US_ASCII));
    private static final String ADDRESS = "127.0.0.1:9000";
    private static final int MOST_TURNS = 10;

    /// Where one end writes, and from where the other reads what has become of it.
    private static final class Wire implements ByteStream {
        final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private byte[] input = {};
        private boolean ended;

        void give(byte[] bytes) {
            int rest = input.length;
            input = Arrays.copyOf(input, rest + bytes.length);
            System.arraycopy(bytes, 0, input, rest, bytes.length);
        }

        void end() {
            ended = true;
        }

        @Override
        public int read(MemorySegment to, long offset, int length) {
            int read = Math.min(length, input.length);
            if (read == 0) {
                return ended ? END : WOULD_BLOCK;
            }
            MemorySegment.copy(input, 0, to, ValueLayout.JAVA_BYTE, offset, read);
            input = Arrays.copyOfRange(input, read, input.length);
            return read;
        }

        @Override
        public int write(MemorySegment from, long offset, int length) {
            written.writeBytes(from.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
            return length;
        }

        @Override
        public int unread() {
            return 0;
        }

        @Override
        public void awaitReadable(long nanos) {
            throw new AssertionError("a challenge does not wait");
        }

        @Override
        public void awaitWritable(long nanos) {
            throw new AssertionError("a challenge does not wait");
        }

        @Override
        public void wakeUp() {}

        @Override
        public void whenWritable(Runnable task) {}

        @Override
        public void after(long nanos, Runnable task) {}

        @Override
        public void makeRoom(int bytes) {}

        @Override
        public Peer peer() {
            return Peer.UNKNOWN;
        }

        @Override
        public void closeOutput() {}

        @Override
        public void close() {}
    }

    /// One end.
    private static final class End {
        final Wire wire = new Wire();
        private final Challenge challenge;
        private boolean refused;
        private boolean believes;

        End(boolean client) {
            challenge = new Challenge(SECRET, client, ADDRESS);
        }

        void advance() {
            if (!refused && !believes) {
                try {
                    believes = challenge.advance(wire) == Wants.NOTHING;
                } catch (AuthenticationException | HandshakeException e) {
                    refused = true;
                }
            }
        }

        byte[] said() {
            byte[] said = wire.written.toByteArray();
            wire.written.reset();
            return said;
        }
    }

    private static byte[] tampered(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length);
        return switch (random.nextInt(4)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> Arrays.copyOfRange(bytes, Math.max(1, at), bytes.length);
            case 2 -> {
                byte[] noise = new byte[bytes.length];
                random.nextBytes(noise);
                yield noise;
            }
            default -> {
                bytes[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
                yield bytes;
            }
        };
    }

    @Test
    void whoseWordsWereChangedIsNotBelieved() {
        Random random = new Random(TestPlace.seed("whoseWordsWereChangedIsNotBelieved"));
        int believed = 0;
        int deceived = 0;
        for (int round = 0; round < ROUNDS; round++) {
            End[] ends = {new End(true), new End(false)};
            int victim = random.nextInt(3); // whose words are changed; nobody's, if it is the third
            int turn = random.nextInt(2);
            boolean changed = false;
            for (int i = 0; i < MOST_TURNS; i++) {
                for (int one = 0; one < ends.length; one++) {
                    ends[one].advance();
                    byte[] said = ends[one].said();
                    if (said.length > 0 && one == victim && turn-- == 0) {
                        said = tampered(said, random);
                        changed = true;
                    }
                    ends[1 - one].wire.give(said);
                }
            }
            for (End end : ends) {
                end.wire.end(); // who still waits for the rest is told that there is none
                end.advance();
            }
            if (changed) {
                assertTrue(!ends[1 - victim].believes, "the end whose peer's words were changed believes it");
                deceived++;
            } else {
                assertTrue(ends[0].believes && ends[1].believes);
                believed++;
            }
        }
        assertEquals(ROUNDS, believed + deceived);
        System.out.println(believed + " exchanges were left alone, " + deceived + " were tampered with");
    }
}
