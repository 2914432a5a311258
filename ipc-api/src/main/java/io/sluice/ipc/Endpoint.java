package io.sluice.ipc;

import java.time.Duration;

/// A bound address, at which channels are accepted.
///
/// Any number of threads may accept. Clients are greeted in the background, so one that is slow or speaks garbage
/// delays nobody. A client that dies leaves the endpoint as it was.
public interface Endpoint extends AutoCloseable {
    /// The address that clients connect to; where the system chose a part of it (a port), the real one.
    ///
    /// @return the address
    Address address();

    /// Waits for the next client.
    ///
    /// @return its channel, which the caller closes
    /// @throws ClosedException if the endpoint is or gets closed
    /// @throws InterruptedException if the thread is interrupted while it waits
    Channel accept() throws InterruptedException;

    /// Waits for the next client for some time.
    ///
    /// @param timeout how long; zero looks once
    /// @return its channel, or null if none came in time
    /// @throws ClosedException if the endpoint is or gets closed
    /// @throws InterruptedException if the thread is interrupted while it waits
    Channel accept(Duration timeout) throws InterruptedException;

    /// Serves all clients, from now on, from one thread; see [Ipc#serve].
    ///
    /// @param handler is called for each channel and message
    /// @return the running server; closing it closes this endpoint
    /// @throws IllegalStateException if this endpoint is being served already
    Server serve(ServerHandler handler);

    /// Whether the endpoint has not been closed.
    ///
    /// @return true until [#close()]
    boolean isOpen();

    /// Frees the address and closes the channels that nobody has accepted; accepted ones go on.
    ///
    /// Closing twice does nothing.
    @Override
    void close();
}
