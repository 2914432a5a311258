package io.sluice.ipc.examples;

import io.sluice.ipc.file.Appender;
import io.sluice.ipc.file.Journal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/// One of two programs that are coupled by a folder and nothing else: appends its words, and ends. It does not matter
/// whether a [FolderConsumer] runs now, or tomorrow.
public final class FolderProducer {
    private FolderProducer() {}

    /// Appends words.
    ///
    /// @param arguments a folder and words
    public static void main(String[] arguments) {
        try (Journal journal = Journal.open(Path.of(arguments[0])); Appender appender = journal.appender()) {
            for (String word : Arrays.asList(arguments).subList(1, arguments.length)) {
                appender.append(word.getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
