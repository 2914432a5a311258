package io.sluice.ipc.file;

import io.sluice.ipc.Address;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.os.ByteLocks;
import io.sluice.ipc.os.DiskFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/// The names of an endpoint's files.
///
///     endpoint.lock            empty; byte 0 is locked by whoever is bound, byte 16 + n by whoever makes a channel's folder
///     endpoint.doorbell        see io.sluice.ipc.ring.Doorbell
///     asks/ID                  empty: a client asks for the channel ID; the server deletes it when it has answered
///     channels/ID/state        see SessionLayout
///     channels/ID/client       empty; byte 0 is locked by the client as long as it has the channel
///     channels/ID/server       the same for the server
///     channels/ID/to-server/   a journal, one record for each message
///     channels/ID/to-client/   the other direction
///
/// @param path where they are
/// @param name of the endpoint, for people
record EndpointFolder(Path path, String name) {
    private static final long BOUND = 0;
    private static final int MAKERS = 16;

    static EndpointFolder of(Address address) {
        try {
            if (!address.place().isEmpty()) {
                return new EndpointFolder(
                        Path.of(address.place()).toAbsolutePath().normalize(), address.withoutOptions());
            }
        } catch (InvalidPathException e) {
            throw new InvalidAddressException(address + ": this is no path: " + e.getMessage(), e);
        }
        throw new InvalidAddressException(
                address + ": the path of a folder is missing, as in file:/var/lib/app/orders");
    }

    Path lock() {
        return path.resolve("endpoint.lock");
    }

    Path doorbell() {
        return path.resolve("endpoint.doorbell");
    }

    Path asks() {
        return path.resolve("asks");
    }

    Path ask(String id) {
        return asks().resolve(id);
    }

    Path channels() {
        return path.resolve("channels");
    }

    Path channel(String id) {
        return channels().resolve(id);
    }

    static String newId(long now) {
        return String.format("%013d-%08x", now, ThreadLocalRandom.current().nextInt());
    }

    /// Makes what an endpoint needs.
    void create() {
        if (Files.exists(new Folder(path).head())) {
            throw new HandshakeException(name + ": there is a journal in this folder; an endpoint has one of its own");
        }
        for (Path each : List.of(path, asks(), channels())) {
            new Folder(each).create();
        }
    }

    /// Becomes the owner.
    ///
    /// @return whose closing frees the address; null if there is another owner
    DiskFile bind() {
        DiskFile file = openLock(DiskFile.Access.CREATE);
        boolean bound = false;
        try {
            bound = new ByteLocks(file).tryLock(BOUND);
            return bound ? file : null;
        } finally {
            if (!bound) {
                file.close();
            }
        }
    }

    private DiskFile openLock(DiskFile.Access access) {
        try {
            return DiskFile.open(lock(), access);
        } catch (NoSuchFileException e) {
            throw new SystemCallException(name + ": the folder " + path + " was deleted", e);
        }
    }

    /// Whether a living process is bound.
    boolean isBound() {
        return Files.exists(lock()) && isLocked(lock(), BOUND, 1);
    }

    /// Says that a channel's folder is being made, so that nobody takes it for a leftover.
    ///
    /// @return to be closed when it is made
    DiskFile making() {
        DiskFile file = openLock(DiskFile.Access.WRITE);
        ByteLocks locks = new ByteLocks(file);
        while (!locks.tryLock(MAKERS + ThreadLocalRandom.current().nextLong(1L << 40))) {
            Thread.onSpinWait();
        }
        return file;
    }

    /// Whether a living process is making a channel's folder.
    boolean isMade() {
        return isLocked(lock(), MAKERS, 0);
    }

    /// Whether somebody holds a byte of a file.
    ///
    /// @return false if there is no such file
    static boolean isLocked(Path path, long from, long length) {
        try (DiskFile file = DiskFile.open(path, DiskFile.Access.READ)) {
            return new ByteLocks(file).isLockedByAnother(from, length);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /// The names in one of the folders.
    static List<String> names(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException | UncheckedIOException e) {
            throw new SystemCallException(folder + " cannot be listed: " + e, e);
        }
    }

    /// Deletes a folder and all in it; another process may do so at the same time. Symbolic links are not followed.
    static void delete(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new SystemCallException(folder + " cannot be deleted: " + e, e);
        }
    }
}
