package io.sluice.ipc.socket;

import io.netty.channel.unix.Socket;
import io.sluice.ipc.Peer;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.os.Accounts;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.PollSet;
import io.sluice.ipc.os.PollWait;
import io.sluice.ipc.stream.ByteStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A stream socket of the operating system: read(2), write(2) and poll(2) of its descriptor, and Netty for the rest. What the
/// numbers of options and the layout of their values are: socket(7), tcp(7), unix(7).
final class NativeSocket implements StreamSocket {
    private static final Logger LOG = LoggerFactory.getLogger(NativeSocket.class);

    private static final int SOL_SOCKET = 1;
    /// `struct ucred`: pid, uid and gid, 4 bytes each.
    private static final int SO_PEERCRED = 17;
    private static final int UCRED_LENGTH = 12;

    private static final int IPPROTO_TCP = 6;
    private static final int TCP_KEEPIDLE = 4;
    private static final int TCP_KEEPINTVL = 5;
    private static final int TCP_KEEPCNT = 6;

    private final NativeIo.Loops loops;
    private final Socket socket;
    private final Descriptor descriptor;
    private final boolean inet;

    /// @param socket one that does not block, and is this one's to close
    /// @param inet whether it is one of TCP, not of one machine
    NativeSocket(NativeIo.Loops loops, Socket socket, boolean inet) {
        this.loops = loops;
        this.socket = socket;
        this.descriptor = Descriptor.adopted(socket.intValue());
        this.inet = inet;
    }

    @Override
    public boolean finishConnect() throws IOException {
        enter();
        try {
            // That there is no error, SO_ERROR, does not say that it is decided; that there is a peer, getpeername(2), does.
            return socket.finishConnect() && (!inet || socket.remoteAddress() != null);
        } finally {
            descriptor.leave();
        }
    }

    /// Its number is this socket's until [Descriptor#leave()].
    private void enter() throws ClosedChannelException {
        if (!descriptor.enter()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public int read(MemorySegment to, long offset, int length) {
        try {
            return descriptor.read(to, offset, length);
        } catch (SystemCallException e) {
            LOG.debug("{}: reading ends: {}", socket, e.getMessage());
            return ByteStream.END; // reset, or given up by keep-alive
        }
    }

    @Override
    public int write(MemorySegment from, long offset, int length) {
        try {
            return descriptor.write(from, offset, length);
        } catch (SystemCallException e) {
            LOG.debug("{}: writing ends: {}", socket, e.getMessage());
            return ByteStream.END;
        }
    }

    @Override
    public void keepAlive(KeepAlive keepAlive) throws IOException {
        if (!inet) {
            return;
        }
        enter();
        try {
            socket.setTcpNoDelay(true);
            if (keepAlive != null) {
                socket.setKeepAlive(true);
                socket.setIntOpt(IPPROTO_TCP, TCP_KEEPIDLE, keepAlive.idleSeconds());
                socket.setIntOpt(IPPROTO_TCP, TCP_KEEPINTVL, keepAlive.intervalSeconds());
                socket.setIntOpt(IPPROTO_TCP, TCP_KEEPCNT, keepAlive.count());
            }
        } finally {
            descriptor.leave();
        }
    }

    @Override
    public InetSocketAddress serverAddress(boolean client) throws IOException {
        enter();
        try {
            InetSocketAddress address = client ? socket.remoteAddress() : socket.localAddress();
            if (address == null) {
                throw new IOException("the socket is connected no more");
            }
            return address;
        } finally {
            descriptor.leave();
        }
    }

    @Override
    public Peer peer() throws IOException {
        if (inet) {
            return Peer.UNKNOWN;
        }
        ByteBuffer credentials = ByteBuffer.allocate(UCRED_LENGTH).order(ByteOrder.nativeOrder());
        enter();
        try {
            socket.getRawOpt(SOL_SOCKET, SO_PEERCRED, credentials);
        } finally {
            descriptor.leave();
        }
        int pid = credentials.getInt(0); // 0: it is in a namespace whose processes have no number here
        return new Peer(
                Optional.of(Accounts.user(credentials.getInt(4))),
                Optional.of(Accounts.group(credentials.getInt(8))),
                pid > 0 ? OptionalLong.of(pid) : OptionalLong.empty());
    }

    @Override
    public boolean resetsUnread() {
        return inet;
    }

    @Override
    public SocketWait newWait(boolean forInput) {
        return new Polling(new PollWait(), descriptor, forInput ? PollSet.IN : PollSet.OUT);
    }

    @Override
    public LoopHandle handle(LoopHandle.Ready ready) {
        return loops.handle(socket, descriptor, ready);
    }

    @Override
    public boolean shutdownOutput() {
        if (descriptor.enter()) {
            try {
                socket.shutdown(false, true);
            } catch (IOException | NotYetConnectedException e) { // the latter is Netty's word for ENOTCONN, after a reset
                LOG.debug("{}: its output cannot be ended", socket, e); // it is over already
            } finally {
                descriptor.leave();
            }
        }
        return true;
    }

    @Override
    public void close() {
        descriptor.close();
    }

    /// Waits in poll(2), where a thread is woken 1 to 2 us sooner than in a selector.
    private record Polling(PollWait poll, Descriptor descriptor, int events) implements SocketWait {
        @Override
        public void await(long nanos) {
            poll.await(descriptor, events, nanos);
        }

        @Override
        public void wakeUp() {
            poll.wakeUp();
        }

        @Override
        public void close() {
            poll.close();
        }
    }
}
