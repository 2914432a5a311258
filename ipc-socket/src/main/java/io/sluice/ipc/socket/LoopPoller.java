package io.sluice.ipc.socket;

import io.netty.channel.ManualIoEventLoop;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.stream.ByteStream;
import io.sluice.ipc.stream.StreamPoller;
import java.util.concurrent.TimeUnit;

/// Waits for many sockets in a Netty event loop, which the serving thread itself runs.
final class LoopPoller implements StreamPoller {
    private final ManualIoEventLoop loop;
    private boolean adopted;

    LoopPoller(SocketIo io) {
        this.loop = begin(io, null);
    }

    @Override
    public StreamPoller.Watch watch(ByteStream stream, StreamPoller.Ready ready) {
        adopt();
        LoopWatch watch = new LoopWatch(loop, ((SocketStream) stream).socket(), (_, _) -> ready.ready(false));
        return new StreamPoller.Watch() {
            @Override
            public void interest(boolean input, boolean output) {
                watch.interest(input, output);
            }

            @Override
            public void cancel() {
                watch.cancel();
            }
        };
    }

    @Override
    public void poll(long nanos) {
        adopt();
        if (nanos == 0) {
            loop.runNow();
        } else {
            loop.run(nanos == Long.MAX_VALUE ? 0 : nanos); // 0 is for ever
        }
    }

    /// The loop is its thread's from the first use on.
    private void adopt() {
        if (!adopted) {
            adopted = true;
            loop.setOwningThread(Thread.currentThread());
            loop.runNow();
        }
    }

    /// A task ends the wait, or keeps the next one from beginning; [ManualIoEventLoop#wakeup()] alone does only the former.
    @Override
    public void wakeUp() {
        loop.execute(() -> {});
    }

    @Override
    public void close() {
        adopt();
        end(loop);
    }

    /// A loop that waits for sockets.
    ///
    /// @param thread that will run it, or null if that is not known yet
    /// @throws SystemCallException if the system has no room for it
    static ManualIoEventLoop begin(SocketIo io, Thread thread) {
        try {
            return new ManualIoEventLoop(thread, io.handlers());
        } catch (RuntimeException e) { // Netty's loops differ in what they throw
            throw new SystemCallException("sockets cannot be waited for: "
                    + (e.getCause() == null ? e : e.getCause()).getMessage()
                    + "; if there are too many open files, raise ulimit -n", e);
        }
    }

    /// Ends a loop, and frees what it has of the system; on its thread.
    static void end(ManualIoEventLoop loop) {
        loop.shutdownGracefully(0, 0, TimeUnit.NANOSECONDS);
        while (!loop.isTerminated()) {
            loop.runNow();
        }
    }
}
