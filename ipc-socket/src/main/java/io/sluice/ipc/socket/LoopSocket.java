package io.sluice.ipc.socket;

/// A socket that an event loop can wait for.
interface LoopSocket {
    /// Makes what a loop registers, for one loop.
    ///
    /// @param ready is told on the loop's thread
    /// @return the handle, not registered yet
    LoopHandle handle(LoopHandle.Ready ready);

    /// Whether there is something to read that the system has given already, and so does not tell of.
    default boolean hasInput() {
        return false;
    }
}
