package io.sluice.ipc.cli;

import io.sluice.ipc.Ipc;
import io.sluice.ipc.cli.Table.Column;
import io.sluice.ipc.mq.MessageQueue;
import io.sluice.ipc.mq.QueueEntry;
import io.sluice.ipc.mq.QueueMessage;
import io.sluice.ipc.mq.QueueStat;
import io.sluice.ipc.spi.Quantities;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `ipc mq`: the queues of the kernel, as they are.
@Command(name = "mq", description = {
    "Look at the kernel's message queues, and use them.",
    "",
    "mq:orders is the POSIX queue /orders; sysv:0x5eed is the System V queue of that key, sysv:orders that of the name's"
            + " FNV-1a hash, sysv:/a/path that of ftok(\"/a/path\", 1)."
}, synopsisSubcommandLabel = "COMMAND", commandListHeading = "%nCommands:%n", subcommands = {
    QueueCommand.Ls.class,
    QueueCommand.Stat.class,
    QueueCommand.Purge.class,
    QueueCommand.Rm.class,
    QueueCommand.Send.class,
    QueueCommand.Receive.class
})
final class QueueCommand implements Runnable {
    private static final String ONLY_EXISTING = "create";

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "A command is missing.");
    }

    /// Opens a queue that must be there.
    private static MessageQueue open(String address) {
        return MessageQueue.open(Ipc.resolve(address).with(ONLY_EXISTING, "false"));
    }

    /// `ipc mq ls`.
    @Command(name = "ls", description = "List the queues of both kinds.")
    static final class Ls implements Callable<Integer> {
        @Override
        public Integer call() throws IOException {
            Terminal terminal = Terminal.standard();
            Optional<List<QueueEntry>> posix = QueueEntry.posix();
            List<QueueEntry> all = new ArrayList<>(posix.orElse(List.of()));
            all.addAll(QueueEntry.systemV());
            if (all.isEmpty()) {
                terminal.line("There is no queue" + (posix.isEmpty() ? " of the System V kind." : "."));
            } else {
                Table table = new Table(
                        terminal.isUnicode(),
                        Column.text("queue", 42),
                        Column.number("owner"),
                        Column.text("mode", 4),
                        Column.number("messages"),
                        Column.number("bytes"));
                for (QueueEntry entry : all) {
                    table.add(
                            entry.address(),
                            Long.toString(entry.uid()),
                            "%04o".formatted(entry.mode()),
                            entry.messages() < 0 ? "?" : Figures.count(entry.messages()),
                            entry.messages() < 0 ? "?" : Figures.count(entry.bytes()));
                }
                table.lines().forEach(terminal::line);
            }
            if (posix.isEmpty()) {
                Terminal.error("POSIX queues cannot be listed, because their file system is not mounted; as root:"
                        + " mkdir -p /dev/mqueue && mount -t mqueue none /dev/mqueue");
            }
            return 0;
        }
    }

    /// `ipc mq stat ADDRESS`.
    @Command(name = "stat", description = "Say how full a queue is, and what it can hold.")
    static final class Stat implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "ADDRESS", description = "The queue.")
        private String address;

        @Override
        public Integer call() {
            Terminal terminal = Terminal.standard();
            try (MessageQueue queue = open(address)) {
                QueueStat stat = queue.stat();
                boolean posix = queue.address().scheme().equals("mq");
                terminal.line("messages         " + Figures.count(stat.messages())
                        + (posix ? " of " + Figures.count(stat.depth()) : ""));
                if (!posix) {
                    terminal.line("bytes            " + Figures.count(stat.bytes()) + " of "
                            + Figures.count(stat.capacity()));
                }
                terminal.line("largest message  " + Figures.count(stat.messageSize()) + " bytes");
            }
            return 0;
        }
    }

    /// `ipc mq purge ADDRESS`.
    @Command(name = "purge", description = "Take out all messages of a queue, and drop them.")
    static final class Purge implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "ADDRESS", description = "The queue.")
        private String address;

        @Override
        public Integer call() {
            try (MessageQueue queue = open(address)) {
                Terminal.standard().line(Figures.count(queue.purge()) + " dropped");
            }
            return 0;
        }
    }

    /// `ipc mq rm ADDRESS...`.
    @Command(name = "rm", description = "Remove queues, with all that is in them.")
    static final class Rm implements Callable<Integer> {
        @Parameters(index = "0..*", arity = "1..*", paramLabel = "ADDRESS", description = "The queues.")
        private List<String> addresses;

        @Override
        public Integer call() {
            int status = 0;
            for (String address : addresses) {
                if (!MessageQueue.remove(address)) {
                    Terminal.error(address + ": there is no such queue");
                    status = 1;
                }
            }
            return status;
        }
    }

    /// `ipc mq send ADDRESS [--priority N | --type N] [TEXT|-]`.
    @Command(name = "send", description = "Send a text, or each line of standard input, as a message. The queue is made if it is"
            + " missing.", sortOptions = false)
    static final class Send implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "ADDRESS", description = "The queue.")
        private String address;

        @Parameters(index = "1", arity = "0..1", paramLabel = "TEXT|-", defaultValue = "-", description = "The message; each line of standard input if it is - or not given.")
        private String text;

        @Option(names = "--priority", paramLabel = "N", description = "Its priority on mq:, 0 to 32767; the highest is received first. Default 0.")
        private Long priority;

        @Option(names = "--type", paramLabel = "N", description = "Its type on sysv:, at least 1. Default 1.")
        private Long type;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() throws IOException, InterruptedException {
            try (MessageQueue queue = MessageQueue.open(address)) {
                OnExit.close(queue);
                long label = label(queue.address().scheme().equals("mq"));
                if (!text.equals("-")) {
                    queue.send(text.getBytes(StandardCharsets.UTF_8), label);
                    return 0;
                }
                Lines lines = new Lines(new FileInputStream(FileDescriptor.in), queue.maxMessage());
                for (byte[] line; (line = lines.next()) != null;) {
                    queue.send(line, label);
                }
                return 0;
            }
        }

        private long label(boolean posix) {
            if (posix ? type != null : priority != null) {
                throw new ParameterException(
                        spec.commandLine(),
                        posix
                                ? "the messages of mq: have a --priority, and no type"
                                : "the messages of sysv: have a --type, and no priority");
            }
            long label = posix ? Optional.ofNullable(priority).orElse(0L) : Optional.ofNullable(type).orElse(1L);
            if (posix ? label < 0 || label > 32_767 : label < 1) {
                throw new ParameterException(
                        spec.commandLine(),
                        posix ? "a priority is between 0 and 32767" : "a type is at least 1");
            }
            return label;
        }
    }

    /// `ipc mq receive ADDRESS [--count N] [--timeout TIME]`.
    @Command(name = "receive", description = "Receive messages, and print each in a line. The queue is made if it is missing.", sortOptions = false)
    static final class Receive implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "ADDRESS", description = "The queue.")
        private String address;

        @Option(names = "--count", paramLabel = "N", defaultValue = "1", description = "How many. Default ${DEFAULT-VALUE}.")
        private long count;

        @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "forever", description = "How long to wait for each; then it ends with status 1. Default ${DEFAULT-VALUE}.")
        private Duration timeout;

        @Option(names = "--type", paramLabel = "N", defaultValue = "0", description = "On sysv: only those of a type; -N the least type up to N.")
        private long type;

        @Override
        public Integer call() throws InterruptedException {
            Terminal terminal = Terminal.standard();
            try (MessageQueue queue = MessageQueue.open(address)) {
                OnExit.close(queue);
                for (long i = 0; i < count; i++) {
                    QueueMessage message =
                            type == 0 ? receiveNext(queue) : queue.receive(type, timeout);
                    terminal.line(message.bytes(), 0, message.length());
                }
            }
            return 0;
        }

        private QueueMessage receiveNext(MessageQueue queue) throws InterruptedException {
            return timeout.equals(Quantities.FOREVER) ? queue.receive() : queue.receive(timeout);
        }
    }
}
