package io.sluice.ipc.mq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.TimedOutException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// SIGKILL of either side at a random moment: the queue stays, whole, with every message that its sender had sent and no
/// receiver had taken.
class QueueCrashTest {
    /// Sends numbered messages until it is killed, or receives them and prints their numbers.
    static final class Peer {
        private static final int LENGTH = 64;

        private Peer() {}

        public static void main(String[] arguments) throws Exception {
            try (MessageQueue queue = MessageQueue.open(arguments[1])) {
                if (arguments[0].equals("send")) {
                    System.out.println("ready");
                    for (int i = 0;; i++) {
                        queue.send(message(i));
                    }
                }
                System.out.println("ready");
                while (true) {
                    System.out.println(number(queue.receive()));
                }
            }
        }

        static byte[] message(int number) {
            byte[] bytes = new byte[LENGTH];
            for (int i = 0; i < LENGTH; i++) {
                bytes[i] = (byte) (number >>> 8 * (i % 4));
            }
            return bytes;
        }

        /// The number of a message, all of whose bytes must agree.
        static int number(QueueMessage message) {
            assertEquals(LENGTH, message.length());
            int number = Integer.reverseBytes(ByteBuffer.wrap(message.bytes()).getInt());
            assertArrayEquals(message(number), message.bytes());
            return number;
        }
    }

    private static Process start(String what, String address) throws IOException {
        return new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
                Peer.class.getName(), what, address)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void awaitReady(BufferedReader out) throws IOException {
        assertEquals("ready", out.readLine());
    }

    private static void kill(Process process) throws InterruptedException {
        process.toHandle().destroyForcibly(); // Process.destroyForcibly closes what we still want to read
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    }

    private static void killSenders(Kind kind, int rounds) throws Exception {
        long seed = Long.getLong("ipc.seed", System.nanoTime() & 0xFFFF_FFFFL);
        System.out.println("killSenders " + kind + ": -Dipc.seed=" + seed);
        Random random = new Random(seed);
        try (TestQueue test = new TestQueue(kind)) {
            for (int round = 0; round < rounds; round++) {
                Process sender = start("send", test.address());
                try {
                    awaitReady(sender.inputReader());
                    int next = 0;
                    for (int before = random.nextInt(200); next < before; next++) {
                        assertEquals(next, Peer.number(test.queue.receive(Duration.ofSeconds(60))));
                    }
                    TimeUnit.MICROSECONDS.sleep(random.nextInt(3_000));
                    kill(sender);
                    try {
                        for (;; next++) {
                            assertEquals(next, Peer.number(test.queue.receive(Duration.ZERO)), "whole, none lost");
                        }
                    } catch (TimedOutException e) {
                        assertEquals(0, test.queue.stat().messages(), "the queue is as usable as before");
                    }
                } finally {
                    sender.destroyForcibly();
                }
            }
        }
    }

    private static void killReceivers(Kind kind, int rounds) throws Exception {
        long seed = Long.getLong("ipc.seed", System.nanoTime() & 0xFFFF_FFFFL);
        System.out.println("killReceivers " + kind + ": -Dipc.seed=" + seed);
        Random random = new Random(seed);
        try (TestQueue test = new TestQueue(kind)) {
            for (int round = 0; round < rounds; round++) {
                Process receiver = start("receive", test.address());
                try {
                    BufferedReader out = receiver.inputReader();
                    awaitReady(out);
                    int sent = 0;
                    long end = System.nanoTime() + random.nextInt(3_000_000);
                    while (sent < 20 || System.nanoTime() - end < 0) {
                        test.queue.send(Peer.message(sent++));
                    }
                    kill(receiver);
                    List<Integer> taken = new ArrayList<>();
                    for (String line; (line = out.readLine()) != null && !line.isEmpty();) {
                        taken.add(Integer.parseInt(line));
                    }
                    List<Integer> left = new ArrayList<>();
                    while (test.queue.stat().messages() > 0) {
                        left.add(Peer.number(test.queue.receive(Duration.ZERO)));
                    }
                    // The last one may have been taken and not yet printed.
                    int missing = sent - taken.size() - left.size();
                    assertTrue(missing == 0 || missing == 1,
                            "of " + sent + " sent, " + taken.size() + " were taken and "
                                    + left.size() + " left");
                    for (int i = 0; i < left.size(); i++) {
                        assertEquals(sent - left.size() + i, left.get(i), "what is left is the end, in order");
                    }
                } finally {
                    receiver.destroyForcibly();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(120)
    void killedSendersLeaveWholeMessagesAndAUsableQueue(Kind kind) throws Exception {
        killSenders(kind, 4);
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(120)
    void killedReceiversLeaveWhatTheyHadNotTaken(Kind kind) throws Exception {
        killReceivers(kind, 4);
    }

    @ParameterizedTest
    @EnumSource
    @EnabledIfSystemProperty(named = "ipc.soak", matches = "true")
    void fiveHundredKillsLoseNothing(Kind kind) throws Exception {
        killSenders(kind, 250);
        killReceivers(kind, 250);
    }
}
