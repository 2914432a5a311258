package io.sluice.ipc.examples;

import io.sluice.ipc.file.Appender;
import io.sluice.ipc.file.Journal;
import io.sluice.ipc.file.JournalOptions;
import io.sluice.ipc.file.Sync;
import io.sluice.ipc.file.Tailer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// An audit log: account balances whose every change is on disk before it counts, and which are computed anew from the
/// log when the program starts. Kill it at any moment, and start it again: no change is lost, none counts twice.
///
/// Its arguments are a folder and changes, such as `/tmp/audit 100 -30`.
public final class AuditLog {
    private AuditLog() {}

    /// Replays the log, makes the changes, and prints the balance after each.
    ///
    /// @param arguments a folder and changes
    public static void main(String[] arguments) {
        JournalOptions durable = JournalOptions.DEFAULT.withSync(Sync.every());
        try (Journal journal = Journal.open(Path.of(arguments[0]), durable);
                Appender appender = journal.appender();
                Tailer tailer = journal.tailer()) {
            long[] state = new long[2]; // the balance, and how many changes there were
            while (tailer.poll((position, time, buffer, offset, length) -> {
                state[0] += Long.parseLong(buffer.getStringWithoutLengthAscii(offset, length));
                state[1]++;
            }, 100) > 0) {
                // On, to the end.
            }
            System.out.println("replayed " + state[1] + " changes, the balance is " + state[0]);
            for (int i = 1; i < arguments.length; i++) {
                appender.append(arguments[i].getBytes(StandardCharsets.US_ASCII)); // returns when it is on disk
                state[0] += Long.parseLong(arguments[i]);
                System.out.println("the balance is " + state[0]);
            }
        }
    }
}
