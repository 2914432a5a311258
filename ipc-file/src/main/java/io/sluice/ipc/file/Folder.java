package io.sluice.ipc.file;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.UnsupportedException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// The names of a journal's files.
///
///     journal.head             see HeadLayout
///     journal.lock             empty; its bytes are locked, see Locks
///     000000000000.segment     see SegmentLayout
///     NAME.reader              see ReaderLayout
///     *.new                    is being made, under the lock; a leftover otherwise, and made anew
///
/// @param path where they are
record Folder(Path path) {
    /// File systems of other machines or of other programs: what they map is not what others see.
    private static final Set<String> NOT_LOCAL =
            Set.of("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "ceph", "afs", "gfs2", "ocfs2",
                    "glusterfs");

    private static final String SEGMENT = ".segment";
    private static final String READER = ".reader";
    private static final Pattern SEGMENTS = Pattern.compile("\\d{12}\\.segment");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}");

    /// Makes the folder if it is missing.
    void create() {
        try {
            Files.createDirectories(path);
        } catch (AccessDeniedException e) {
            throw new AuthenticationException(path + " cannot be created by this user: " + e, e);
        } catch (FileSystemException e) {
            if (!Files.isDirectory(path)) {
                throw new SystemCallException(path + " cannot be created: " + e, e);
            }
        } catch (IOException e) {
            throw new SystemCallException(path + " cannot be created: " + e, e);
        }
    }

    /// Whether files are mapped here, as was chosen or as the file system's type says.
    ///
    /// @throws UnsupportedException if mapping was chosen where it does not work
    boolean isMapped(JournalOptions.Io io) {
        if (io == JournalOptions.Io.STREAM) {
            return false;
        }
        String type = fileSystem();
        boolean local = !NOT_LOCAL.contains(type) && !type.startsWith("fuse");
        if (!local && io == JournalOptions.Io.MAPPED) {
            throw new UnsupportedException(
                    path + " is on a file system of the type " + type + ", where mapped memory is"
                            + " not the same for all; use io=stream there");
        }
        return local;
    }

    private String fileSystem() {
        try {
            return Files.getFileStore(path).type();
        } catch (NoSuchFileException e) {
            throw new SystemCallException(path + " is no journal: it does not exist", e);
        } catch (IOException e) {
            throw new SystemCallException(path + " cannot be looked at: " + e, e);
        }
    }

    Path head() {
        return path.resolve("journal.head");
    }

    Path lock() {
        return path.resolve("journal.lock");
    }

    Path segment(long number) {
        return path.resolve(String.format("%012d", number) + SEGMENT);
    }

    Path reader(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'" + name + "' is no name of a reader; a name has letters, digits, '_' and"
                            + " '-', and starts with a letter or a digit");
        }
        return path.resolve(name + READER);
    }

    /// Where a file is made before it gets its name.
    static Path draft(Path file) {
        return file.resolveSibling(file.getFileName() + ".new");
    }

    /// Gives a draft its name.
    static void publish(Path file) {
        try {
            Files.move(draft(file), file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new SystemCallException(draft(file) + " cannot be renamed: " + e, e);
        }
    }

    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new SystemCallException(file + " cannot be deleted: " + e, e);
        }
    }

    /// The numbers of the segments that are there, ascending. What is no regular file counts as well: it is refused when
    /// it is opened, and not passed over.
    long[] segments() {
        return list(SEGMENT).stream()
                .filter(name -> SEGMENTS.matcher(name).matches())
                .mapToLong(name -> Long.parseLong(name.substring(0, name.length() - SEGMENT.length())))
                .sorted()
                .toArray();
    }

    /// The names of the readers, ascending.
    List<String> readers() {
        return list(READER).stream()
                .map(name -> name.substring(0, name.length() - READER.length()))
                .filter(name -> NAME.matcher(name).matches())
                .sorted()
                .toList();
    }

    private List<String> list(String suffix) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path, "*" + suffix)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        } catch (IOException | DirectoryIteratorException e) {
            throw new SystemCallException(path + " cannot be listed: " + e, e);
        }
        return names;
    }

    HandshakeException unreadable(long number, String why) {
        return new HandshakeException(segment(number) + " cannot be used: " + why);
    }
}
