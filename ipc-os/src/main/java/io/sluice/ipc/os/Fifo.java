package io.sluice.ipc.os;

import io.sluice.ipc.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/// A named pipe, fifo(7), in the runtime directory: made, opened without ever waiting, locked by its maker, unlinked.
///
/// Its maker holds a lock on it, flock(2), as long as the maker lives and has not closed the end that it locked: a pipe
/// whose lock can be had is nobody's. Between making and locking, a living maker's pipe looks like that too; so the maker
/// locks first and trusts only what it finds afterwards, as for shared memory: refused, or the name gone, means that
/// somebody who clears up has it, and the maker starts anew.
public final class Fifo {
    private static final int MODE = 0600;
    private static final int LOCK_ATTEMPTS = 20;
    private static final long LOCK_PAUSE_NANOS = 100_000;

    private volatile Path path;
    private final FileStatus made;
    private final Descriptor reader;

    private Fifo(Path path, FileStatus made, Descriptor reader) {
        this.path = path;
        this.made = made;
        this.reader = reader;
    }

    /// What there is at a name.
    public enum State {
        /// Nothing.
        MISSING,
        /// A pipe of this user whose maker lives.
        HELD,
        /// A pipe of this user whose maker is provably dead.
        ABANDONED,
        /// A pipe of another user, or no pipe at all.
        FOREIGN
    }

    /// Makes a pipe and opens the end to read from.
    ///
    /// @param path its name
    /// @return it, or nothing if the name is taken, or somebody who clears up has been faster: try again or anew
    /// @throws SystemCallException if it cannot be made
    public static Optional<Fifo> make(Path path) {
        Descriptor.checkSupported();
        int result = Libc.mkfifo(path, MODE);
        if (result == -Libc.EEXIST) {
            return Optional.empty();
        }
        if (result < 0) {
            throw failed(path, "made", Libc.words(result));
        }
        int number = Libc.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
        if (number == -Libc.ENOENT) {
            return Optional.empty();
        }
        if (number < 0) {
            Libc.unlink(path);
            throw failed(path, "opened", Libc.words(number));
        }
        Descriptor reader = new Descriptor(number);
        boolean mine = false;
        try {
            if (Libc.flock(number, Libc.LOCK_EX | Libc.LOCK_NB) == 0) {
                FileStatus made = FileStatus.of(path);
                mine = made.is(FileStatus.Kind.FIFO) && made.isOwn();
                return mine ? Optional.of(new Fifo(path, made, reader)) : Optional.empty();
            }
            return Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed(path, "made", e.toString());
        } finally {
            if (!mine) {
                reader.close();
            }
        }
    }

    /// Makes a pipe and opens nothing: somebody else will read it.
    ///
    /// @param path its name, which nobody else uses
    /// @throws SystemCallException if it cannot be made
    public static void makeOnly(Path path) {
        Descriptor.checkSupported();
        int result = Libc.mkfifo(path, MODE);
        if (result < 0) {
            throw failed(path, "made", Libc.words(result));
        }
    }

    /// Takes the name of a pipe away, whoever uses the pipe; what is no pipe of this user stays.
    ///
    /// @param path the name
    public static void unlink(Path path) {
        try {
            FileStatus status = FileStatus.of(path);
            if (status.is(FileStatus.Kind.FIFO) && status.isOwn()) {
                Libc.unlink(path);
            }
        } catch (IOException e) {
            // It has no name any more.
        }
    }

    /// Which pipe a name is.
    ///
    /// @param path the name
    /// @return equal for the same pipe only, or null if there is none
    public static Object identity(Path path) {
        try {
            return FileStatus.of(path).key();
        } catch (IOException e) {
            return null;
        }
    }

    /// Looks at a name, and changes nothing.
    ///
    /// @param path the name
    /// @return what is there
    /// @throws SystemCallException if it cannot be looked at
    public static State look(Path path) {
        return look(path, false);
    }

    /// Takes the name of a pipe away whose maker is dead. What is anybody else's stays.
    ///
    /// @param path the name
    /// @return what there was
    /// @throws SystemCallException if it cannot be looked at
    public static State clear(Path path) {
        return look(path, true);
    }

    private static State look(Path path, boolean clear) {
        try {
            FileStatus status = FileStatus.of(path);
            if (!status.is(FileStatus.Kind.FIFO) || !status.isOwn()) {
                return State.FOREIGN;
            }
            int number = Libc.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
            if (number < 0) {
                return number == -Libc.ENOENT ? State.MISSING : State.FOREIGN;
            }
            try {
                if (Libc.flock(number, Libc.LOCK_EX | Libc.LOCK_NB) < 0) {
                    return State.HELD;
                }
                if (clear && FileStatus.of(path).isSameFileAs(status)) {
                    Libc.unlink(path);
                }
                return State.ABANDONED;
            } finally {
                Libc.close(number);
            }
        } catch (NoSuchFileException e) {
            return State.MISSING;
        } catch (IOException e) {
            throw failed(path, "looked at", e.toString());
        }
    }

    /// What stands at a name that is not a pipe of ours, in words.
    ///
    /// @param path the name
    /// @return for example `a symbolic link`
    public static String describe(Path path) {
        try {
            FileStatus status = FileStatus.of(path);
            return status.isOwn() ? status.kind().words : status.kind().words + " of the user " + status.uid();
        } catch (IOException e) {
            return "not there any more";
        }
    }

    /// Opens the end to read from; does not wait for a writer.
    ///
    /// @param path the pipe
    /// @return the end, or nothing if there is no pipe of this name
    /// @throws SystemCallException if it is no pipe, or cannot be opened
    public static Optional<Descriptor> openToRead(Path path) {
        return open(path, Libc.O_RDONLY);
    }

    /// Takes the lock of a pipe whose reader this process is; whoever looks at the pipe has it for an instant, too.
    ///
    /// @param reader the end to read from, which holds the lock until it is closed
    /// @return false if somebody else has it
    public static boolean hold(Descriptor reader) {
        int result = -Libc.EAGAIN;
        for (int i = 0; i < LOCK_ATTEMPTS && result == -Libc.EAGAIN; i++) {
            if (i > 0) {
                LockSupport.parkNanos(LOCK_PAUSE_NANOS);
            }
            result = Libc.flock(reader.number(), Libc.LOCK_EX | Libc.LOCK_NB);
        }
        return result == 0;
    }

    /// Opens the end to write to; does not wait for a reader.
    ///
    /// @param path the pipe
    /// @return the end, or nothing if there is no pipe of this name or nobody reads it
    /// @throws SystemCallException if it is no pipe, or cannot be opened
    public static Optional<Descriptor> openToWrite(Path path) {
        return open(path, Libc.O_WRONLY);
    }

    /// Opens an end of a pipe by what [Descriptor#path()] says, in another process of this user; it has no other name.
    ///
    /// @param path in `/proc`
    /// @param toRead whether to read from it, or to write to it
    /// @return the end, or nothing if it is closed by now
    /// @throws SystemCallException if it cannot be opened
    public static Optional<Descriptor> openLinked(Path path, boolean toRead) {
        Descriptor.checkSupported();
        return opened(path, Libc.open(
                path, (toRead ? Libc.O_RDONLY : Libc.O_WRONLY) | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0));
    }

    private static Optional<Descriptor> open(Path path, int mode) {
        Descriptor.checkSupported();
        try {
            // Looked at first, because opening a device can have effects; there is no other harm in a change between.
            if (!FileStatus.of(path).is(FileStatus.Kind.FIFO)) {
                throw failed(path, "opened", "it is " + describe(path) + ", not a named pipe; take it away");
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed(path, "looked at", e.toString());
        }
        return opened(path, Libc.open(path, mode | Libc.O_NONBLOCK | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0));
    }

    private static Optional<Descriptor> opened(Path path, int number) {
        if (number == -Libc.ENOENT || number == -Libc.ENXIO) {
            return Optional.empty();
        }
        if (number < 0) {
            throw failed(path, "opened", Libc.words(number));
        }
        return Optional.of(new Descriptor(number));
    }

    private static SystemCallException failed(Path path, String what, String why) {
        return new SystemCallException("the pipe " + path + " cannot be " + what + ": " + why);
    }

    /// Its name.
    ///
    /// @return the path
    public Path path() {
        return path;
    }

    /// Gives it another name, in one step: what had that name before has none afterwards.
    ///
    /// @param name the name
    /// @throws SystemCallException if that cannot be
    public void rename(Path name) {
        try {
            Files.move(path, name, StandardCopyOption.ATOMIC_MOVE);
            path = name;
        } catch (IOException e) {
            throw failed(path, "renamed", e.toString());
        }
    }

    /// Whether a name still is this pipe's.
    ///
    /// @return false if the name is gone, or another file's
    public boolean isNamed() {
        try {
            return FileStatus.of(path).isSameFileAs(made);
        } catch (IOException e) {
            return false;
        }
    }

    /// The end to read from, which holds the lock.
    ///
    /// @return the end
    public Descriptor reader() {
        return reader;
    }

    /// Takes its name away, if it still is this pipe's.
    public void unlink() {
        if (isNamed()) {
            Libc.unlink(path);
        }
    }
}
