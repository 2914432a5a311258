package io.sluice.ipc.pipe;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.stream.StreamChannel;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A process that this one has started, and a channel to it: `stdio:`.
///
///     try (ChildProcess child = ChildProcess.of(Worker.class, "--fast").start()) {
///         child.channel().send(order);
///         Message answer = child.channel().receive();
///     }
///
/// and in `Worker`: `Channel parent = Ipc.connect("stdio:")`.
///
/// **What the child prints does not reach the channel**: not by `System.out`, and nothing that its JVM says before `main` runs. The
/// channel is on two descriptors of its own; standard input, output and error are where the [ProcessBuilder]
/// puts them. What it leaves as pipes, which nobody would read, goes where those of this process go; the input is empty.
///
/// **With `framing=line` or `raw`** the child may be any program, and its standard input and output *are* the channel:
///
///     ProcessBuilder sort = new ProcessBuilder("sort");
///     try (ChildProcess child = ChildProcess.of(sort).address("stdio:?framing=line").start()) {
///         child.channel().send("pear".getBytes());
///         child.channel().send("apple".getBytes());
///         child.endInput();                        // now sort knows that it has everything
///         child.channel().receive();               // apple
///     }
///
/// **When the child dies**, the channel ends as it does when any peer dies, even if a process that the child has started holds
/// its pipes open. **When this process dies**, the child's channel ends at once; with `?orphan=exit` so does the child.
///
/// Any thread may use it.
public final class ChildProcess implements AutoCloseable {
    private static final Duration TERMINATION = Duration.ofSeconds(2);

    private final Process process;
    private final StreamChannel channel;
    private final Duration exitTimeout;

    ChildProcess(Process process, StreamChannel channel, Duration exitTimeout) {
        this.process = process;
        this.channel = channel;
        this.exitTimeout = exitTimeout;
    }

    /// A child that runs a class of this program: with the same JVM and class path, and no JVM flags.
    ///
    /// @param main has a `main` method, in which it connects to `stdio:`
    /// @param arguments of the child
    /// @return what starts it
    public static Builder of(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-cp");
        command.add(classPath());
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return of(new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT));
    }

    /// The class path and, where this program runs as modules, the module path too, which serves as well.
    private static String classPath() {
        String classPath = System.getProperty("java.class.path", "");
        String modulePath = System.getProperty("jdk.module.path", "");
        if (modulePath.isEmpty()) {
            return classPath;
        }
        return classPath.isEmpty() ? modulePath : modulePath + File.pathSeparator + classPath;
    }

    /// A child that runs any command.
    ///
    /// @param command the program, its environment, directory and redirections; not changed
    /// @return what starts it
    public static Builder of(ProcessBuilder command) {
        return new Builder(command);
    }

    /// A child that is not started yet.
    public static final class Builder {
        private final ProcessBuilder command;
        private Address address = Address.parse("stdio:");

        private Builder(ProcessBuilder command) {
            this.command = command;
        }

        /// Sets the channel's options.
        ///
        /// @param text for example `stdio:?framing=line&direction=in`; the direction is as this process sees it
        /// @return this
        /// @throws io.sluice.ipc.InvalidAddressException if it is no address of `stdio:`
        public Builder address(String text) {
            Address parsed = Address.parse(text);
            ChildStart.check(parsed);
            address = parsed;
            return this;
        }

        /// Starts the child, and waits up to `connect-timeout` until it has connected; with `line` or `raw` it does not wait.
        ///
        /// @return the child, which the caller closes
        /// @throws io.sluice.ipc.SystemCallException if the system cannot start it
        /// @throws io.sluice.ipc.HandshakeException if the child ends, says something else, or says nothing in time; it
        ///     has been ended then
        /// @throws io.sluice.ipc.UnsupportedException if there are no such pipes here
        /// @throws InterruptedException if the thread is interrupted while it waits; the child has been ended then
        public ChildProcess start() throws InterruptedException {
            return new ChildStart(command, address).start();
        }
    }

    /// The channel to the child.
    ///
    /// @return the same one each time
    public Channel channel() {
        return channel;
    }

    /// The process itself, for its number and its exit status.
    ///
    /// @return the process
    public Process process() {
        return process;
    }

    /// Ends what the child reads: it gets all that was sent, then the end. What it writes is still received.
    ///
    /// For programs that begin when they have read everything, as `sort` does.
    public void endInput() {
        channel.endOutput();
    }

    /// Closes the channel, waits for the child to end, and sees to it that it does: after `exit-timeout` it is told to
    /// (SIGTERM), and two seconds later it is killed. If the thread is interrupted, it is killed at once, and the interrupt
    /// stays set. Afterwards nothing of the child is left in the process table.
    @Override
    public void close() {
        channel.close();
        end(process, exitTimeout);
    }

    static void end(Process process, Duration patience) {
        boolean interrupted = Thread.interrupted();
        try {
            if (interrupted || !await(process, patience)) {
                process.destroy();
                if (interrupted || !await(process, TERMINATION)) {
                    process.destroyForcibly();
                }
            }
        } catch (InterruptedException e) {
            interrupted = true;
            process.destroyForcibly();
        }
        process.onExit().join();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean await(Process process, Duration span) throws InterruptedException {
        long nanos = span.compareTo(Duration.ofDays(36_500)) > 0 ? Long.MAX_VALUE : span.toNanos();
        return process.waitFor(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public String toString() {
        return "ChildProcess[" + process.pid() + ", " + (process.isAlive() ? "alive" : "ended") + "]";
    }
}
