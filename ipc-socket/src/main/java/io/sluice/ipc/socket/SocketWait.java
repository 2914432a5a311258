package io.sluice.ipc.socket;

/// How a platform thread sleeps until a socket is ready: in the kernel, with no other thread between.
interface SocketWait {
    /// Waits until it is ready, for no reason at all, or until the time is over; the interrupt status stays set.
    ///
    /// @param nanos how long at most, in nanoseconds; `Long.MAX_VALUE` for ever
    void await(long nanos);

    /// Ends the wait, or the next one; from any thread.
    void wakeUp();

    /// Frees what it has of the system, and ends a wait. Closing twice does nothing.
    void close();
}
