package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Quantities;
import java.time.Duration;

/// When the system gives up a peer that does not answer: one whose machine has lost its power, or its cable. See tcp(7).
///
/// Half of the time is silence, in the other half the peer's system is asked. A process that is stopped is not gone: its system
/// answers.
///
/// @param idleSeconds silence before the first question
/// @param intervalSeconds between questions
/// @param count how many of them
record KeepAlive(int idleSeconds, int intervalSeconds, int count) {
    /// The option of addresses.
    static final Option<Duration> OPTION = Option.duration(
            "keepalive",
            Duration.ofSeconds(30),
            "how long until a peer that vanished without a word is given up; forever: it is waited for");

    private static final int QUESTIONS = 3;

    /// What the address asks for, or null if nothing.
    static KeepAlive of(Address address) {
        Duration span = OPTION.of(address);
        if (span.equals(Quantities.FOREVER)) {
            return null;
        }
        int seconds = Math.clamp(span.toSeconds(), 2, 30_000);
        return new KeepAlive(
                Math.max(1, seconds / 2), Math.max(1, seconds / 2 / QUESTIONS), Math.min(QUESTIONS, seconds / 2));
    }

    /// All of it together, in milliseconds.
    int totalMillis() {
        return 1_000 * (idleSeconds + intervalSeconds * count);
    }
}
