package io.sluice.ipc.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.InvalidAddressException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where a setting comes from. Looked up in child processes, because nobody can change his own environment.
class ConfigurationTest {
    @TempDir
    private Path directory;

    private Path working;
    private Path classPath;

    @BeforeEach
    void makeDirectories() throws IOException {
        working = Files.createDirectory(directory.resolve("working"));
        classPath = Files.createDirectory(directory.resolve("classpath"));
    }

    /// What a process finds for `ipc.test.setting`.
    private String lookUp(String property, String environment) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (property != null) {
            command.add("-Dipc.test.setting=" + property);
        }
        String ours = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        command.addAll(List.of("-cp", classPath + File.pathSeparator + ours, LookUp.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).directory(working.toFile());
        if (environment != null) {
            builder.environment().put("IPC_TEST_SETTING", environment);
        }
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.strip();
    }

    static final class LookUp {
        private LookUp() {}

        public static void main(String[] args) {
            try {
                System.out.println(Configuration.value("test.setting").orElse("nothing"));
            } catch (InvalidAddressException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private static void write(Path in, String text) throws IOException {
        Files.writeString(in.resolve("ipc.properties"), text);
    }

    @Test
    void thePropertyComesBeforeTheEnvironmentBeforeTheWorkingDirectoryBeforeTheClassPath() throws Exception {
        assertEquals("nothing", lookUp(null, null));
        write(classPath, "ipc.test.setting = from the class path");
        assertEquals("from the class path", lookUp(null, null));
        write(working, "ipc.other = 1");
        assertEquals("from the class path", lookUp(null, null));
        write(working, "ipc.test.setting = from the directory ");
        assertEquals("from the directory", lookUp(null, null));
        assertEquals("from the environment", lookUp(null, " from the environment "));
        assertEquals("from the property", lookUp("from the property", "from the environment"));
        assertEquals("from the environment", lookUp(" ", "from the environment"), "what is blank is not set");
    }

    @Test
    void aFileThatCannotBeReadIsNamed() throws Exception {
        write(working, "ipc.test.setting = \\u00zz");
        String message = lookUp(null, null);
        assertTrue(message.startsWith(working.toRealPath().resolve("ipc.properties").toString())
                || message.startsWith(working.resolve("ipc.properties").toString()), message);
        assertTrue(message.contains("cannot be read"), message);
        assertEquals("1", lookUp("1", null), "what comes first is not held up by it");
    }

    @Test
    void aSettingIsReadAnewAtEachLookUp() {
        String name = "configurationtest.anew";
        for (Map.Entry<String, String> entry : Map.of("a", "a", "b", "b").entrySet()) {
            System.setProperty("ipc." + name, entry.getKey());
            assertEquals(entry.getValue(), Configuration.value(name).orElseThrow());
        }
        System.clearProperty("ipc." + name);
        assertTrue(Configuration.value(name).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"orders, IPC_ORDERS", "orders.eu, IPC_ORDERS_EU", "shm.dir, IPC_SHM_DIR", "a-b_c9, IPC_A_B_C9"})
    void theEnvironmentsWordIsUpperCaseWithUnderscores(String name, String word) {
        assertEquals(word, Configuration.environmentName(name));
    }
}
