package io.sluice.ipc.cli;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.cli.Table.Column;
import io.sluice.ipc.file.Damage;
import io.sluice.ipc.file.Journal;
import io.sluice.ipc.file.JournalOptions;
import io.sluice.ipc.file.JournalStats;
import io.sluice.ipc.file.Tailer;
import io.sluice.ipc.file.Verification;
import io.sluice.ipc.spi.Quantities;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.agrona.DirectBuffer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `ipc journal`: looks at journals while others append to them.
@Command(name = "journal", description = "Look at journals, while others append to them.", synopsisSubcommandLabel = "COMMAND", commandListHeading = "%nCommands:%n", subcommands = {
    JournalCommand.Ls.class,
    JournalCommand.Cat.class,
    JournalCommand.Tail.class,
    JournalCommand.Verify.class,
    JournalCommand.Truncate.class,
    JournalCommand.Stats.class
})
final class JournalCommand implements Runnable {
    private static final Duration TICK = Duration.ofHours(1);

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "A command is missing.");
    }

    private static Journal open(Path path) {
        return Journal.open(path, JournalOptions.DEFAULT.withReadOnly());
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }

    private static void report(Damage damage) {
        Terminal.error("positions " + damage.position() + " to " + damage.end() + " cannot be read, " + damage.why());
    }

    /// Which records are printed, and how.
    static final class Selection {
        @Parameters(paramLabel = "PATH", description = "The journal's folder.")
        private Path path;

        @Option(names = {"-p", "--positions"}, description = "Print the position and the time before each record.")
        private boolean positions;

        @Option(names = "--from", paramLabel = "PLACE", description = "Begin at a position, or at a time such as 2026-11-25T12:00:00Z.")
        private String from;

        @Option(names = {"-n", "--records"}, paramLabel = "N", description = "End after so many records.")
        private long records = Long.MAX_VALUE;

        private final Terminal terminal = Terminal.standard();
        private byte[] bytes = new byte[0];

        private void seek(Tailer tailer) {
            if (from == null) {
                return;
            }
            try {
                tailer.seek(Long.parseLong(from));
            } catch (NumberFormatException e) {
                try {
                    tailer.seekTime(Instant.parse(from).toEpochMilli());
                } catch (DateTimeException time) {
                    throw new FailedException(
                            "'" + from + "' is no position, and no time such as 2026-11-25T12:00:00Z");
                }
            }
        }

        private void print(long position, long time, DirectBuffer buffer, int offset, int length) {
            byte[] prefix = (positions ? position + " " + time(time) + " " : "")
                    .getBytes(StandardCharsets.UTF_8);
            if (bytes.length < prefix.length + length) {
                bytes = new byte[Math.max(2 * bytes.length, prefix.length + length)];
            }
            System.arraycopy(prefix, 0, bytes, 0, prefix.length);
            buffer.getBytes(offset, bytes, prefix.length, length);
            terminal.line(bytes, 0, prefix.length + length);
        }
    }

    /// `ipc journal ls`.
    @Command(name = "ls", description = "List the journals in a folder.")
    static final class Ls implements Callable<Integer> {
        @Parameters(paramLabel = "PATH", arity = "0..1", defaultValue = ".", description = "A journal, or a folder of journals; the working directory if it is not given.")
        private Path path;

        private final Table table = new Table(
                Terminal.standard().isUnicode(),
                Column.text("journal", 60),
                Column.number("segments"),
                Column.number("start"),
                Column.number("end"),
                Column.text("last record", 30));

        @Override
        public Integer call() {
            add(path);
            try (DirectoryStream<Path> folders = Files.newDirectoryStream(path, Files::isDirectory)) {
                folders.forEach(this::add);
            } catch (IOException e) {
                throw new FailedException(path + " cannot be listed: " + e);
            }
            table.lines().forEach(Terminal.standard()::line);
            return 0;
        }

        private void add(Path folder) {
            if (!Files.exists(folder.resolve("journal.head"))) {
                return;
            }
            try (Journal journal = open(folder)) {
                JournalStats stats = journal.stats();
                table.add(
                        folder.toString(),
                        Integer.toString(stats.segments()),
                        Long.toString(stats.start()),
                        Long.toString(stats.end()),
                        stats.lastTime() == 0 ? "-" : time(stats.lastTime()));
            } catch (IpcException e) {
                Terminal.error(e.getMessage());
            }
        }
    }

    /// `ipc journal cat`.
    @Command(name = "cat", description = "Print the records that there are, one a line.", sortOptions = false)
    static final class Cat implements Callable<Integer> {
        @Mixin
        private Selection selection;

        @Option(names = "--reverse", description = "The last record first.")
        private boolean reverse;

        private boolean damaged;

        @Override
        public Integer call() {
            try (Journal journal = open(selection.path); Tailer tailer = journal.tailer()) {
                tailer.skipDamage(damage -> {
                    damaged = true;
                    report(damage);
                });
                if (reverse && selection.from == null) {
                    tailer.seekEnd();
                }
                selection.seek(tailer);
                long left = selection.records;
                int read = 1;
                while (left > 0 && read > 0) {
                    int limit = (int) Math.min(left, 1_000);
                    read = reverse
                            ? tailer.pollBackward(selection::print, limit)
                            : tailer.poll(selection::print, limit);
                    left -= read;
                }
                return damaged ? 1 : 0;
            }
        }
    }

    /// `ipc journal tail`.
    @Command(name = "tail", description = "Print every record that is appended from now on, one a line, until interrupted.", sortOptions = false)
    static final class Tail implements Callable<Integer> {
        @Mixin
        private Selection selection;

        @Override
        public Integer call() throws InterruptedException {
            // Not read only, if it can be had: only who may write can sleep, and be woken.
            try (Journal journal = openToWait(selection.path); Tailer tailer = journal.tailer()) {
                tailer.skipDamage(JournalCommand::report).seekEnd();
                selection.seek(tailer);
                System.err.println("following " + journal.path() + " from position " + tailer.position());
                for (long left = selection.records; left > 0;) {
                    int read = tailer.poll(selection::print, (int) Math.min(left, 1_000));
                    left -= read;
                    if (read == 0) {
                        tailer.await(TICK);
                    }
                }
                return 0;
            }
        }

        private static Journal openToWait(Path path) {
            open(path).close(); // which creates nothing where there is no journal
            try {
                return Journal.open(path);
            } catch (AuthenticationException e) {
                return open(path);
            }
        }
    }

    /// `ipc journal verify`.
    @Command(name = "verify", description = "Compare the checksum of every record. The exit status is 1 if anything is damaged.")
    static final class Verify implements Callable<Integer> {
        @Parameters(paramLabel = "PATH", description = "The journal's folder.")
        private Path path;

        @Override
        public Integer call() {
            try (Journal journal = open(path)) {
                Verification found = journal.verify(JournalCommand::report);
                Terminal.standard().line(found.records() + " records of " + found.bytes() + " bytes are sound, "
                        + found.damaged() + " stretches are damaged");
                return found.damaged() == 0 ? 0 : 1;
            }
        }
    }

    /// `ipc journal truncate`.
    @Command(name = "truncate", description = "Cut off a tail that a crash has torn, and delete old segments if asked to.")
    static final class Truncate implements Callable<Integer> {
        @Parameters(paramLabel = "PATH", description = "The journal's folder.")
        private Path path;

        @Option(names = "--before", paramLabel = "POSITION", description = "Delete the segments that hold only records before a position; never the newest.")
        private long before;

        @Override
        public Integer call() {
            open(path).close(); // which creates nothing where there is no journal
            try (Journal journal = Journal.open(path)) {
                Terminal terminal = Terminal.standard();
                journal.recovered().forEach(damage -> terminal.line(
                        "positions " + damage.position() + " to " + damage.end() + " were " + damage.why()));
                terminal.line(journal.prune(before) + " segments deleted");
                return 0;
            }
        }
    }

    /// `ipc journal stats`.
    @Command(name = "stats", description = "Say what a journal is and holds.")
    static final class Stats implements Callable<Integer> {
        @Parameters(paramLabel = "PATH", description = "The journal's folder.")
        private Path path;

        @Override
        public Integer call() {
            try (Journal journal = open(path)) {
                Terminal terminal = Terminal.standard();
                JournalStats stats = journal.stats();
                terminal.line("created      " + time(stats.created()));
                terminal.line("last record  " + (stats.lastTime() == 0 ? "-" : time(stats.lastTime())));
                terminal.line("positions    " + stats.start() + " to " + stats.end());
                terminal.line("segments     " + stats.segments() + " of " + Quantities.size(stats.segmentLength()));
                stats.readers().forEach((name, position) -> terminal.line("reader       " + name + " "
                        + (position < 0 ? "has stored nothing" : "is at " + position)));
                return 0;
            }
        }
    }
}
