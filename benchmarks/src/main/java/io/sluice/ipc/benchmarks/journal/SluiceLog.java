package io.sluice.ipc.benchmarks.journal;

import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.file.Appender;
import io.sluice.ipc.file.Journal;
import io.sluice.ipc.file.RecordHandler;
import io.sluice.ipc.file.Tailer;
import java.nio.file.Path;

/// Our journal, with its checksums, as it is by default.
final class SluiceLog implements Log {
    private static final int LENGTH = 32;

    private final Journal journal;
    private final Appender appender;
    private final Tailer tailer;
    private final SegmentBuffer record = SegmentBuffer.allocate(LENGTH);
    private final long[] numbers = new long[256];
    private final RecordHandler handler;
    private int read;
    private int given;

    SluiceLog(Path folder) {
        journal = Journal.open(folder);
        appender = journal.appender();
        tailer = journal.tailer();
        handler = (position, time, buffer, offset, length) -> numbers[read++] = buffer.getLong(offset);
    }

    @Override
    public void append(long number) {
        for (int i = 0; i < LENGTH; i += Long.BYTES) {
            record.putLong(i, number);
        }
        appender.append(record, 0, LENGTH);
    }

    @Override
    public long next() {
        if (given == read) {
            given = 0;
            read = 0;
            while (tailer.poll(handler, numbers.length) == 0) {
                Thread.onSpinWait();
            }
        }
        return numbers[given++];
    }

    @Override
    public void close() {
        journal.close();
    }
}
