package io.sluice.ipc.stream;

import io.sluice.ipc.Address;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.spi.WaitStrategy;
import java.time.Duration;
import java.util.List;

/// What the two ends of a stream have agreed on, and how this one behaves.
///
/// @param framing how messages are told apart
/// @param sends whether this side may send
/// @param receives whether this side may receive
/// @param maxMessage the largest message, in bytes
/// @param waiting how blocking calls wait
/// @param sendTimeout how long a send waits for room
public record StreamPlan(
        Framing framing,
        boolean sends,
        boolean receives,
        int maxMessage,
        WaitStrategy waiting,
        Duration sendTimeout) {
    /// What an address of a transport on streams may have.
    public static final List<Option<?>> OPTIONS = List.of(
            Framing.OPTION,
            StandardOptions.CONNECT_TIMEOUT,
            StandardOptions.MAX_MESSAGE,
            StandardOptions.SEND_TIMEOUT,
            StandardOptions.THREADS,
            StandardOptions.WAIT);

    /// The plan after a handshake.
    ///
    /// @param address the application's
    /// @param mine what this side said
    /// @param theirs what the peer said
    /// @return what both keep to
    public static StreamPlan of(Address address, Hello mine, Hello theirs) {
        return new StreamPlan(
                Framing.LENGTH,
                mine.sends() && theirs.receives(),
                mine.receives() && theirs.sends(),
                Math.min(mine.maxMessage(), theirs.maxMessage()),
                StandardOptions.WAIT.of(address),
                StandardOptions.SEND_TIMEOUT.of(address));
    }

    /// The plan where there is no handshake.
    ///
    /// @param address the application's
    /// @param sends whether this side may send
    /// @param receives whether this side may receive
    /// @return what this side keeps to
    public static StreamPlan withoutHandshake(Address address, boolean sends, boolean receives) {
        return new StreamPlan(
                Framing.OPTION.of(address),
                sends,
                receives,
                StandardOptions.MAX_MESSAGE.of(address),
                StandardOptions.WAIT.of(address),
                StandardOptions.SEND_TIMEOUT.of(address));
    }
}
