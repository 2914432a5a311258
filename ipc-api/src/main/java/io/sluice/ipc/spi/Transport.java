package io.sluice.ipc.spi;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import java.util.List;

/// One mechanism: turns addresses of its schemes into endpoints and channels. Found by [java.util.ServiceLoader].
///
/// A transport keeps the contract that `ipc-tck` tests, or says in the [io.sluice.ipc.Capabilities] of its channels where
/// it cannot. Its own way of being a queue, a topic or a service, if it has one, will be a further interface that it
/// implements.
public interface Transport {
    /// The schemes of the addresses it takes.
    ///
    /// @return for example `shm`
    List<String> schemes();

    /// The options of those addresses; the standard ones are in [StandardOptions].
    ///
    /// @return all that an address may have
    List<Option<?>> options();

    /// How the two ends synchronise, in a few words for a table.
    ///
    /// @return for example `lock-free ring, futex`
    String synchronisation();

    /// Binds an address whose options were checked; see [io.sluice.ipc.Ipc#bind(String)] for what it throws.
    ///
    /// @param address the address
    /// @return the endpoint
    Endpoint bind(Address address);

    /// Connects to an address whose options were checked; see [io.sluice.ipc.Ipc#connect(String)] for what it throws.
    ///
    /// @param address the address
    /// @return the channel
    /// @throws InterruptedException if the thread is interrupted while it waits
    Channel connect(Address address) throws InterruptedException;
}
