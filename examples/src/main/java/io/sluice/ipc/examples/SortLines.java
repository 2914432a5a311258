package io.sluice.ipc.examples;

import io.sluice.ipc.IpcException;
import io.sluice.ipc.Message;
import io.sluice.ipc.pipe.ChildProcess;
import java.nio.charset.StandardCharsets;

/// Has lines sorted by a child process: the `sort` that every Unix has, which knows nothing of Sluice.
///
/// Its arguments are the lines.
public final class SortLines {
    private SortLines() {}

    /// Sends each argument as a line, and prints what comes back.
    ///
    /// @param lines what to sort
    /// @throws InterruptedException if the thread is interrupted
    public static void main(String[] lines) throws InterruptedException {
        // With framing=line the child's standard input and output are the channel, and a message is a line.
        try (ChildProcess sort = ChildProcess.of(new ProcessBuilder("sort"))
                .address("stdio:?framing=line")
                .start()) {
            for (String line : lines) {
                sort.channel().send(line.getBytes(StandardCharsets.UTF_8));
            }
            sort.endInput(); // it begins when it has read everything
            for (Message line; (line = sort.channel().receive()) != null;) {
                System.out.println(line.text());
            }
        } catch (IpcException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }
}
