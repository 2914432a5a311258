package io.sluice.ipc.mq;

import org.agrona.DirectBuffer;

/// Takes one message out of a [MessageQueue#poll].
@FunctionalInterface
public interface QueueHandler {
    /// Called once for each message, on the polling thread.
    ///
    /// The buffer is the queue's own memory: it must not be kept, and it is valid only until this method returns. What it
    /// throws passes through `poll`; the message counts as received, for the kernel has it no more.
    ///
    /// @param buffer holds the message
    /// @param offset where the message starts, in bytes
    /// @param length its length in bytes; may be 0
    /// @param label its priority on `mq:`, its type on `sysv:`
    void onMessage(DirectBuffer buffer, int offset, int length, long label);
}
