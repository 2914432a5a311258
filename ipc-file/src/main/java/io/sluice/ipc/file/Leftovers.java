package io.sluice.ipc.file;

import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.os.DiskFile;
import io.sluice.ipc.spi.Quantities;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// What channels have left in an endpoint's folder, as whoever binds it, or is bound to it, finds it.
///
/// A channel's folder is touched if both of its sides are gone, as their locks prove, and nobody is making one: what is of a
/// client that died before it was accepted is deleted, and so is what has been kept long enough. All else stays: messages
/// are to be replayed.
final class Leftovers {
    private final EndpointFolder folder;
    private final Duration keep;

    Leftovers(EndpointFolder folder, Duration keep) {
        this.folder = folder;
        this.keep = keep;
    }

    void sweep() {
        List<String> ids = EndpointFolder.names(folder.channels());
        if (folder.isMade()) { // asked after the names: one of a folder that is made from now on is not among them
            return; // the next time
        }
        for (String id : ids) {
            Path channel = folder.channel(id);
            boolean dead = !EndpointFolder.isLocked(channel.resolve("client"), 0, 1)
                    && !EndpointFolder.isLocked(channel.resolve("server"), 0, 1);
            if (dead && isUseless(channel.resolve("state"))) {
                EndpointFolder.delete(channel);
            }
        }
        for (String id : EndpointFolder.names(folder.asks())) {
            if (!Files.exists(folder.channel(id))) {
                Folder.delete(folder.ask(id));
            }
        }
    }

    /// Whether what both sides have left is not to be kept.
    private boolean isUseless(Path state) {
        try (DiskFile file = DiskFile.open(state, DiskFile.Access.WRITE)) {
            if (file.length() < SessionLayout.LENGTH) {
                return true; // its maker died
            }
            StreamedWords words = new StreamedWords(file, SessionLayout.LENGTH);
            try {
                long answer = words.get(SessionLayout.ANSWER_OFFSET);
                if (answer == SessionLayout.GREETED || answer == SessionLayout.ACCEPTED) {
                    long now = System.currentTimeMillis();
                    words.compareAndExchange(SessionLayout.ENDED_OFFSET, 0, now);
                    long age = now - words.get(SessionLayout.ENDED_OFFSET);
                    return !keep.equals(Quantities.FOREVER) && age >= keep.toMillis();
                }
                return true;
            } finally {
                words.close();
            }
        } catch (NoSuchFileException e) {
            return true; // its maker died
        } catch (HandshakeException e) {
            return false; // not ours
        }
    }
}
