package io.sluice.ipc.shm;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.Message;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/// A second JVM that lives to be killed, or stopped.
///
///     clients ACCEPTING SERVING LEDGER SEED   a channel for each [Role] to both addresses, each in a thread of its own
///     serve ADDRESS                           an echo server
///     serve-not ADDRESS                       a server that never takes anything
///     connect ADDRESS                         tries to connect: says the user at the other end or the exception, and
///                                             ends; if it is connected, once a message has come back
///
/// It says `up` on its standard output when all is open. It ends when its standard input does.
final class ShmPeer {
    private ShmPeer() {}

    /// What a client does once it has said who it is: its first message is its number, its seed is the second.
    enum Role {
        /// Sends messages of up to 200 bytes.
        SMALL,
        /// Sends messages of up to 200,000 bytes, most of them in fragments.
        LARGE,
        /// Sends, and waits for the echo.
        PING,
        /// Sends [#CLAIMS] messages, then claims and never commits.
        CLAIM,
        /// Sends, and nobody reads it before its process is gone.
        HOARD,
        /// Waits for a message.
        RECEIVE,
        /// Does nothing, so that its peer's ring fills up.
        SLEEP;

        static Role of(int number) {
            return values()[number % values().length];
        }

        boolean sends() {
            return this != RECEIVE && this != SLEEP;
        }

        /// Whether its peer reads while it sends.
        boolean isReadAtOnce() {
            return sends() && this != HOARD;
        }

        int largest() {
            return this == LARGE ? 200_000 : 200;
        }
    }

    /// How many channels a process of clients has.
    static final int CLIENTS = 2 * Role.values().length;
    /// How many claims are committed.
    static final int CLAIMS = 100;
    /// How long a loop that polls sleeps if there is nothing to do.
    static final long IDLE_NANOS = 100_000;

    public static void main(String[] arguments) throws Exception {
        Thread.ofPlatform().daemon().start(ShmPeer::endWithStandardInput);
        switch (arguments[0]) {
            case "clients" -> clients(
                    arguments[1], arguments[2], Path.of(arguments[3]), Long.parseLong(arguments[4]));
            case "serve" -> {
                Ipc.serve(arguments[1], (channel, buffer, offset, length) -> channel.offer(buffer, offset, length));
                System.out.println("up");
            }
            case "serve-not" -> {
                Ipc.serve(arguments[1], (_, _, _, _) -> false);
                System.out.println("up");
            }
            case "connect" -> {
                System.out.println(connect(arguments[1]));
                System.exit(0);
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        Thread.currentThread().join();
    }

    private static void endWithStandardInput() {
        try {
            while (System.in.read() >= 0) {
                // Nobody says anything; what counts is the end.
            }
        } catch (IOException e) {
            // Ends as well.
        }
        Runtime.getRuntime().halt(0);
    }

    private static String connect(String address) throws InterruptedException {
        try (Channel channel = Ipc.connect(Address.parse(address).with("connect-timeout", "60s"))) {
            channel.send(new byte[] {1});
            return channel.receive().length() + " byte from " + channel.peer().user().orElseThrow();
        } catch (IpcException e) {
            return e.getClass().getSimpleName() + " " + e.getMessage();
        }
    }

    private static void clients(String accepting, String serving, Path ledgerFile, long seed) throws Exception {
        MemorySegment ledger;
        try (FileChannel file = FileChannel.open(ledgerFile, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ledger = file.map(MapMode.READ_WRITE, 0, (long) CLIENTS * Long.BYTES, Arena.global());
        }
        CountDownLatch up = new CountDownLatch(CLIENTS);
        for (int i = 0; i < CLIENTS; i++) {
            int number = i;
            String address = i < CLIENTS / 2 ? accepting : serving;
            Thread.Builder thread = i % 4 == 0 ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
            thread.start(() -> {
                try {
                    Channel channel = Ipc.connect(address + "?connect-timeout=60s");
                    up.countDown();
                    new Client(channel, number, seed, ledger).run();
                } catch (Exception e) {
                    e.printStackTrace();
                }
            });
        }
        up.await();
        System.out.println("up");
    }

    /// One channel. Enters each message in the ledger once it was sent.
    private record Client(Channel channel, int number, long seed, MemorySegment ledger) {
        void run() throws InterruptedException {
            Role role = Role.of(number);
            Script script = new Script(seed, number, role.largest());
            channel.send(script.introduction());
            for (long sent = 0;; sent++) {
                switch (role) {
                    case SMALL, LARGE, HOARD -> channel.send(script.message(sent));
                    case PING -> {
                        channel.send(script.message(sent));
                        enter(sent + 1);
                        script.check(sent, channel.receive());
                    }
                    case CLAIM -> claim(script, sent);
                    case RECEIVE -> channel.receive();
                    case SLEEP -> Thread.currentThread().join();
                }
                if (role != Role.RECEIVE) {
                    enter(sent + 1);
                }
            }
        }

        private void claim(Script script, long sent) throws InterruptedException {
            byte[] message = script.message(sent);
            Claim claim;
            while ((claim = channel.tryClaim(message.length)) == null) {
                LockSupport.parkNanos(IDLE_NANOS); // back pressure, which nobody announces to a claimer
            }
            claim.buffer().putBytes(claim.offset(), message);
            if (sent == CLAIMS) {
                Thread.currentThread().join();
            }
            claim.commit();
        }

        private void enter(long sent) {
            ledger.set(ValueLayout.JAVA_LONG, (long) number * Long.BYTES, sent);
        }
    }

    /// The messages of a client, which both sides know.
    record Script(long seed, int number, int largest) {
        private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

        static Script introducedBy(Message message) {
            MemorySegment words = MemorySegment.ofArray(message.bytes());
            long seed = words.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
            int number = words.get(ValueLayout.JAVA_INT_UNALIGNED, Long.BYTES);
            return new Script(seed, number, Role.of(number).largest());
        }

        byte[] introduction() {
            byte[] bytes = new byte[Long.BYTES + Integer.BYTES];
            MemorySegment words = MemorySegment.ofArray(bytes);
            words.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, seed);
            words.set(ValueLayout.JAVA_INT_UNALIGNED, Long.BYTES, number);
            return bytes;
        }

        byte[] message(long index) {
            long state = mix(seed + number * 31L + index * GOLDEN);
            byte[] bytes = new byte[(int) Math.floorMod(state, largest + 1L)];
            for (int i = 0; i < bytes.length; i++) {
                if (i % Long.BYTES == 0) {
                    state = mix(state + GOLDEN);
                }
                bytes[i] = (byte) (state >>> i % Long.BYTES * Byte.SIZE);
            }
            return bytes;
        }

        private static long mix(long z) {
            z = (z ^ z >>> 30) * 0xBF58_476D_1CE4_E5B9L;
            z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
            return z ^ z >>> 31;
        }

        void check(long index, Message message) {
            if (message == null) {
                throw new AssertionError(this + ": the end came instead of message " + index);
            }
            check(index, message.bytes());
        }

        void check(long index, byte[] bytes) {
            byte[] expected = message(index);
            int differs = Arrays.mismatch(expected, bytes);
            if (differs >= 0) {
                throw new AssertionError(this + ": message " + index + " of " + expected.length + " bytes arrived as "
                        + bytes.length + " bytes, and differs at byte " + differs);
            }
        }
    }
}
