package io.sluice.ipc;

/// An endpoint whose channels are served by one thread; see [Ipc#serve].
public interface Server extends AutoCloseable {
    /// The address that clients connect to.
    ///
    /// @return the address
    Address address();

    /// How many channels are open.
    ///
    /// @return the number at this moment
    int channels();

    /// Frees the address, closes every channel, and waits until the handler has returned from its last call.
    ///
    /// Closing twice does nothing. From inside a handler it does not wait for itself.
    @Override
    void close();
}
