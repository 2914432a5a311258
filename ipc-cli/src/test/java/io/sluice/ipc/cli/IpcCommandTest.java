package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpcCommandTest {
    @Test
    void helpNamesEveryCommandAndNoHiddenOne() throws Exception {
        IpcProcess.Result result = IpcProcess.runHere("--help");
        assertEquals(0, result.status(), result.err());
        String[] commands = {"demo", "echo", "listen", "send", "bridge", "bench", "transports", "mq", "doctor"};
        for (String command : commands) {
            assertTrue(result.lines().stream().anyMatch(line -> line.startsWith("  " + command + " ")), command);
        }
        assertFalse(result.out().contains("-peer"), result.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "echo", "listen", "send", "bridge", "bench", "transports", "mq", "doctor"})
    void everyCommandExplainsItselfInNoMoreThan100Columns(String command) throws Exception {
        IpcProcess.Result result = IpcProcess.runHere(command, "--help");
        assertEquals(0, result.status(), result.err());
        assertTrue(result.out().startsWith("Usage: ipc " + command), result.out());
        assertTrue(result.lines().stream().allMatch(line -> line.length() <= 100), result.out());
    }

    @Test
    void versionNamesTheProgramAndItsJava() throws Exception {
        IpcProcess.Result result = IpcProcess.runHere("--version");
        assertEquals(0, result.status(), result.err());
        assertTrue(result.lines().getFirst().startsWith("ipc "), result.out());
        assertTrue(result.out().contains("Java " + Runtime.version()), result.out());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''                                | A command is missing",
        "dmeo                              | dmeo",
        "echo                              | ADDRESS",
        "demo --messages 0                 | at least 1",
        "demo --messages some              | some",
        "demo --transports inproc,carrier  | There is no transport 'carrier'",
        "bench shm:x --wait patiently      | is not spin, adaptive or block",
        "bench shm:x --size large          | is not a size",
        "send inproc:x hello --linger long | long"
    })
    void aCommandLineThatMakesNoSenseIsStatus2(String line, String why) throws Exception {
        IpcProcess.Result result = IpcProcess.runHere(line.isEmpty() ? new String[0] : line.split(" "));
        assertEquals(2, result.status(), result.out() + result.err());
        assertTrue(result.err().contains(why), result.err());
        assertEquals("", result.out());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "echo nowhere:x             | unknown scheme 'nowhere'; on the class path are",
        "echo amqp:x                | add the Maven dependency io.sluice:ipc-mq",
        "listen not-configured      | IPC_NOT_CONFIGURED",
        "send shm:x?capcity=1m hi   | unknown option 'capcity'",
        "bench inproc:x?wait=often  | one of spin, adaptive, block",
        "send shm:nobody-is-here?connect-timeout=50ms hi | shm:nobody-is-here"
    })
    void anErrorIsOneLineWithStatus1(String line, String why) throws Exception {
        IpcProcess.Result result = IpcProcess.runHere(line.strip().split(" "));
        assertEquals(1, result.status(), result.out() + result.err());
        String error = withoutJvmWarnings(result.err());
        assertTrue(error.startsWith("ipc: ") && error.contains(why), error);
        assertEquals(1, error.lines().count(), error);
        assertEquals("", result.out());
    }

    @Test
    void theProcessEndsWithThatStatus() throws Exception {
        IpcProcess.Result result = IpcProcess.run("echo", "nowhere:x");
        assertEquals(1, result.status());
        assertTrue(result.err().startsWith("ipc: nowhere:x: unknown scheme"), result.err());
        assertEquals(2, IpcProcess.run("dmeo").status());
        assertEquals(0, IpcProcess.run("--version").status());
    }

    @Test
    void verboseShowsTheStackTraceOfAnError() throws Exception {
        IpcProcess.Result result = IpcProcess.run("--verbose", "echo", "nowhere:x");
        assertEquals(1, result.status());
        assertTrue(result.err().contains("\tat io.sluice.ipc."), result.err());
        assertTrue(IpcProcess.run("echo", "nowhere:x", "--verbose").err().contains("\tat io.sluice.ipc."));
    }

    @Test
    void transportsListsSchemesAndOptions() throws Exception {
        IpcProcess.Result result = IpcProcess.runHere("transports");
        assertEquals(0, result.status(), result.err());
        assertTrue(result.lines().stream().anyMatch(line -> line.startsWith("inproc:")), result.out());
        assertTrue(result.lines().stream().anyMatch(line -> line.startsWith("shm:")), result.out());
        assertTrue(result.out().matches("(?s).*  send-timeout +30s +a duration .*"), result.out());
        assertTrue(result.lines().stream().allMatch(line -> line.length() <= 100), result.out());
    }

    /// On the class path nothing can permit native access without a flag; the packaged jar does, see [PackagedIT].
    static String withoutJvmWarnings(String errors) {
        return String.join("\n",
                errors.lines().filter(line -> !line.isBlank() && !line.startsWith("WARNING: ")).toList());
    }
}
