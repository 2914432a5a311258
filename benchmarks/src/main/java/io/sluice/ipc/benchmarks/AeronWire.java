package io.sluice.ipc.benchmarks;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FragmentHandler;
import io.sluice.ipc.MessageHandler;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/// Aeron IPC: an exclusive publication and a subscription each way, of one stream each, which their owner polls by itself.
final class AeronWire implements Wire {
    private static final String CHANNEL = System.getProperty("aeron.benchmark.channel", "aeron:ipc");
    private static final int TO_PARTNER = 1;
    private static final int FROM_PARTNER = 2;

    private final Aeron aeron;
    private final ExclusivePublication publication;
    private final Subscription subscription;
    private final BufferClaim claim = new BufferClaim();
    private FragmentHandler listener;

    AeronWire(Path directory, Side side) {
        aeron = Aeron.connect(new Aeron.Context()
                .aeronDirectoryName(AeronDriver.place(directory))
                .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(AeronDriver.PATIENCE_NANOSECONDS)));
        publication = aeron.addExclusivePublication(CHANNEL, side == Side.MEASURING ? TO_PARTNER : FROM_PARTNER);
        subscription = aeron.addSubscription(CHANNEL, side == Side.MEASURING ? FROM_PARTNER : TO_PARTNER);
        while (!publication.isConnected() || !subscription.isConnected()) {
            Thread.onSpinWait();
        }
    }

    @Override
    public MutableDirectBuffer allocate(int length) {
        return new UnsafeBuffer(new byte[length]);
    }

    @Override
    public void listen(MessageHandler handler) {
        listener = (buffer, offset, length, header) -> handler.onMessage(buffer, offset, length);
    }

    @Override
    public int poll(int limit) {
        return subscription.poll(listener, limit);
    }

    @Override
    public boolean offer(DirectBuffer buffer, int offset, int length) {
        return accepted(publication.offer(buffer, offset, length));
    }

    @Override
    public boolean claim(long sequence, int length) {
        if (!accepted(publication.tryClaim(length, claim))) {
            return false;
        }
        claim.buffer().putLong(claim.offset(), sequence);
        claim.commit();
        return true;
    }

    private static boolean accepted(long position) {
        if (position == Publication.CLOSED || position == Publication.MAX_POSITION_EXCEEDED) {
            throw new IllegalStateException(Publication.errorString(position));
        }
        return position > 0;
    }

    @Override
    public void close() {
        aeron.close();
    }
}
