package io.sluice.ipc.mq;

import io.sluice.ipc.Address;
import io.sluice.ipc.IpcException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A queue that is there, as the kernel lists it.
///
/// Sources: mq_overview(7) for the file system of POSIX queues; sysvipc(7) and proc(5) for /proc/sysvipc/msg.
///
/// @param address what opens it
/// @param uid the number of its owner
/// @param mode its permissions, 0777 at most
/// @param messages how many wait; -1 where only its owner is told
/// @param bytes how many bytes they have
public record QueueEntry(String address, long uid, int mode, long messages, long bytes) {
    private static final Path MOUNTS = Path.of("/proc/self/mounts");
    private static final Path SYSTEM_V = Path.of("/proc/sysvipc/msg");
    private static final int PERMISSIONS = 0777;

    /// The POSIX queues.
    ///
    /// @return all that there are, by name; empty if their file system is mounted nowhere, which is where the kernel lists
    ///     them: `mount -t mqueue none /dev/mqueue`
    /// @throws IOException if they cannot be read
    public static Optional<List<QueueEntry>> posix() throws IOException {
        Optional<Path> directory = mountOfQueues();
        if (directory.isEmpty()) {
            return Optional.empty();
        }
        List<QueueEntry> entries = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.get())) {
            for (Path file : files) {
                try {
                    entries.add(posix(file));
                } catch (NoSuchFileException e) {
                    // It was removed meanwhile.
                }
            }
        }
        entries.sort(Comparator.comparing(QueueEntry::address));
        return Optional.of(entries);
    }

    private static QueueEntry posix(Path file) throws IOException {
        Map<String, Object> status = Files.readAttributes(file, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
        String name = file.getFileName().toString();
        long bytes = 0;
        long messages = -1;
        if (Files.isReadable(file)) {
            // QSIZE:129     NOTIFY:2    SIGNO:0    NOTIFY_PID:8260
            bytes = Long.parseLong(Files.readAllLines(file).getFirst().split("[: ]+")[1]);
            try (MessageQueue queue = MessageQueue.open(
                    Address.parse("mq:/").withPlace(name).with("create", "false"))) {
                messages = queue.stat().messages();
            } catch (IpcException e) {
                messages = -1; // readable, but not writable
            }
        }
        return new QueueEntry(
                "mq:" + name,
                Integer.toUnsignedLong((Integer) status.get("uid")),
                (Integer) status.get("mode") & PERMISSIONS,
                messages,
                bytes);
    }

    private static Optional<Path> mountOfQueues() throws IOException {
        if (!Files.exists(MOUNTS)) {
            return Optional.empty();
        }
        return Files.readAllLines(MOUNTS).stream()
                .map(line -> line.split(" "))
                .filter(fields -> fields.length > 2 && fields[2].equals("mqueue"))
                .map(fields -> Path.of(fields[1]))
                .findFirst();
    }

    /// The System V queues.
    ///
    /// @return all that there are, in the kernel's order; those without a key (IPC_PRIVATE) cannot be opened by it
    /// @throws IOException if they cannot be read
    public static List<QueueEntry> systemV() throws IOException {
        if (!Files.exists(SYSTEM_V)) {
            return List.of();
        }
        //        key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid  ...
        return Files.readAllLines(SYSTEM_V).stream()
                .skip(1)
                .map(line -> line.strip().split(" +"))
                .map(fields -> new QueueEntry(
                        "sysv:0x%08x".formatted((int) Long.parseLong(fields[0])),
                        Long.parseLong(fields[7]),
                        Integer.parseInt(fields[2], 8) & PERMISSIONS,
                        Long.parseLong(fields[4]),
                        Long.parseLong(fields[3])))
                .toList();
    }
}
