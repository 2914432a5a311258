package io.sluice.ipc.benchmarks;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.pipe.ChildProcess;
import java.lang.management.ManagementFactory;
import java.util.List;

/// The other process of a medium in which one has to start the other.
final class StdioPartner {
    private static ChildProcess child;

    private StdioPartner() {}

    /// Starts it.
    static AutoCloseable start(String address, Class<?> program, String... arguments) throws InterruptedException {
        List<String> flags = ManagementFactory.getRuntimeMXBean().getInputArguments();
        child = ChildProcess.of(new ProcessBuilder(Child.javaCommand(flags, program, arguments)))
                .address(address)
                .start();
        return Child.adopt(child.process());
    }

    /// The channel to it, in the process that has started it; the one to the parent in the other.
    static Channel channel(String address) throws InterruptedException {
        return child != null ? child.channel() : Ipc.connect(address);
    }

    /// Whether this process is the one that was started: it ends when its channel does.
    static boolean isChild() {
        return System.getenv("IPC_STDIO_DESCRIPTORS") != null;
    }
}
