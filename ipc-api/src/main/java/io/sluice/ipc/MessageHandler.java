package io.sluice.ipc;

import org.agrona.DirectBuffer;

/// Takes one message out of a [Channel#poll].
@FunctionalInterface
public interface MessageHandler {
    /// Called once for each message, in order, on the polling thread.
    ///
    /// The buffer is the channel's own memory: it must not be kept, and it is valid only until this method returns.
    /// What it throws passes through `poll`; the message counts as received.
    ///
    /// @param buffer holds the message
    /// @param offset where the message starts, in bytes
    /// @param length its length in bytes; may be 0
    void onMessage(DirectBuffer buffer, int offset, int length);
}
