package io.sluice.ipc.stream;

import io.sluice.ipc.spi.Option;

/// How messages are told apart in a stream of bytes: the option `framing`.
public enum Framing {
    /// Each message after its length; see [Frames]. What two Sluice ends speak, after a handshake.
    LENGTH(Frames.HEADER_LENGTH),
    /// Each message is a line: it has no line feed, and one follows it. No handshake; the end of the stream is the end.
    LINE(1),
    /// Bytes as they are: a message is what came at once, and its limits mean nothing. No handshake.
    RAW(0);

    /// The option of addresses.
    public static final Option<Framing> OPTION = Option.choice(
            "framing", LENGTH, "how messages are told apart; line and raw make any program a peer");

    /// The bytes that a message takes beside its own.
    final int overhead;

    Framing(int overhead) {
        this.overhead = overhead;
    }

    /// Whether the two ends greet each other, and say when they close.
    ///
    /// @return true if both must be Sluice's, or speak as it does
    public boolean isSluice() {
        return this == LENGTH;
    }
}
