package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The command as it is packaged and as users run it: `java -jar`, and nothing else.
class PackagedIT {
    private static final Path JAR = Path.of("target", "ipc.jar");

    @Test
    void theDemoTriesAllTransportsAndPassesWithoutAFlagAndWithoutAWarning() throws Exception {
        // --verbose: the warnings of its child processes would be seen, too.
        try (IpcProcess demo = IpcProcess.startJar(JAR, "demo", "--messages", "200", "--verbose")) {
            IpcProcess.Result result = demo.end("");
            assertEquals(0, result.status(), result.out() + result.err());
            for (String scheme : new String[] {"inproc", "shm", "pipe", "stdio", "file", "mq", "sysv", "tcp",
                "tls", "unix"}) {
                assertTrue(result.lines().stream().anyMatch(line -> line.startsWith(scheme + " ")), result.out());
            }
            assertFalse((result.out() + result.err()).contains("WARNING"), result.out() + result.err());
        }
    }

    @Test
    void theVersionIsThatOfTheBuild() throws Exception {
        try (IpcProcess version = IpcProcess.startJar(JAR, "--version")) {
            assertTrue(version.end("").lines().getFirst().matches("ipc \\d+\\.\\d+.*"));
        }
    }
}
