package io.sluice.ipc.os.stream;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.StandardOptions;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Tries to open a channel again and again, until it succeeds or `?connect-timeout=` is over; with pauses that grow, because
/// nothing tells when a name appears in a directory. For one thread.
public final class ConnectAttempts {
    /// How long the first pause is.
    static final long FIRST_PAUSE_NANOS = 200_000;
    /// How long none is longer than.
    static final long LONGEST_PAUSE_NANOS = 10_000_000;

    /// One try.
    @FunctionalInterface
    public interface Attempt {
        /// Opens a channel, and waits for nothing beyond [#remaining()].
        ///
        /// @return null if nobody is there, or whoever was is gone
        /// @throws InterruptedException if the thread is interrupted while it waits
        Channel open() throws InterruptedException;
    }

    private final Address address;
    private final Path directory;
    private final long deadline;
    private long pause = FIRST_PAUSE_NANOS;
    private boolean found;

    /// Begins; the time runs from now on.
    ///
    /// @param address to connect to
    /// @param directory where its names are looked for
    public ConnectAttempts(Address address, Path directory) {
        this.address = address;
        this.directory = directory;
        this.deadline = Deadline.after(StandardOptions.CONNECT_TIMEOUT.of(address));
    }

    /// Tries until there is a channel.
    ///
    /// @param attempt one try
    /// @return the channel
    /// @throws NoListenerException if the time is over first
    /// @throws InterruptedException if the thread is interrupted, before or while it waits
    public Channel open(Attempt attempt) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        while (true) {
            Channel channel = attempt.open();
            if (channel != null) {
                return channel;
            }
            if (remaining() == 0) {
                throw nobody();
            }
            pause();
        }
    }

    private NoListenerException nobody() {
        String span = Quantities.duration(StandardOptions.CONNECT_TIMEOUT.of(address));
        return new NoListenerException(address.withoutOptions()
                + (found
                        ? ": an endpoint is bound to it, but did not let this client in within " + span
                                + "; it is stopped, or has too many clients that it has not accepted"
                        : ": nobody listened within " + span
                                + "; start the server, with the same runtime directory, which is " + directory));
    }

    /// Sleeps, a little longer each time.
    ///
    /// @throws InterruptedException if the thread is interrupted meanwhile
    public void pause() throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(Math.min(pause, remaining()));
        pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
    }

    /// How much time is left.
    ///
    /// @return nanoseconds, 0 if none
    public long remaining() {
        return Deadline.remaining(deadline);
    }

    /// When the time is over.
    ///
    /// @return by [System#nanoTime()]; see [Deadline]
    public long deadline() {
        return deadline;
    }

    /// Notes that an endpoint is there: if it does not let this client in, the error says so.
    public void found() {
        found = true;
    }
}
