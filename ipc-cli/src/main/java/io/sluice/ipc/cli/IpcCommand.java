package io.sluice.ipc.cli;

import io.sluice.ipc.IpcException;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.WaitStrategy;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The `ipc` command. Exit status: 0 if all went well, 1 if not, 2 for a command line that makes no sense.
@Command(name = "ipc", description = "Messages between processes, over whatever mechanism the address names.", versionProvider = IpcCommand.Version.class, synopsisSubcommandLabel = "COMMAND", commandListHeading = "%nCommands:%n", sortOptions = false, footer = {
    "",
    "ADDRESS is written out, such as shm:orders or shm:orders?wait=spin, or is a name that",
    "ipc.properties, IPC_NAME or the system property ipc.NAME stands for an address.",
    "`ipc COMMAND --help` explains a command."
}, subcommands = {
    DemoCommand.class,
    EchoCommand.class,
    ListenCommand.class,
    SendCommand.class,
    BridgeCommand.class,
    BenchCommand.class,
    JournalCommand.class,
    QueueCommand.class,
    DoctorCommand.class,
    TransportsCommand.class,
    DemoPeerCommand.class,
    BenchPeerCommand.class
})
final class IpcCommand implements Runnable {
    private static final int WIDTH = 100;
    private static final String LOG_LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show stack traces, and log what the library does, on standard error.")
    private boolean verbose;

    @Option(names = {"-h",
        "--help"}, usageHelp = true, scope = ScopeType.INHERIT, description = "Explain this command, and do nothing.")
    private boolean help;

    @Option(names = {"-V", "--version"}, versionHelp = true, description = "Print the version, and do nothing.")
    private boolean version;

    @Spec
    private CommandSpec spec;

    /// Runs a command and ends the JVM with its exit status.
    public static void main(String[] arguments) {
        System.exit(execute(arguments));
    }

    static int execute(String... arguments) {
        CommandLine line = new CommandLine(new IpcCommand());
        line.setUsageHelpWidth(WIDTH);
        line.getCommandSpec().usageMessage().optionListHeading("%nOptions:%n");
        space(line);
        line.registerConverter(Duration.class, IpcCommand::duration);
        line.registerConverter(WaitStrategy.class, IpcCommand::waitStrategy);
        line.setExecutionStrategy(IpcCommand::runLast);
        line.setParameterExceptionHandler(IpcCommand::correct);
        line.setExecutionExceptionHandler(IpcCommand::explain);
        return line.execute(arguments);
    }

    /// A blank line before parameters and options of all commands, and of their commands.
    private static void space(CommandLine line) {
        for (CommandLine command : line.getSubcommands().values()) {
            command.getCommandSpec().usageMessage().parameterListHeading("%n").optionListHeading("%n");
            space(command);
        }
    }

    boolean isVerbose() {
        return verbose;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "A command is missing.");
    }

    private static int runLast(ParseResult parsed) {
        // The logger reads this once, when the first class of the library asks for it: after this line.
        if (isVerbose(parsed) && System.getProperty(LOG_LEVEL) == null) {
            System.setProperty(LOG_LEVEL, "debug");
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    private static Duration duration(String text) {
        try {
            return Quantities.parseDuration(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("'" + text + "' is not a time such as 10ms, 5s or forever");
        }
    }

    private static WaitStrategy waitStrategy(String text) {
        return Arrays.stream(WaitStrategy.values())
                .filter(strategy -> strategy.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is not spin, adaptive or block"));
    }

    private static boolean isVerbose(ParseResult parsed) {
        return parsed.commandSpec().root().userObject() instanceof IpcCommand root && root.verbose;
    }

    /// A command line that makes no sense: what is wrong with it, and where to read what would.
    private static int correct(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(command.getCommandSpec().qualifiedName() + ": " + failure.getMessage());
        UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return CommandLine.ExitCode.USAGE;
    }

    private static int explain(Exception failure, CommandLine line, ParseResult parsed) {
        if (OnExit.hasBegun()) {
            return 130; // nobody sees it: the JVM ends with the status of its signal
        }
        switch (failure) {
            case OutputClosedException closed -> {
                return 0; // whoever read the output has had enough, as `head` does
            }
            case InterruptedException interrupted -> {
                return 130;
            }
            case IpcException expected -> Terminal.error(expected.getMessage());
            case FailedException expected -> Terminal.error(expected.getMessage());
            default -> {
                Terminal.error("unexpected: " + failure);
                failure.printStackTrace();
                return 1;
            }
        }
        if (isVerbose(parsed)) {
            failure.printStackTrace();
        }
        return 1;
    }

    /// `ipc --version`.
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = IpcCommand.class.getPackage().getImplementationVersion();
            return new String[] {
                "ipc " + (version == null ? "(not packaged)" : version),
                "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
            };
        }
    }
}
