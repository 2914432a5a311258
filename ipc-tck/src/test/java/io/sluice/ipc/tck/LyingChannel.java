package io.sluice.ipc.tck;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capabilities;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Channel;
import io.sluice.ipc.ChannelStats;
import io.sluice.ipc.Claim;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Message;
import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.Peer;
import io.sluice.ipc.TimedOutException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// An honest channel, but for one [Lie].
final class LyingChannel implements Channel {
    /// One message in so many is treated badly, so that it takes a search to find it.
    private static final int SELDOM = 10_007;

    /// What leaks must stay reachable, or it might be collected.
    private static final List<Object> LEAKED = new ArrayList<>();

    private final Lie lie;
    private final Address address;
    private final Channel honest;
    private long sent;
    private byte[] heldBack;
    private Object garbage;

    LyingChannel(Lie lie, Address address, Channel honest) {
        this.lie = lie;
        this.address = address;
        this.honest = honest;
        switch (lie) {
            case LEAKS_A_THREAD -> LEAKED.add(Thread.ofPlatform().daemon().name("leaked").start(LyingChannel::sleep));
            case LEAKS_A_DESCRIPTOR -> LEAKED.add(open());
            case BURNS_CPU -> Thread.ofPlatform().daemon().name("burning").start(this::burn);
            default -> {}
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(Duration.ofHours(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static FileInputStream open() {
        try {
            return new FileInputStream("/dev/null");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void burn() {
        while (honest.isOpen()) {
            Thread.onSpinWait();
        }
    }

    private static byte[] copy(DirectBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return bytes;
    }

    @Override
    public void send(DirectBuffer buffer, int offset, int length) throws InterruptedException {
        boolean bad = ++sent % SELDOM == 0;
        if (bad && (lie == Lie.DROPS_A_MESSAGE || lie == Lie.LOSES_UNCOUNTED)) {
            return;
        }
        if (bad && lie == Lie.SWAPS_TWO_MESSAGES) {
            heldBack = copy(buffer, offset, length);
            return;
        }
        if (lie == Lie.TIMES_OUT_AT_ONCE) {
            if (!honest.offer(buffer, offset, length)) {
                throw new TimedOutException("not that it waited");
            }
            return;
        }
        honest.send(buffer, offset, cut(length));
        if (heldBack != null) {
            honest.send(heldBack);
            heldBack = null;
        }
        if (bad && (lie == Lie.DOUBLES_A_MESSAGE || lie == Lie.DOUBLES_THE_UNRELIABLE)) {
            honest.send(buffer, offset, length);
        }
    }

    private int cut(int length) {
        return lie == Lie.CUTS_WHAT_IS_TOO_LARGE ? Math.min(length, honest.capabilities().maxMessage()) : length;
    }

    @Override
    public boolean offer(DirectBuffer buffer, int offset, int length) {
        if (lie == Lie.ALLOCATES) {
            garbage = new byte[length];
        }
        boolean accepted = honest.offer(buffer, offset, cut(length));
        if (!accepted && lie == Lie.IS_NEVER_FULL) {
            LEAKED.add(copy(buffer, offset, Math.min(length, 1)));
            return true;
        }
        if (!accepted && lie == Lie.SENDS_WHAT_IT_REFUSED) {
            heldBack = copy(buffer, offset, length);
        }
        return accepted;
    }

    @Override
    public Message receive() throws InterruptedException {
        try {
            return lied(honest.receive());
        } catch (InterruptedException e) {
            if (lie == Lie.LEAVES_THE_INTERRUPT_FLAG) {
                Thread.currentThread().interrupt();
            }
            throw e;
        }
    }

    @Override
    public Message receive(Duration timeout) throws InterruptedException {
        return lied(honest.receive(timeout));
    }

    private Message lied(Message message) {
        if (message == null && lie == Lie.THROWS_AT_THE_END) {
            throw new ClosedException("the end");
        }
        if (message != null && message.length() > 100_000 && lie == Lie.TEARS_LARGE_MESSAGES) {
            Arrays.fill(message.bytes(), 90_000, 90_004, (byte) 0);
        }
        return message;
    }

    @Override
    public Claim tryClaim(int length) {
        Claim claim = honest.tryClaim(length);
        if (claim == null || lie != Lie.SENDS_ABORTED_CLAIMS) {
            return claim;
        }
        return new Claim() {
            @Override
            public MutableDirectBuffer buffer() {
                return claim.buffer();
            }

            @Override
            public int offset() {
                return claim.offset();
            }

            @Override
            public int length() {
                return claim.length();
            }

            @Override
            public void commit() {
                claim.commit();
            }

            @Override
            public void abort() {
                claim.commit();
            }
        };
    }

    @Override
    public int poll(MessageHandler handler, int limit) {
        return honest.poll(handler, limit);
    }

    @Override
    public Address address() {
        return address;
    }

    @Override
    public Peer peer() {
        return honest.peer();
    }

    @Override
    public Capabilities capabilities() {
        Capabilities truth = honest.capabilities();
        Set<Capability> promises = EnumSet.copyOf(truth.promises());
        if (lie == Lie.PROMISES_ANOTHER_PROCESS) {
            promises.add(Capability.CROSS_PROCESS);
        } else if (lie.isUnreliable()) {
            promises.remove(Capability.RELIABLE);
        }
        return new Capabilities(promises, truth.maxMessage(), truth.maxClaim());
    }

    @Override
    public ChannelStats stats() {
        return lie == Lie.COUNTS_NOTHING ? new ChannelStats(0, 0, 0, 0, 0, 0, 0, 0) : honest.stats();
    }

    @Override
    public boolean isOpen() {
        return honest.isOpen();
    }

    @Override
    public void close() {
        if (lie != Lie.WORKS_AFTER_ITS_CLOSE) {
            honest.close();
        }
    }
}
