package io.sluice.ipc.socket;

import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.stream.ByteStream;

/// What the two ends of a connection say to each other before they greet.
interface Introduction {
    /// Goes on as far as it can without waiting.
    ///
    /// @return what it waits for
    /// @throws AuthenticationException if one side does not believe the other
    /// @throws HandshakeException if the other side is gone, or speaks something else
    Wants advance(ByteStream stream);

    /// Does the [Wants#WORK] that it waits for: some milliseconds of the processor, on any thread, while no other uses the connection.
    default void work() {}

    /// Whether the other side went away, so that another one may be about to take its place.
    boolean isPeerGone();
}
