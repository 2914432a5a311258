package io.sluice.ipc.benchmarks;

import io.sluice.ipc.MessageHandler;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/// One end of a pair over which two processes exchange messages: what a round trip and a stream are measured on,
/// the same loops for every [Medium]. A process has one kind of wire only, so that the calls are inlined.
interface Wire extends AutoCloseable {
    /// Memory of this process to offer from, of the kind that the medium is fastest with.
    MutableDirectBuffer allocate(int length);

    /// Says who takes the messages that [#poll] finds; set once, before the first poll.
    void listen(MessageHandler handler);

    /// Hands over waiting messages.
    ///
    /// @return how many
    int poll(int limit);

    /// Copies a message in; false is back pressure.
    boolean offer(DirectBuffer buffer, int offset, int length);

    /// Writes a message in place, its sequence in the first eight bytes; false is back pressure.
    boolean claim(long sequence, int length);

    @Override
    void close();
}
