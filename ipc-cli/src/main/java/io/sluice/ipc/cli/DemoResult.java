package io.sluice.ipc.cli;

import java.util.Arrays;

/// What the demo's client measured.
///
/// @param messages messages of mixed sizes that went there and back
/// @param nanos how long they took, in nanoseconds
/// @param p50 the median round trip of a small message, in nanoseconds
/// @param p99 the round trip that 99 of 100 stay below, in nanoseconds
/// @param lost messages, of all, that got lost on a channel that does not promise otherwise
record DemoResult(long messages, long nanos, long p50, long p99, long lost) {
    /// As the client reports it.
    String toText() {
        return messages + " " + nanos + " " + p50 + " " + p99 + " " + lost;
    }

    static DemoResult parse(String text) {
        long[] figures = Arrays.stream(text.split(" ")).mapToLong(Long::parseLong).toArray();
        return new DemoResult(figures[0], figures[1], figures[2], figures[3], figures[4]);
    }
}
