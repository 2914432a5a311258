package io.sluice.ipc.benchmarks;

import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.SegmentBuffer;
import java.io.IOException;
import java.nio.file.Path;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/// A pair of sockets of JeroMQ, the ZeroMQ in Java, through their blocking calls. Over `tcp://`: its `ipc://` is the same, on a
/// port made of the name.
final class ZeroMqWire implements Wire {
    private final ZContext context = new ZContext();
    private final ZMQ.Socket socket = context.createSocket(SocketType.PAIR);
    private final SegmentBuffer incoming;
    private final byte[] outgoing;
    private final byte[] received;
    private MessageHandler listener;

    ZeroMqWire(Path directory, Side side, int length) throws IOException, InterruptedException {
        outgoing = new byte[length];
        received = new byte[length];
        incoming = new SegmentBuffer(received);
        if (side == Side.MEASURING) {
            socket.connect(Meeting.await(directory));
        } else {
            socket.bind("tcp://127.0.0.1:*");
            Meeting.announce(directory, socket.getLastEndpoint());
        }
    }

    @Override
    public MutableDirectBuffer allocate(int length) {
        return new SegmentBuffer(outgoing);
    }

    @Override
    public void listen(MessageHandler handler) {
        listener = handler;
    }

    @Override
    public int poll(int limit) {
        int length = socket.recv(received, 0, received.length, 0);
        if (length < 0) {
            throw new IllegalStateException("receiving failed: " + socket.errno());
        }
        listener.onMessage(incoming, 0, length);
        return 1;
    }

    @Override
    public boolean offer(DirectBuffer buffer, int offset, int length) {
        buffer.getBytes(offset, outgoing, 0, length);
        return socket.send(outgoing, 0, length, 0);
    }

    @Override
    public boolean claim(long sequence, int length) {
        throw new UnsupportedOperationException("a ZeroMQ socket has no claim");
    }

    @Override
    public void close() {
        context.close();
    }
}
