package io.sluice.ipc.cli;

import io.sluice.ipc.cli.Table.Column;
import io.sluice.ipc.mq.QueueEntry;
import io.sluice.ipc.spi.Quantities;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `ipc doctor`: every limit of this system that a transport can meet, as it is now, and what it means.
@Command(name = "doctor", description = {
    "Print the limits of this system, and what each means for which transport.",
    "",
    "It changes nothing. A limit under /proc/sys is raised by root, with sysctl -w; one of ulimit by the shell that starts"
            + " the program, up to its hard limit."
})
final class DoctorCommand implements Callable<Integer> {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final String UNKNOWN = "-";

    private final Terminal terminal = Terminal.standard();

    @Override
    public Integer call() throws IOException {
        machine();
        memory();
        posixQueues();
        systemVQueues();
        descriptors();
        return 0;
    }

    private Table table() {
        return new Table(
                terminal.isUnicode(), Column.text("limit", 27), Column.text("now", 9),
                Column.text("what it means", 40));
    }

    private void print(String title, Table table) {
        terminal.line(title);
        table.lines().forEach(line -> terminal.line(line));
        terminal.line("");
    }

    private void machine() {
        Table table = table();
        int cores = Runtime.getRuntime().availableProcessors();
        table.add("cores", Integer.toString(cores),
                cores > 1
                        ? "wait=spin takes one for each thread that waits"
                        : "wait=spin makes everything wait for the scheduler; use wait=block");
        table.add("JDK", Runtime.version().toString().replaceAll("[+-].*", ""), "25 or later is needed");
        table.add("system", System.getProperty("os.name"),
                System.getProperty("os.arch")
                        + "; shm:, mq: and sysv: need Linux on amd64 or aarch64 for all they can do");
        table.add("native access", DoctorCommand.class.getModule().isNativeAccessEnabled() ? "yes" : "not said",
                "without Enable-Native-Access in the manifest of its jar, a JVM prints a warning");
        print("The machine", table);
    }

    private void memory() throws IOException {
        Table table = table();
        if (Files.isDirectory(SHARED_MEMORY)) {
            FileStore store = Files.getFileStore(SHARED_MEMORY);
            table.add("/dev/shm, size", size(store.getTotalSpace()), "shm: all channels of all users together");
            table.add("/dev/shm, free", size(store.getUsableSpace()),
                    "shm: a channel takes 513k by default; ?capacity= for less, ipc.shm.dir for another place");
        } else {
            table.add("/dev/shm", "not there", "shm: uses the directory for temporary files");
        }
        table.add("ulimit -l (memlock)", limit("Max locked memory"),
                "what a process may lock in memory; Sluice locks none, io_uring of other libraries may");
        print("Memory", table);
    }

    private void posixQueues() throws IOException {
        Table table = table();
        Optional<List<QueueEntry>> queues = QueueEntry.posix();
        table.add("queues now", queues.map(all -> Integer.toString(all.size())).orElse(UNKNOWN),
                queues.isPresent() ? "see ipc mq ls" : "unknown: mount -t mqueue none /dev/mqueue shows them");
        table.add("fs.mqueue.queues_max", system("fs/mqueue/queues_max"), "how many queues there may be");
        table.add("ulimit -q", limit("Max msgqueue size"),
                "bytes of all queues of a user; one takes depth x (message-size + 96)");
        table.add("fs.mqueue.msg_max", system("fs/mqueue/msg_max"), "the largest ?depth=");
        table.add("fs.mqueue.msgsize_max", system("fs/mqueue/msgsize_max"), "the largest ?message-size=, in bytes");
        table.add("fs.mqueue.msg_default", system("fs/mqueue/msg_default"), "the depth if none is asked for");
        table.add("fs.mqueue.msgsize_default", system("fs/mqueue/msgsize_default"),
                "the largest message if no ?message-size= is asked for");
        print("POSIX message queues, mq:", table);
    }

    private void systemVQueues() throws IOException {
        Table table = table();
        table.add("queues now", Integer.toString(QueueEntry.systemV().size()), "see ipc mq ls");
        table.add("kernel.msgmni", system("kernel/msgmni"), "how many queues there may be");
        table.add("kernel.msgmax", system("kernel/msgmax"), "the largest message, in bytes");
        table.add("kernel.msgmnb", system("kernel/msgmnb"),
                "bytes of a queue, and the largest ?capacity= but for root");
        print("System V message queues, sysv:", table);
    }

    private void descriptors() {
        Table table = table();
        table.add("ulimit -n", limit("Max open files"),
                "descriptors of a process: a channel of shm: takes one, a queue of mq: one, a thread that waits for it"
                        + " another");
        table.add("fs.file-max", system("fs/file-max"), "descriptors of all processes together");
        table.add("fs.pipe-max-size", system("fs/pipe-max-size"),
                "the largest buffer of a pipe, in bytes; 64k by default");
        table.add("fs.pipe-user-pages-soft", system("fs/pipe-user-pages-soft"),
                "pages in all pipes of a user, beyond which a new one gets one page or two");
        print("Descriptors and pipes", table);
    }

    /// A figure of /proc/sys.
    private static String system(String name) {
        try {
            return Files.readAllLines(Path.of("/proc/sys", name)).getFirst().strip();
        } catch (IOException | NoSuchElementException e) {
            return UNKNOWN;
        }
    }

    /// A soft limit of this process.
    private static String limit(String name) {
        try {
            return Files.readAllLines(LIMITS).stream()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(name.length()).strip().split(" +")[0])
                    .findFirst()
                    .orElse(UNKNOWN);
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    /// Bytes in the largest unit that leaves a whole number, as sizes are written in addresses.
    private static String size(long bytes) {
        long unit = bytes >= 10L << 30 ? 1L << 30 : bytes >= 10L << 20 ? 1L << 20 : 1L << 10;
        return Quantities.size(bytes / unit * unit);
    }
}
