package io.sluice.ipc.socket;

/// What a handshake waits for.
enum Wants {
    /// Something to read.
    INPUT,
    /// Room to write.
    OUTPUT,
    /// Somebody to do its work.
    WORK,
    /// Nothing: it is done.
    NOTHING
}
