package io.sluice.ipc.cli;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Message;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ipc send ADDRESS [TEXT|-]`.
@Command(name = "send", description = {
    "Send a text, or each line of standard input, as a message, and print what comes back.",
    "",
    "It ends once as many messages have come back as were sent, or the other side has closed, or --linger"
            + " is over."
}, sortOptions = false)
final class SendCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "ADDRESS", description = "Where somebody listens.")
    private String address;

    @Parameters(index = "1", arity = "0..1", paramLabel = "TEXT|-", defaultValue = "-", description = "The message; each line of standard input if it is - or not given.")
    private String text;

    @Option(names = "--linger", paramLabel = "TIME", defaultValue = "500ms", description = "How long to wait for a reply that is still missing, counted anew after each; 0s not at all,"
            + " or forever. Default ${DEFAULT-VALUE}.")
    private Duration linger;

    /// What the two threads tell the main one.
    private enum What {
        SENT_ALL, REPLY, END, FAILED
    }

    private record Event(What what, Exception failure) {}

    private final Terminal terminal = Terminal.standard();
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    /// Written by the sending thread, and read after its [What#SENT_ALL] came through the queue.
    private long sent;

    @Override
    public Integer call() throws Exception {
        try (Channel channel = Ipc.connect(address)) {
            OnExit.close(channel);
            start("replies", () -> printReplies(channel));
            start("messages", () -> sendAll(channel));
            await(channel);
            return 0;
        }
    }

    private void start(String name, Callable<What> task) {
        Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                events.add(new Event(task.call(), null));
            } catch (Exception e) {
                events.add(new Event(What.FAILED, e));
            }
        });
    }

    private What sendAll(Channel channel) throws InterruptedException, IOException {
        if (!text.equals("-")) {
            channel.send(text.getBytes(StandardCharsets.UTF_8));
            sent = 1;
            return What.SENT_ALL;
        }
        Lines lines = new Lines(new FileInputStream(FileDescriptor.in), channel.capabilities().maxMessage());
        for (byte[] line; (line = lines.next()) != null;) {
            channel.send(line);
            sent++;
        }
        return What.SENT_ALL;
    }

    private What printReplies(Channel channel) throws InterruptedException {
        for (Message message; (message = channel.receive()) != null;) {
            terminal.line(message.bytes(), 0, message.length());
            events.add(new Event(What.REPLY, null));
        }
        return What.END;
    }

    private void await(Channel channel) throws Exception {
        long replies = 0;
        boolean sentAll = false;
        boolean ended = false;
        while (!sentAll || !ended && replies < sent) {
            Event event = next(sentAll, ended);
            if (event == null && sentAll) {
                return;
            }
            if (event == null) {
                throw new FailedException(
                        channel.address().withoutOptions() + ": the other side closed before all was sent");
            }
            switch (event.what()) {
                case REPLY -> replies++;
                case SENT_ALL -> sentAll = true;
                case END -> ended = true;
                case FAILED -> throw event.failure();
            }
        }
    }

    private Event next(boolean sentAll, boolean ended) throws InterruptedException {
        if (sentAll) {
            return events.poll(linger.toNanos(), TimeUnit.NANOSECONDS);
        }
        // A peer that closed may have had all before it did; the sending thread is about to say so then.
        return ended ? events.poll(100, TimeUnit.MILLISECONDS) : events.take();
    }
}
