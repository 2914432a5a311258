package io.sluice.ipc.socket;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.PollSet;
import java.io.UncheckedIOException;

/// Event loops on epoll(7). A socket is level-triggered: reported as long as there is something.
final class EpollLoops implements NativeIo.Loops {
    /// @throws UnsatisfiedLinkError if the native library is missing, or something else there that says why it does not work
    EpollLoops() {
        Epoll.ensureAvailability();
    }

    @Override
    public IoHandlerFactory handlers() {
        return EpollIoHandler.newFactory();
    }

    @Override
    public LoopHandle handle(Socket socket, Descriptor descriptor, LoopHandle.Ready ready) {
        return new Handle(socket, new NativeHold(descriptor), ready);
    }

    private record Handle(Socket socket, NativeHold hold, Ready ready) implements EpollIoHandle, LoopHandle {
        private static final EpollIoOps BOTH = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLOUT);

        @Override
        public FileDescriptor fd() {
            return socket;
        }

        @Override
        public void registered() {
            hold.begin();
        }

        @Override
        public void unregistered() {
            hold.end();
        }

        /// epoll(7) reports an end that nobody asked for, again and again.
        @Override
        public boolean isSilent() {
            return false;
        }

        @Override
        public boolean interest(IoRegistration registration, boolean input, boolean output) {
            if (!hold.isHeld()) {
                return false;
            }
            EpollIoOps one = input ? EpollIoOps.EPOLLIN : EpollIoOps.EPOLLOUT;
            try {
                return registration.submit(input && output ? BOTH : one) >= 0;
            } catch (UncheckedIOException e) {
                return false;
            }
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            int events = ((EpollIoEvent) event).ops().value(); // as those of poll(2)
            ready.ready((events & (PollSet.IN | PollSet.GONE)) != 0, (events & (PollSet.OUT | PollSet.GONE)) != 0);
        }
    }
}
