package io.sluice.ipc.socket;

import io.netty.channel.IoHandle;
import io.netty.channel.IoRegistration;

/// A socket as one event loop knows it. All is called on the loop's thread.
interface LoopHandle extends IoHandle {
    /// Is told that a socket is ready; may be told so without reason.
    @FunctionalInterface
    interface Ready {
        /// @param input there is something to read, somebody to accept, or the end
        /// @param output there is room to write, a connect is over, or nobody reads any more
        void ready(boolean input, boolean output);
    }

    /// Asks to be told of these from now on, again and again as long as they last.
    ///
    /// @return false if the socket is closed
    boolean interest(IoRegistration registration, boolean input, boolean output);

    /// Whether nothing is reported while nothing is asked for; if not, a socket that waits for nothing leaves the loop.
    default boolean isSilent() {
        return true;
    }

    /// Asks for nothing any more.
    default void cancel(IoRegistration registration) {
        boolean _ = registration.cancel();
    }

    /// The loop ends; the socket is its channel's to close.
    @Override
    default void close() {}
}
