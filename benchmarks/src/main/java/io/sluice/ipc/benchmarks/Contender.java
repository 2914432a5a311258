package io.sluice.ipc.benchmarks;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A program that measures one thing once, and prints its [Figures].
///
/// @param name what the report calls it
/// @param command makes its command line, given the directory that holds all the files it leaves
record Contender(String name, Command command) {
    /// Stands in an argument for the directory of a run.
    static final String DIRECTORY = "DIRECTORY";

    private static final String COMPILED = "benchmarks.compiled";

    /// Makes a command line.
    interface Command {
        List<String> in(Path directory);
    }

    /// A contender in C, which keeps no file.
    static Contender inC(String name, String program, String... arguments) {
        return new Contender(name, directory -> {
            List<String> command = new ArrayList<>(List.of(resolve(arguments, directory)));
            command.addFirst(Path.of(System.getProperty(COMPILED, "target"), program).toString());
            return command;
        });
    }

    /// A contender in Java, with the JVM flags that it cannot do without, and no others.
    static Contender inJava(String name, List<String> flags, Class<?> program, String... arguments) {
        return new Contender(name, directory -> {
            List<String> all = new ArrayList<>(flags);
            all.add("-Dipc.dir=" + directory.resolve("ipc"));
            all.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
            return Child.javaCommand(all, program, resolve(arguments, directory));
        });
    }

    private static String[] resolve(String[] arguments, Path directory) {
        String[] resolved = new String[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            resolved[i] = arguments[i].equals(DIRECTORY) ? directory.toString() : arguments[i];
        }
        return resolved;
    }

    /// The same with all its processes on one core, where a wake-up is a switch and not a signal to another core.
    Contender onOneCore() {
        return new Contender(name + "-one-core", directory -> {
            List<String> pinned = new ArrayList<>(List.of("taskset", "-c", "0"));
            pinned.addAll(command.in(directory));
            return pinned;
        });
    }

    /// Starts it; its errors go to a file in the directory.
    Child start(Path directory) throws IOException {
        return Child.start(command.in(directory), Redirect.to(errors(directory).toFile()));
    }

    /// What it said before it failed, in a line.
    static String complaint(Path directory) throws IOException {
        return Files.readString(errors(directory)).lines()
                .filter(line -> !line.startsWith("WARNING"))
                .findFirst()
                .orElse("it took too long, or said nothing");
    }

    private static Path errors(Path directory) {
        return directory.resolve("errors");
    }
}
