package io.sluice.ipc.cli;

import io.sluice.ipc.cli.Table.Column;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.Transport;
import io.sluice.ipc.spi.Transports;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/// `ipc transports`.
@Command(name = "transports", description = "List the transports that are present, and the options that their addresses take.")
final class TransportsCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        Terminal terminal = Terminal.standard();
        List<Transport> transports = Transports.present().stream()
                .sorted(Comparator.comparing(transport -> transport.schemes().getFirst()))
                .toList();
        for (Transport transport : transports) {
            String schemes = transport.schemes().stream().map(scheme -> scheme + ":").collect(Collectors.joining(", "));
            terminal.line(schemes + "  " + transport.synchronisation());
            Table table = new Table(
                    terminal.isUnicode(),
                    Column.text("option", 20),
                    Column.text("default", 10),
                    Column.text("takes", 34),
                    Column.text("what it does", 33));
            transport.options().stream()
                    .sorted(Comparator.comparing(Option::name))
                    .forEach(option -> table.add(
                            option.name(), text(option.defaultValue()), option.accepts(), option.description()));
            table.lines().forEach(line -> terminal.line("  " + line));
            terminal.line("");
        }
        return 0;
    }

    private static String text(Object value) {
        return switch (value) {
            case Integer number -> Quantities.size(number);
            case Duration span -> Quantities.duration(span);
            case String text when text.isEmpty() -> "-";
            default -> value.toString().toLowerCase(Locale.ROOT);
        };
    }
}
