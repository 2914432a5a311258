package io.sluice.ipc.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.jar.JarFile;

/// Another process of this same program, started without any JVM flag.
///
/// It reports by lines that start with a mark on its standard output, and it ends when its standard input does: so it
/// outlives neither [#close()] nor the death of this process.
final class Child implements AutoCloseable {
    /// What a child does.
    sealed interface Event {
        /// The child.
        Child child();
    }

    /// It reported something.
    record Report(Child child, String text) implements Event {}

    /// It ended; everything it reported has been seen.
    record Ended(Child child, int status) implements Event {}

    private static final String MARK = "@ipc ";
    private static final int TAIL = 20;
    private static final long EXIT_MILLIS = 4_000;

    private final String role;
    private final Process process;
    private final boolean verbose;
    private final List<String> tail = new ArrayList<>();

    private Child(String role, Process process, boolean verbose) {
        this.role = role;
        this.process = process;
        this.verbose = verbose;
    }

    /// Starts a child.
    ///
    /// @param role what to call it in messages
    /// @param arguments the command line of `ipc`
    /// @param verbose whether to show its standard error, and make it say more there
    /// @param events is told what happens, from threads of the child's own
    static Child start(String role, List<String> arguments, boolean verbose, Consumer<Event> events) {
        Process process;
        try {
            process = new ProcessBuilder(command(arguments, verbose)).start();
        } catch (IOException e) {
            throw new FailedException("cannot start another process: " + e.getMessage(), e);
        }
        Child child = new Child(role, process, verbose);
        Thread errors = thread(role + "-errors", child::readErrors);
        thread(role + "-reports", () -> child.readReports(errors, events));
        return child;
    }

    /// The command line that runs this program.
    ///
    /// @param arguments the command line of `ipc`
    /// @param verbose whether it shall say more
    static List<String> command(List<String> arguments, boolean verbose) {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(program());
        command.addAll(arguments);
        if (verbose) {
            command.add("--verbose");
        }
        return command;
    }

    private static Thread thread(String name, Runnable task) {
        return Thread.ofPlatform().daemon().name(name).start(task);
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /// How this program was started: from its jar, or in a test from the class path.
    private static List<String> program() {
        try {
            Path code = Path.of(IpcCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isRegularFile(code) && isExecutable(code)) {
                return List.of("-jar", code.toString());
            }
        } catch (URISyntaxException | IOException e) {
            throw new FailedException("cannot tell where this program is: " + e.getMessage(), e);
        }
        return List.of("-cp", System.getProperty("java.class.path"), IpcCommand.class.getName());
    }

    private static boolean isExecutable(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.getManifest() != null && file.getManifest().getMainAttributes().getValue("Main-Class") != null;
        }
    }

    private void readErrors() {
        try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
            for (String line; (line = lines.readLine()) != null;) {
                synchronized (tail) {
                    if (tail.size() == TAIL) {
                        tail.removeFirst();
                    }
                    tail.add(line);
                }
                if (verbose) {
                    System.err.println(role + ": " + line);
                }
            }
        } catch (IOException e) {
            // The process was closed; what it said last is of no interest then.
        }
    }

    private void readReports(Thread errors, Consumer<Event> events) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line; (line = lines.readLine()) != null;) {
                if (line.startsWith(MARK)) {
                    events.accept(new Report(this, line.substring(MARK.length())));
                }
            }
        } catch (IOException e) {
            // As above: the end follows.
        }
        try {
            errors.join();
            events.accept(new Ended(this, process.waitFor()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What to call this child.
    String role() {
        return role;
    }

    /// What it complained of on its standard error: its own words if there are any, else the JVM's last line.
    Optional<String> lastError() {
        synchronized (tail) {
            return tail.stream()
                    .filter(line -> line.startsWith(Terminal.PREFIX))
                    .findFirst()
                    .map(line -> line.substring(Terminal.PREFIX.length()))
                    .or(() -> tail.isEmpty() ? Optional.empty() : Optional.of(tail.getLast()));
        }
    }

    /// Asks the process to end, and if it does not within five seconds, ends it.
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has closed its end already.
        }
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /// In the child: reports a line to the parent.
    static void report(String text) {
        synchronized (System.out) {
            System.out.println(MARK + text.replace('\n', ' '));
            System.out.flush();
        }
    }

    /// In the child: ends this process, in order, when the parent closes it or is gone.
    static void endWithParent() {
        thread("parent-watch", () -> {
            try {
                System.in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // Gone as well.
            }
            thread("parent-watch-deadline", () -> {
                try {
                    Thread.sleep(EXIT_MILLIS);
                } catch (InterruptedException e) {
                    // Nobody interrupts this thread.
                }
                Runtime.getRuntime().halt(1);
            });
            System.exit(1);
        });
    }
}
