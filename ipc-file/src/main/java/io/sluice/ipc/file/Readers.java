package io.sluice.ipc.file;

import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.os.ByteLocks;
import io.sluice.ipc.os.DiskFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.TreeMap;

/// The named readers of a journal, and what they have stored.
final class Readers {
    private final Folder folder;

    Readers(Folder folder) {
        this.folder = folder;
    }

    /// Where each named reader is, by its name.
    Map<String, Long> positions() {
        Map<String, Long> positions = new TreeMap<>();
        for (String name : folder.readers()) {
            try (DiskFile file = DiskFile.open(folder.reader(name), DiskFile.Access.READ);
                    Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(ReaderLayout.LENGTH, Long.BYTES);
                file.read(memory, 0);
                positions.put(name, ReaderLayout.position(SegmentBuffer.of(memory)));
            } catch (NoSuchFileException e) {
                // Forgotten meanwhile.
            }
        }
        return positions;
    }

    /// The lowest position, 0 for a reader that has stored none; [Long#MAX_VALUE] if there are no named readers.
    long slowest() {
        return positions().values().stream().mapToLong(position -> Math.max(0, position)).min().orElse(Long.MAX_VALUE);
    }

    /// Takes a name, which is new or was let go.
    Named take(String name) {
        try {
            return new Named(name, DiskFile.open(folder.reader(name), DiskFile.Access.CREATE));
        } catch (NoSuchFileException e) {
            throw new SystemCallException(folder.path() + ": the journal was deleted", e);
        }
    }

    /// A name, taken, and where its reader is. For one thread.
    final class Named implements AutoCloseable {
        private final DiskFile file;
        private final Arena arena = Arena.ofShared();
        private final MemorySegment memory = arena.allocate(ReaderLayout.LENGTH, Long.BYTES);
        private final SegmentBuffer buffer = SegmentBuffer.of(memory);

        private Named(String name, DiskFile file) {
            this.file = file;
            boolean taken = false;
            try {
                if (!new ByteLocks(file).tryLock(0)) {
                    throw new AddressInUseException(folder.path() + ": another tailer reads as '" + name
                            + "'; close it, or take another name");
                }
                file.read(memory, 0);
                taken = true;
            } finally {
                if (!taken) {
                    arena.close();
                    file.close();
                }
            }
        }

        /// -1 if nothing was stored yet.
        long position() {
            return ReaderLayout.position(buffer);
        }

        void store(long position, boolean onDisk) {
            int half = ReaderLayout.store(buffer, position);
            file.write(memory.asSlice(half, ReaderLayout.LENGTH / 2), half);
            if (onDisk) {
                file.flush();
            }
        }

        @Override
        public void close() {
            arena.close();
            file.close();
        }
    }
}
