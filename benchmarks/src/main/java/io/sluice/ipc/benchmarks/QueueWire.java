package io.sluice.ipc.benchmarks;

import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.mq.MessageQueue;
import io.sluice.ipc.mq.QueueHandler;
import java.nio.file.Path;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// Two queues of the kernel, used through their blocking calls: `-ping` to the partner, `-pong` to the one that measures. They
/// bear the name of the run's directory, which removes them.
final class QueueWire implements Wire {
    private final MessageQueue outgoing;
    private final MessageQueue incoming;
    private final long label;
    private QueueHandler listener;

    QueueWire(String scheme, String options, Path directory, Side side) {
        String place = scheme + ":" + directory.getFileName();
        String suffix = options + (options.isEmpty() ? "?" : "&") + "send-timeout=forever";
        boolean measuring = side == Side.MEASURING;
        outgoing = MessageQueue.open(place + (measuring ? "-ping" : "-pong") + suffix);
        incoming = MessageQueue.open(place + (measuring ? "-pong" : "-ping") + suffix);
        label = scheme.equals("mq") ? 0 : 1;
    }

    /// Removes the queues of a run, if there are any.
    static void remove(Path directory) {
        for (String scheme : new String[] {"mq:", "sysv:"}) {
            for (String end : new String[] {"-ping", "-pong"}) {
                MessageQueue.remove(scheme + directory.getFileName() + end);
            }
        }
    }

    @Override
    public MutableDirectBuffer allocate(int length) {
        return new SegmentBuffer(new byte[length]);
    }

    @Override
    public void listen(MessageHandler handler) {
        listener = (buffer, offset, length, messageLabel) -> handler.onMessage(buffer, offset, length);
    }

    @Override
    public int poll(int limit) {
        try {
            incoming.receive(listener);
            return 1;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean offer(DirectBuffer buffer, int offset, int length) {
        try {
            outgoing.send(buffer, offset, length, label);
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean claim(long sequence, int length) {
        throw new UnsupportedOperationException("a queue has no claim");
    }

    @Override
    public void close() {
        outgoing.close();
        incoming.close();
    }
}
