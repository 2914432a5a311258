package io.sluice.ipc.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;

/// What the system says of a name in the file system, itself and not what it may link to; stat(2), inode(7).
///
/// @param key the device and the inode: which file it is; null where there is no such thing
/// @param kind what it is
/// @param size its length in bytes
/// @param uid its owner's number; -1 where owners have none
/// @param mode its permissions, 07777 at most; 0 where there are none
record FileStatus(Object key, Kind kind, long size, long uid, int mode) {
    // <sys/stat.h>: what of a mode says the kind, and what it says for a pipe
    private static final int S_IFMT = 0170000;
    private static final int S_IFIFO = 0010000;

    enum Kind {
        DIRECTORY("a directory"),
        REGULAR("a file"),
        SYMBOLIC_LINK("a symbolic link"),
        FIFO("a named pipe"),
        OTHER("a device or a socket");

        final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    static FileStatus of(Path path) throws IOException {
        BasicFileAttributes basic = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        Kind kind = basic.isDirectory()
                ? Kind.DIRECTORY
                : basic.isRegularFile() ? Kind.REGULAR : basic.isSymbolicLink() ? Kind.SYMBOLIC_LINK : Kind.OTHER;
        if (!Libc.POSIX) {
            return new FileStatus(basic.fileKey(), kind, basic.size(), -1, 0);
        }
        Map<String, Object> unix = Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
        int mode = (Integer) unix.get("mode");
        return new FileStatus(
                basic.fileKey(),
                (mode & S_IFMT) == S_IFIFO ? Kind.FIFO : kind,
                basic.size(),
                Integer.toUnsignedLong((Integer) unix.get("uid")),
                mode & 07777);
    }

    boolean is(Kind other) {
        return kind == other;
    }

    boolean isSameFileAs(FileStatus other) {
        return Objects.equals(key, other.key);
    }

    boolean isOwn() {
        return !Libc.POSIX || uid == Libc.effectiveUser();
    }

    /// Whether the group or others may write; an access control list shows in the group's bits, acl(5).
    boolean isWritableByOthers() {
        return (mode & 0022) != 0;
    }
}
