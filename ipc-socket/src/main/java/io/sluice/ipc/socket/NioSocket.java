package io.sluice.ipc.socket;

import io.sluice.ipc.Peer;
import io.sluice.ipc.stream.ByteStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.OptionalLong;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A stream socket of the JDK.
final class NioSocket implements StreamSocket {
    private static final Logger LOG = LoggerFactory.getLogger(NioSocket.class);
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final SocketChannel channel;
    private final boolean inet;
    private final SegmentView input = new SegmentView();
    private final SegmentView output = new SegmentView();

    /// @param channel one that does not block
    /// @param inet whether it is one of TCP, not of one machine
    NioSocket(SocketChannel channel, boolean inet) {
        this.channel = channel;
        this.inet = inet;
    }

    @Override
    public boolean finishConnect() throws IOException {
        return channel.finishConnect();
    }

    @Override
    public int read(MemorySegment to, long offset, int length) {
        try {
            return channel.read(input.of(to, offset, length)); // -1 is the end, 0 nothing: as ByteStream says it
        } catch (ClosedChannelException e) {
            return ByteStream.CLOSED;
        } catch (IOException e) {
            LOG.debug("{}: reading ends: {}", channel, e.getMessage());
            return ByteStream.END; // reset, or given up by keep-alive
        }
    }

    @Override
    public int write(MemorySegment from, long offset, int length) {
        try {
            return channel.write(output.of(from, offset, length));
        } catch (ClosedChannelException e) {
            return channel.isOpen() ? ByteStream.END : ByteStream.CLOSED; // this side's output alone may be closed
        } catch (IOException e) {
            LOG.debug("{}: writing ends: {}", channel, e.getMessage());
            return ByteStream.END;
        }
    }

    @Override
    public void keepAlive(KeepAlive keepAlive) throws IOException {
        if (inet) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (keepAlive != null) {
                channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                if (channel.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
                    channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, keepAlive.idleSeconds());
                    channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, keepAlive.intervalSeconds());
                    channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, keepAlive.count());
                }
            }
        }
    }

    @Override
    public InetSocketAddress serverAddress(boolean client) throws IOException {
        return (InetSocketAddress) (client ? channel.getRemoteAddress() : channel.getLocalAddress());
    }

    @Override
    public Peer peer() throws IOException {
        if (inet || !channel.supportedOptions().contains(ExtendedSocketOptions.SO_PEERCRED)) {
            return Peer.UNKNOWN;
        }
        UnixDomainPrincipal principal = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
        return new Peer(
                Optional.of(principal.user().getName()),
                Optional.of(principal.group().getName()),
                OptionalLong.empty());
    }

    @Override
    public boolean resetsUnread() {
        return inet;
    }

    @Override
    public SocketWait newWait(boolean forInput) throws IOException {
        return new SelectorWait(channel, forInput ? SelectionKey.OP_READ : SelectionKey.OP_WRITE);
    }

    @Override
    public LoopHandle handle(LoopHandle.Ready ready) {
        return new NioIo.Handle(channel, ready);
    }

    @Override
    public boolean shutdownOutput() {
        try {
            channel.shutdownOutput();
        } catch (IOException e) {
            LOG.debug("{}: its output cannot be ended", channel, e); // it is over already
        }
        return true;
    }

    @Override
    public void close() {
        close(channel);
    }

    static void close(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("{} cannot be closed", channel, e);
        }
    }

    /// Waits in a selector that has this socket only.
    private static final class SelectorWait implements SocketWait {
        private final Selector selector;

        SelectorWait(SocketChannel channel, int operations) throws IOException {
            selector = Selector.open();
            boolean done = false;
            try {
                channel.register(selector, operations);
                done = true;
            } finally {
                if (!done) {
                    selector.close();
                }
            }
        }

        @Override
        public void await(long nanos) {
            try {
                long millis = nanos == Long.MAX_VALUE ? 0 : Math.max(1, Math.ceilDiv(nanos, NANOS_PER_MILLI));
                selector.select(_ -> {}, millis);
            } catch (ClosedSelectorException e) {
                // closed meanwhile: the caller looks
            } catch (IOException e) {
                LOG.debug("a wait has failed", e);
            }
        }

        @Override
        public void wakeUp() {
            if (selector.isOpen()) {
                try {
                    selector.wakeup();
                } catch (ClosedSelectorException e) {
                    // nobody waits any more
                }
            }
        }

        @Override
        public void close() {
            try {
                selector.close();
            } catch (IOException e) {
                LOG.debug("a selector cannot be closed", e);
            }
        }
    }
}
