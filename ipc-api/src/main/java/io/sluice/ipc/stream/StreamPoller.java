package io.sluice.ipc.stream;

/// Waits for many streams at once, for one thread: how a served endpoint is told which of its channels has something to do.
///
/// Used by that thread only, except [#wakeUp()]. Readiness is reported again as long as it lasts.
public interface StreamPoller extends AutoCloseable {
    /// Is told that a stream is ready.
    @FunctionalInterface
    interface Ready {
        /// @param over whether all that is known is that nobody reads any more, on a stream that has no input
        void ready(boolean over);
    }

    /// A stream that is waited for.
    interface Watch {
        /// What to wait for from now on; nothing, until this is called first. The end of a stream that is not watched is
        /// not reported.
        ///
        /// @param input whether there is something to read, or the end; without an input, whether nobody reads any more
        /// @param output whether something can be written, or nobody reads any more
        void interest(boolean input, boolean output);

        /// Waits for it no longer. A second time does nothing.
        void cancel();
    }

    /// Takes a stream in.
    ///
    /// @param stream one of the transport's own
    /// @param ready is told, inside [#poll]
    /// @return its watch
    Watch watch(ByteStream stream, Ready ready);

    /// Waits until something is ready, [#wakeUp()] was called, or for no reason at all, and tells those concerned.
    ///
    /// @param nanos how long at most, in nanoseconds; `Long.MAX_VALUE` for ever, 0 to look only
    void poll(long nanos);

    /// Ends the wait, now or the next one; from any thread.
    void wakeUp();

    /// Frees what it has of the system. By its thread, or when that has ended.
    @Override
    void close();
}
