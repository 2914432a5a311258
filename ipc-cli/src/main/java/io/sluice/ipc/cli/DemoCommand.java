package io.sluice.ipc.cli;

import io.sluice.ipc.cli.Table.Column;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `ipc demo`: every transport that is present, tried and measured.
@Command(name = "demo", description = {
    "Try every transport, and print how each did.",
    "",
    "For each one, a server process and a client process (inproc: one process with both; stdio:"
            + " a process and its child) exchange"
            + " messages of 0 bytes to 1 MiB. The server checks every byte and sends the message back; the"
            + " client checks every byte again. Then they exchange as many messages of 32 bytes, one at a"
            + " time, for the round trip's time. The exit status is 1 if a transport failed. Over udp:, a"
            + " message is one datagram at most, and it is said how many got lost."
}, sortOptions = false)
final class DemoCommand implements Callable<Integer> {
    private static final int SYNCHRONISATION_WIDTH = 24;
    private static final int ADDRESS_WIDTH = 24;

    @Option(names = "--transports", split = ",", paramLabel = "SCHEME", description = "Only these, such as inproc,shm; all that are present if not given.")
    private List<String> schemes = List.of();

    @Option(names = "--messages", paramLabel = "N", defaultValue = "20000", description = "Messages of mixed sizes for each transport; default ${DEFAULT-VALUE}.")
    private long messages;

    @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "20s", description = "Give a transport up when nothing has happened for so long; default ${DEFAULT-VALUE}.")
    private Duration timeout;

    @ParentCommand
    private IpcCommand ipc;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        if (messages < 1) {
            throw new ParameterException(spec.commandLine(), "--messages must be at least 1.");
        }
        Terminal terminal = Terminal.standard();
        List<DemoRow> rows = new ArrayList<>();
        for (Trial trial : trials()) {
            rows.add(new DemoRun(trial, messages, timeout, ipc.isVerbose()).run(terminal));
            if (OnExit.hasBegun()) {
                throw new InterruptedException();
            }
        }
        print(terminal, rows);
        return rows.stream().allMatch(DemoRow::passed) ? 0 : 1;
    }

    private List<Trial> trials() {
        List<Trial> all = Trial.all();
        List<Trial> chosen = new ArrayList<>();
        for (String name : schemes) {
            String scheme = name.strip().replaceFirst(":$", "");
            chosen.add(all.stream()
                    .filter(trial -> trial.scheme().equals(scheme))
                    .findFirst()
                    .orElseThrow(() -> new ParameterException(
                            spec.commandLine(),
                            "There is no transport '" + name + "'; there are "
                                    + all.stream().map(Trial::scheme).collect(Collectors.joining(", ")) + ".")));
        }
        return schemes.isEmpty() ? all : chosen.stream().distinct().toList();
    }

    private void print(Terminal terminal, List<DemoRow> rows) {
        Table table = new Table(
                terminal.isUnicode(),
                Column.text("transport", 20),
                Column.text("address", ADDRESS_WIDTH),
                Column.text("synchronises by", SYNCHRONISATION_WIDTH),
                Column.number("messages"),
                Column.number("p50"),
                Column.number("p99"),
                Column.number("per s"),
                Column.text("verdict", 7));
        for (DemoRow row : rows) {
            table.add(row.cells(terminal.isUnicode()));
        }
        terminal.line("");
        table.lines().forEach(terminal::line);
        terminal.line("");
        terminal.line("messages, per s        0 bytes to 1 MiB, there and back, every byte checked at both ends");
        terminal.line("p50, p99               round trips of 32 bytes, one at a time");
        for (DemoRow row : rows) {
            if (row.passed() && row.result().lost() > 0) {
                terminal.line(row.trial().scheme() + ": " + Figures.count(row.result().lost()) + " of "
                        + Figures.count(2 * row.result().messages()) + " messages got lost, as they may there");
            }
            if (!row.passed()) {
                terminal.line("");
                Table.wrap(row.trial().scheme() + " failed: " + row.failure(), 100).forEach(terminal::line);
            }
        }
    }
}
