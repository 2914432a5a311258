package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.mq.MessageQueue;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `ipc mq` and `ipc doctor`.
class QueueCommandTest {
    private static final long PID = ProcessHandle.current().pid();

    private static String address(String scheme) {
        return scheme + ":sluice-cli-" + PID;
    }

    @AfterEach
    void removeQueues() {
        MessageQueue.remove(address("mq"));
        MessageQueue.remove(address("sysv"));
    }

    private static IpcProcess.Result run(int status, String... arguments) {
        IpcProcess.Result result = IpcProcess.runHere(arguments);
        assertEquals(status, result.status(), result.out() + result.err());
        return result;
    }

    @ParameterizedTest
    @ValueSource(strings = {"mq", "sysv"})
    void whatOneCommandSendsAnotherReceives(String scheme) throws Exception {
        String queue = address(scheme);
        run(0, "mq", "send", queue, "grüße");
        run(0, "mq", "send", queue, "");
        assertEquals(List.of("grüße", ""), run(0, "mq", "receive", queue, "--count", "2").lines());
        try (IpcProcess send = IpcProcess.start("mq", "send", queue)) {
            assertEquals(0, send.end("one\ntwo\nthree").status());
        }
        assertEquals(List.of("one", "two", "three"), run(0, "mq", "receive", queue, "--count=3").lines());
    }

    @Test
    void aPriorityAndATypeAreKept() {
        run(0, "mq", "send", address("mq"), "low");
        run(0, "mq", "send", address("mq"), "high", "--priority", "7");
        assertEquals(List.of("high", "low"), run(0, "mq", "receive", address("mq"), "--count", "2").lines());
        run(0, "mq", "send", address("sysv"), "three", "--type", "3");
        run(0, "mq", "send", address("sysv"), "nine", "--type", "9");
        assertEquals(List.of("nine"), run(0, "mq", "receive", address("sysv"), "--type", "9").lines());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mq", "sysv"})
    void statAndPurgeAndRmSayWhatTheyFound(String scheme) {
        String queue = address(scheme);
        run(0, "mq", "send", queue, "one");
        run(0, "mq", "send", queue, "two");
        String stat = run(0, "mq", "stat", queue).out();
        assertTrue(stat.startsWith("messages         2"), stat);
        assertTrue(stat.contains("largest message  "), stat);
        assertEquals(List.of("2 dropped"), run(0, "mq", "purge", queue).lines());
        run(0, "mq", "rm", queue);
        assertTrue(run(1, "mq", "rm", queue).err().contains("there is no such queue"));
        assertTrue(run(1, "mq", "stat", queue).err().contains("does not exist"));
    }

    @Test
    void lsListsWhatIsThere() throws Exception {
        try (MessageQueue queue = MessageQueue.open(address("sysv"))) {
            queue.send(new byte[5]);
            String list = run(0, "mq", "ls").out();
            assertTrue(list.matches("(?s).*sysv:0x[0-9a-f]{8} +\\d+  0600 +1 +5\\n.*"), list);
            assertTrue(list.lines().allMatch(line -> line.length() <= 80), list);
        }
    }

    @Test
    void aReceiveThatFindsNothingInTimeIsStatus1() {
        IpcProcess.Result result = run(1, "mq", "receive", address("mq"), "--timeout", "50ms");
        assertTrue(result.err().contains("no message arrived in time"), result.err());
        assertEquals("", result.out());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "mq                                   | A command is missing",
        "mq send mq:sluice-cli-x hi --type 3  | have a --priority, and no type",
        "mq send sysv:77123 hi --priority 3   | have a --type, and no priority",
        "mq send mq:sluice-cli-x hi --priority 40000 | between 0 and 32767",
        "mq receive mq:sluice-cli-x --timeout soon   | is not a time"
    })
    void aCommandLineThatMakesNoSenseIsStatus2(String line, String why) {
        try {
            assertTrue(run(2, line.strip().split(" ")).err().contains(why));
        } finally {
            MessageQueue.remove("mq:sluice-cli-x");
            MessageQueue.remove("sysv:77123");
        }
    }

    @Test
    void doctorPrintsEveryLimitIn80Columns() {
        String out = run(0, "doctor").out();
        for (String limit : new String[] {
            "cores", "JDK", "/dev/shm", "memlock", "fs.mqueue.queues_max", "ulimit -q", "fs.mqueue.msg_max",
            "fs.mqueue.msgsize_max", "kernel.msgmni", "kernel.msgmax", "kernel.msgmnb", "ulimit -n", "fs.pipe-max-size"
        }) {
            assertTrue(out.contains(limit), () -> limit + " is missing in " + out);
        }
        assertTrue(out.lines().allMatch(line -> line.length() <= 80), out);
    }
}
