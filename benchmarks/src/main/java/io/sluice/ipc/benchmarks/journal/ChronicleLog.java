package io.sluice.ipc.benchmarks.journal;

import java.nio.file.Path;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;

/// Chronicle Queue, its records written and read in place, without checksums, as it is by default.
final class ChronicleLog implements Log {
    private static final int WORDS = 4;

    private final ChronicleQueue queue;
    private final ExcerptAppender appender;
    private final ExcerptTailer tailer;

    ChronicleLog(Path folder) {
        queue = SingleChronicleQueueBuilder.single(folder.toFile()).build();
        appender = queue.createAppender();
        tailer = queue.createTailer();
    }

    @Override
    public void append(long number) {
        try (DocumentContext context = appender.writingDocument()) {
            Bytes<?> bytes = context.wire().bytes();
            for (int i = 0; i < WORDS; i++) {
                bytes.writeLong(number);
            }
        }
    }

    @Override
    public long next() {
        while (true) {
            try (DocumentContext context = tailer.readingDocument()) {
                if (context.isPresent()) {
                    Bytes<?> bytes = context.wire().bytes();
                    long number = bytes.readLong();
                    for (int i = 1; i < WORDS; i++) {
                        if (bytes.readLong() != number) {
                            throw new IllegalStateException("not what was written");
                        }
                    }
                    return number;
                }
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        queue.close();
    }
}
