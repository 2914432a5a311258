package io.sluice.ipc.benchmarks;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.SegmentBuffer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// A Sluice channel used by polling: nothing blocks, nothing is allocated.
final class PollingWire implements Wire {
    private final Channel channel;
    private MessageHandler listener;

    PollingWire(Channel channel) {
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
        return channel.poll(listener, limit);
    }

    @Override
    public boolean offer(DirectBuffer buffer, int offset, int length) {
        return channel.offer(buffer, offset, length);
    }

    @Override
    public boolean claim(long sequence, int length) {
        Claim claim = channel.tryClaim(length);
        if (claim == null) {
            return false;
        }
        claim.buffer().putLong(claim.offset(), sequence);
        claim.commit();
        return true;
    }

    @Override
    public void close() {
        channel.close();
    }
}
