package io.sluice.ipc.benchmarks;

import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.SegmentBuffer;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// A socket of the JDK, blocking and bare: a message is a number of bytes that both ends know, written by one write from
/// native memory. The reader takes as many at once as there are.
final class NioWire implements Wire {
    private static final int READ = 64 << 10;

    private final SocketChannel channel;
    private final int length;
    private final ByteBuffer incoming;
    private final SegmentBuffer messages;
    private ByteBuffer outgoing;
    private MutableDirectBuffer allocated;
    private MessageHandler listener;

    private NioWire(SocketChannel channel, int length) {
        this.channel = channel;
        this.length = length;
        this.incoming = ByteBuffer.allocateDirect(Math.max(READ, length));
        this.messages = new SegmentBuffer(MemorySegment.ofBuffer(incoming));
    }

    static Wire tcp(Path directory, Side side, int length) throws IOException, InterruptedException {
        SocketChannel channel = side == Side.MEASURING
                ? SocketChannel.open(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(),
                                Integer.parseInt(Meeting.await(directory))))
                : accept(StandardProtocolFamily.INET, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        directory);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return new NioWire(channel, length);
    }

    static Wire unix(Path directory, Side side, int length) throws IOException, InterruptedException {
        SocketChannel channel = side == Side.MEASURING
                ? SocketChannel.open(UnixDomainSocketAddress.of(Meeting.await(directory)))
                : accept(
                        StandardProtocolFamily.UNIX,
                        UnixDomainSocketAddress.of(directory.resolve("socket")),
                        directory);
        return new NioWire(channel, length);
    }

    private static SocketChannel accept(StandardProtocolFamily family, SocketAddress at, Path directory)
            throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open(family)) {
            server.bind(at);
            Meeting.announce(
                    directory,
                    server.getLocalAddress() instanceof InetSocketAddress inet
                            ? Integer.toString(inet.getPort())
                            : at.toString());
            return server.accept();
        }
    }

    @Override
    public MutableDirectBuffer allocate(int length) {
        outgoing = ByteBuffer.allocateDirect(length);
        allocated = new SegmentBuffer(MemorySegment.ofBuffer(outgoing));
        return allocated;
    }

    @Override
    public void listen(MessageHandler handler) {
        listener = handler;
    }

    @Override
    public int poll(int limit) {
        try {
            if (channel.read(incoming) < 0) {
                throw new EOFException("the other end has closed the socket");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int taken = 0;
        int at = 0;
        for (; incoming.position() - at >= length; at += length) {
            listener.onMessage(messages, at, length);
            taken++;
        }
        incoming.flip().position(at);
        incoming.compact();
        return taken;
    }

    /// A message that was not allocated here is copied first.
    @Override
    public boolean offer(DirectBuffer buffer, int offset, int length) {
        if (outgoing == null) {
            allocate(length);
        }
        if (buffer != allocated) {
            allocated.putBytes(0, buffer, offset, length);
        }
        outgoing.clear();
        try {
            while (outgoing.hasRemaining()) {
                channel.write(outgoing);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return true;
    }

    @Override
    public boolean claim(long sequence, int length) {
        throw new UnsupportedOperationException("a socket has no claim");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
