package io.sluice.ipc.benchmarks;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Message;
import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.SegmentBuffer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// A Sluice channel used through its blocking calls, one message at a time.
final class BlockingWire implements Wire {
    private final Channel channel;
    private MessageHandler listener;

    BlockingWire(Channel channel) {
        this.channel = channel;
    }

    @Override
    public MutableDirectBuffer allocate(int length) {
        return new SegmentBuffer(new byte[length]);
    }

    @Override
    public void listen(MessageHandler handler) {
        listener = handler;
    }

    @Override
    public int poll(int limit) {
        try {
            Message message = channel.receive();
            if (message == null) {
                return 0;
            }
            listener.onMessage(message.buffer(), 0, message.length());
            return 1;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean offer(DirectBuffer buffer, int offset, int length) {
        try {
            channel.send(buffer, offset, length);
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean claim(long sequence, int length) {
        throw new UnsupportedOperationException("a claim does not block");
    }

    @Override
    public void close() {
        channel.close();
    }
}
