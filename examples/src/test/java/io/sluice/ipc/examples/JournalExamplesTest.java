package io.sluice.ipc.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Runs the examples of journals as users do.
@Timeout(180)
class JournalExamplesTest {
    @TempDir
    Path folder;

    private Process start(Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.add(folder.resolve("journal").toString());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private List<String> run(Class<?> program, String... arguments) throws Exception {
        Process process = start(program, arguments);
        List<String> lines = process.inputReader(StandardCharsets.UTF_8).readAllLines();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
        return lines;
    }

    @Test
    void anAuditLogIsReplayedAfterItsProgramWasKilled() throws Exception {
        String[] ones = new String[20_000];
        java.util.Arrays.fill(ones, "1");
        Process killed = start(AuditLog.class, ones);
        long said = 0;
        try (var lines = killed.inputReader(StandardCharsets.UTF_8)) {
            for (int i = 0; i < 20; i++) {
                said = Long.parseLong(lines.readLine().replaceAll(".* ", ""));
            }
            killed.destroyForcibly();
            for (String line; (line = lines.readLine()) != null && line.matches("the balance is \\d+");) {
                said = Math.max(said, Long.parseLong(line.replaceAll(".* ", "")));
            }
        } catch (IOException e) {
            // The pipe of a dead process.
        }
        assertTrue(killed.waitFor(60, TimeUnit.SECONDS));
        List<String> lines = run(AuditLog.class, "-5");
        long replayed = Long.parseLong(lines.getFirst().replaceAll(".* ", ""));
        assertTrue(lines.getFirst().startsWith("replayed " + replayed + " changes"), lines.getFirst());
        // A line that was cut off while it was written may show a smaller number, never a larger one.
        assertTrue(replayed >= 19 && replayed >= said, replayed + " replayed, " + said + " said");
        assertEquals("the balance is " + (replayed - 5), lines.getLast());
    }

    @Test
    void twoProgramsAreCoupledByAFolderAlone() throws Exception {
        run(FolderProducer.class, "one", "two");
        assertEquals(List.of("one", "two"), run(FolderConsumer.class, "200"));
        run(FolderProducer.class, "three");
        assertEquals(List.of("three"), run(FolderConsumer.class, "200"));
        assertEquals(List.of(), run(FolderConsumer.class, "0"));
    }
}
