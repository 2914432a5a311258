package io.sluice.ipc.mq;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.OptionalLong;

/// The limits of this system on its queues, as they are now, and how to raise each.
enum KernelLimits {
    /// How many messages a POSIX queue may hold.
    DEPTH("/proc/sys/fs/mqueue/msg_max", "fs.mqueue.msg_max"),
    /// How large a message of a POSIX queue may be.
    POSIX_SIZE("/proc/sys/fs/mqueue/msgsize_max", "fs.mqueue.msgsize_max"),
    /// How many POSIX queues there may be.
    POSIX_QUEUES("/proc/sys/fs/mqueue/queues_max", "fs.mqueue.queues_max"),
    /// How deep a POSIX queue is if nothing is said.
    DEFAULT_DEPTH("/proc/sys/fs/mqueue/msg_default", "fs.mqueue.msg_default"),
    /// How large its messages may be if nothing is said.
    DEFAULT_SIZE("/proc/sys/fs/mqueue/msgsize_default", "fs.mqueue.msgsize_default"),
    /// How large a System V message may be.
    SYSTEM_V_SIZE("/proc/sys/kernel/msgmax", "kernel.msgmax"),
    /// How many bytes a System V queue holds.
    SYSTEM_V_CAPACITY("/proc/sys/kernel/msgmnb", "kernel.msgmnb"),
    /// How many System V queues there may be.
    SYSTEM_V_QUEUES("/proc/sys/kernel/msgmni", "kernel.msgmni");

    private static final Path OWN_LIMITS = Path.of("/proc/self/limits");

    private final Path file;
    private final String setting;

    KernelLimits(String file, String setting) {
        this.file = Path.of(file);
        this.setting = setting;
    }

    /// The limit now.
    OptionalLong value() {
        try {
            // Not Files.readString: it reads one byte, then the rest, and the kernel gives a number only to a whole read.
            return OptionalLong.of(Long.parseLong(Files.readAllLines(file).getFirst()));
        } catch (IOException | NumberFormatException | NoSuchElementException e) {
            return OptionalLong.empty();
        }
    }

    /// The limit now, or what it is where nobody has changed it.
    long valueOr(long usual) {
        return value().orElse(usual);
    }

    /// For a message: `10 (/proc/sys/fs/mqueue/msg_max; sysctl -w fs.mqueue.msg_max=64 raises it)`.
    String inWords(long wanted) {
        OptionalLong now = value();
        return (now.isPresent() ? Long.toString(now.getAsLong()) : "unknown") + " (" + file + "; as root, sysctl -w "
                + setting + "=" + wanted + " raises it)";
    }

    /// How many bytes the POSIX queues of this user may take together: the soft limit of RLIMIT_MSGQUEUE.
    static String queueBytes() {
        try {
            return Files.readAllLines(OWN_LIMITS).stream()
                    .filter(line -> line.startsWith("Max msgqueue size"))
                    .map(line -> line.substring("Max msgqueue size".length()).strip().split(" +")[0])
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
