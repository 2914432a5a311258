package io.sluice.ipc.examples;

import io.sluice.ipc.file.Journal;
import io.sluice.ipc.file.Tailer;
import java.nio.file.Path;
import java.time.Duration;

/// The other one: prints each word once, however often it is ended and started again, because its tailer has a name and
/// stores how far it is. Sleeps while there is nothing to read.
public final class FolderConsumer {
    private FolderConsumer() {}

    /// Prints words until there was none for a while.
    ///
    /// @param arguments a folder, and how many milliseconds to wait for a word; for ever if that is not given
    /// @throws InterruptedException if the thread is interrupted
    public static void main(String[] arguments) throws InterruptedException {
        Duration patience = Duration.ofMillis(arguments.length > 1 ? Long.parseLong(arguments[1]) : Long.MAX_VALUE);
        try (Journal journal = Journal.open(Path.of(arguments[0])); Tailer tailer = journal.tailer("printer")) {
            while (tailer.await(patience)) {
                tailer.poll((position, time, buffer, offset, length) -> System.out
                        .println(buffer.getStringWithoutLengthUtf8(offset, length)), 100);
                tailer.store(); // after the work: what a crash interrupts is done again, not left out
            }
        }
    }
}
