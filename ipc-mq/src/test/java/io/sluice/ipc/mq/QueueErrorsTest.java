package io.sluice.ipc.mq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.ipc.Address;
import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.MessageTooLargeException;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.NoSpaceException;
import io.sluice.ipc.ProtocolException;
import io.sluice.ipc.UnsupportedException;
import io.sluice.ipc.os.KernelQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What goes wrong with queues is said in words that help: the limit, its value now, and how to raise it.
class QueueErrorsTest {
    private static void assertMentions(Throwable e, String... words) {
        for (String word : words) {
            assertTrue(e.getMessage().contains(word), () -> "'" + word + "' is missing in: " + e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "mq:", "mq:/", "mq:a/b", "mq:/a/b", "mq:..", "sysv:", "sysv:0", "sysv:0x0", "sysv:0x123456789",
        "sysv:4294967296",
        "sysv:/no/such/file", "shm:orders"
    })
    void aNameThatMeansNoQueueIsRefused(String address) {
        InvalidAddressException refused =
                assertThrows(InvalidAddressException.class, () -> MessageQueue.open(address));
        assertMentions(refused, address);
    }

    @Test
    void aNameThatIsTooLongIsRefusedWithItsLimit() {
        assertMentions(
                assertThrows(InvalidAddressException.class, () -> MessageQueue.open("mq:" + "x".repeat(255))),
                "255 bytes", "254");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "mq:x?depht=3       | unknown option 'depht'; mq: takes create, depth",
        "mq:x?capacity=1k   | unknown option 'capacity'",
        "sysv:x?depth=3     | unknown option 'depth'",
        "mq:x?depth=many    | a number from",
        "mq:x?mode=rw       | an octal number",
        "mq:x?framing=no    | one of none, fragment",
        "sysv:x?create=yes  | one of true, false"
    })
    void anOptionThatMakesNoSenseIsRefused(String address, String why) {
        assertMentions(assertThrows(InvalidAddressException.class, () -> MessageQueue.open(address.strip())), why);
    }

    @ParameterizedTest
    @CsvSource({"orders, /orders", "/orders, /orders", "Ä, /Ä"})
    void aPosixNameIsThatQueueAndNothingElse(String place, String name) {
        assertEquals(name, QueueName.of(Address.parse("mq:" + place)).posix());
    }

    @ParameterizedTest
    @CsvSource({"0x5eed, 0x5eed", "24301, 0x5eed", "0xFFFFFFFF, 0xFFFFFFFF", "4294967295, 0xFFFFFFFF", "010, 10"})
    void aNumberIsThatKey(String place, String key) {
        assertEquals((int) (long) Long.decode(key), QueueName.of(Address.parse("sysv:" + place)).key());
    }

    @Test
    void aWordIsTheKeyOfItsPublishedHash() {
        // The reference values of FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/
        assertEquals(0xe40c292c, QueueName.keyOfName("a"));
        assertEquals(0xbf9cf968, QueueName.keyOfName("foobar"));
    }

    @ParameterizedTest
    @EnumSource
    void aMissingQueueIsSaidToBeMissing(Kind kind) {
        NoListenerException missing = assertThrows(
                NoListenerException.class,
                () -> MessageQueue.open(kind.scheme + ":" + kind.place() + "?create=false"));
        assertMentions(missing, "does not exist", "IPC namespace");
    }

    @ParameterizedTest
    @EnumSource
    void aMessageBeyondTheKernelsUnitIsRefusedWithItsLimit(Kind kind) throws Exception {
        try (TestQueue test = new TestQueue(kind)) {
            int largest = test.queue.maxMessage();
            MessageTooLargeException refused = assertThrows(
                    MessageTooLargeException.class, () -> test.queue.send(new byte[largest + 1]));
            assertMentions(refused, Integer.toString(largest), "framing=fragment", "sysctl -w");
            assertEquals(0, test.queue.stat().messages(), "nothing was sent");
            test.queue.send(new byte[largest]);
            assertEquals(largest, test.queue.receive(Duration.ZERO).length());
        }
    }

    @Test
    void aQueueDeeperOrLargerThanTheKernelAllowsIsRefusedWithItsLimit() {
        assumeTrue(KernelLimits.DEPTH.valueOr(0) < 65_536 && !isPrivileged(), "the limit binds");
        InvalidAddressException refused = assertThrows(
                InvalidAddressException.class, () -> MessageQueue.open("mq:" + Kind.MQ.place() + "?depth=65536"));
        assertMentions(refused, "/proc/sys/fs/mqueue/msg_max", KernelLimits.DEPTH.inWords(65_536));
    }

    /// Root is not bound by most limits.
    private static boolean isPrivileged() {
        return System.getProperty("user.name").equals("root");
    }

    @Test
    void queuesThatTakeTooMuchMemoryAreRefusedWithTheUsersLimit() {
        assumeTrue(KernelLimits.queueBytes().matches("\\d+"), "there is a limit");
        List<TestQueue> queues = new ArrayList<>();
        try {
            NoSpaceException refused = assertThrows(NoSpaceException.class, () -> {
                for (int i = 0; i < 1_000; i++) {
                    queues.add(new TestQueue(Kind.MQ, "?depth=10&message-size=8k"));
                }
            });
            assertMentions(refused, "RLIMIT_MSGQUEUE", KernelLimits.queueBytes(), "ulimit -q", "ipc mq rm");
        } finally {
            queues.forEach(TestQueue::close);
        }
    }

    @Test
    void aCapacityIsWhatTheQueueThenHas() throws Exception {
        try (TestQueue test = new TestQueue(Kind.SYSV, "?capacity=4k")) {
            assertEquals(4_096, test.queue.stat().capacity());
            assertThrows(MessageTooLargeException.class, () -> test.queue.send(new byte[4_097]));
        }
        try (TestQueue test = new TestQueue(Kind.MQ, "?depth=3&message-size=100")) {
            assertEquals(new QueueStat(0, 0, 3, 100, 0), test.queue.stat());
        }
    }

    /// What the kernel answers where this machine would have to be another one, or this user another user.
    @ParameterizedTest
    @EnumSource
    void everyAnswerOfTheKernelIsExplained(Kind kind) {
        QueueName name = QueueName.of(Address.parse(kind.scheme + ":0x77"));
        boolean posix = kind == Kind.MQ;
        assertIs(AuthenticationException.class, name, KernelQueue.ACCESS, "another user", "mode=0660");
        assertIs(NoSpaceException.class, name, KernelQueue.NO_SPACE, "ipc mq ls",
                posix ? "fs.mqueue.queues_max" : "kernel.msgmni");
        assertIs(UnsupportedException.class, name, KernelQueue.NO_SYSTEM_CALL, posix ? "sysv:" : "mq:", "shm:");
        assertIs(NoSpaceException.class, name, KernelQueue.TOO_MANY_IN_SYSTEM, "file-max");
        if (posix) {
            assertIs(InvalidAddressException.class, name, KernelQueue.INVALID, "msg_max", "msgsize_max");
        }
        assertMentions(QueueErrors.removing(name, KernelQueue.NOT_PERMITTED), "only its owner or root");
        assertMentions(QueueErrors.using(name, KernelQueue.ACCESS, "receive from it"), "does not let this one receive");
        assertMentions(QueueErrors.capacity(name, 1 << 20, KernelQueue.NOT_PERMITTED), "kernel.msgmnb=1048576");
    }

    private static void assertIs(Class<? extends IpcException> type, QueueName name, int error, String... words) {
        IpcException e = QueueErrors.opening(name, error, 64, 8192);
        assertInstanceOf(type, e);
        assertMentions(e, name.where());
        assertMentions(e, words);
    }

    @ParameterizedTest
    @EnumSource
    void aForeignMessageAmongFragmentsIsSaidAndTheNextOneArrives(Kind kind) throws Exception {
        try (TestQueue test = new TestQueue(kind, "?framing=fragment");
                MessageQueue bare = MessageQueue.open(test.address())) {
            for (byte[] garbage : new byte[][] {{}, {1, 2, 3}, new byte[24], new byte[100]}) {
                bare.send(garbage);
                test.queue.send(new byte[] {5});
                assertMentions(
                        assertThrows(ProtocolException.class, () -> test.queue.receive(Duration.ofSeconds(10))),
                        "no fragment", "dropped");
                assertEquals(1, test.queue.receive(Duration.ofSeconds(10)).length());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void fragmentsThatAnotherReceiverTookAreSaidAndTheNextMessageArrives(Kind kind) throws Exception {
        try (TestQueue test = new TestQueue(kind, "?framing=fragment");
                MessageQueue bare = MessageQueue.open(test.address())) {
            test.queue.send(new byte[12_000]);
            bare.receive(Duration.ZERO);
            test.queue.send(new byte[] {6});
            assertMentions(
                    assertThrows(ProtocolException.class, () -> test.queue.receive(Duration.ofSeconds(10))),
                    "another receiver");
            assertEquals(6, test.queue.receive(Duration.ofSeconds(10)).bytes()[0]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLabelThatTheKernelDoesNotKnowIsRefused(Kind kind) throws Exception {
        try (TestQueue test = new TestQueue(kind)) {
            long[] bad = kind == Kind.MQ ? new long[] {-1, 32_768, Long.MAX_VALUE} : new long[] {0, -1, Long.MIN_VALUE};
            for (long label : bad) {
                assertThrows(IllegalArgumentException.class, () -> test.queue.send(new byte[1], label));
            }
            assertEquals(0, test.queue.stat().messages());
        }
    }

    @ParameterizedTest
    @EnumSource
    void removingWhatIsNotThereSaysSo(Kind kind) {
        assertFalse(MessageQueue.remove(kind.scheme + ":" + kind.place()));
    }
}
