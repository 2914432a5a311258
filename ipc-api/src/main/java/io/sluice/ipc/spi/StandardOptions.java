package io.sluice.ipc.spi;

import java.time.Duration;

/// Options that mean the same on every transport that takes them.
public final class StandardOptions {
    /// The largest message that this side sends or receives, in bytes.
    public static final Option<Integer> MAX_MESSAGE =
            Option.size("max-message", 16 << 20, 1, 1 << 30,
                    "the largest message; the smaller one of both sides counts");

    /// How long a blocking send waits for room.
    public static final Option<Duration> SEND_TIMEOUT =
            Option.duration("send-timeout", Duration.ofSeconds(30), "how long a blocking send waits for room");

    /// How long a connect waits for somebody to listen and to greet.
    public static final Option<Duration> CONNECT_TIMEOUT = Option.duration(
            "connect-timeout", Duration.ofSeconds(5), "how long a connect waits for the endpoint to come up");

    /// How blocking calls wait.
    public static final Option<WaitStrategy> WAIT =
            Option.choice("wait", WaitStrategy.ADAPTIVE, "how a blocking call waits");

    /// Whether several threads may send, or receive, at once.
    public static final Option<Threads> THREADS = Option.choice(
            "threads", Threads.MANY, "whether many threads share a direction of the channel or a single one has it");

    private StandardOptions() {}

    /// Values of [#THREADS].
    public enum Threads {
        /// Any number of threads; they take turns.
        MANY,
        /// At most one sends and at most one receives; there is no lock.
        SINGLE
    }
}
