package io.sluice.ipc;

import io.sluice.ipc.spi.Configuration;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Transport;
import io.sluice.ipc.spi.Transports;
import java.util.Objects;

/// Where everything starts: binds endpoints, connects channels, serves.
///
/// An address is written out (`shm:orders?wait=spin`) or is a *name* without a scheme (`orders`), which is looked up as
/// `ipc.orders` in the system properties, then `IPC_ORDERS` in the environment, then `ipc.orders` in `ipc.properties` of
/// the working directory, then in an `ipc.properties` on the class path. Options written after a name (`orders?wait=spin`)
/// are added to those of the configured address.
///
/// All methods may be called from any thread. They throw [InvalidAddressException] for an address that is malformed,
/// has an option that its transport does not know, or names a transport that is not on the class path.
public final class Ipc {
    private Ipc() {}

    /// Binds an address, so that clients can connect.
    ///
    /// @param address an address or a configured name
    /// @return the endpoint, which the caller closes
    /// @throws AddressInUseException if a living endpoint has the address
    /// @throws NoSpaceException if the memory for it does not fit
    /// @throws UnsafeDirectoryException if the runtime directory cannot be trusted
    public static Endpoint bind(String address) {
        return bind(resolve(address));
    }

    /// Binds an address; see [#bind(String)].
    ///
    /// @param address the address
    /// @return the endpoint, which the caller closes
    public static Endpoint bind(Address address) {
        return transport(address).bind(address);
    }

    /// Connects to an endpoint, waiting up to `connect-timeout` for it to come up.
    ///
    /// @param address an address or a configured name
    /// @return the channel, which the caller closes
    /// @throws NoListenerException if nobody listened in time
    /// @throws HandshakeException if the other side cannot be talked to
    /// @throws AuthenticationException if this user is refused
    /// @throws InterruptedException if the thread is interrupted while it waits
    public static Channel connect(String address) throws InterruptedException {
        return connect(resolve(address));
    }

    /// Connects to an endpoint; see [#connect(String)].
    ///
    /// @param address the address
    /// @return the channel, which the caller closes
    /// @throws InterruptedException if the thread is interrupted while it waits
    public static Channel connect(Address address) throws InterruptedException {
        return transport(address).connect(address);
    }

    /// Binds an address and serves all its clients from one thread of its own.
    ///
    /// @param address an address or a configured name
    /// @param handler is called for each channel and message, always on that one thread
    /// @return the running server, which the caller closes
    /// @throws AddressInUseException if a living endpoint has the address
    public static Server serve(String address, ServerHandler handler) {
        return serve(resolve(address), handler);
    }

    /// Binds and serves an address; see [#serve(String, ServerHandler)].
    ///
    /// @param address the address
    /// @param handler is called for each channel and message
    /// @return the running server, which the caller closes
    public static Server serve(Address address, ServerHandler handler) {
        Objects.requireNonNull(handler, "handler");
        Endpoint endpoint = bind(address);
        try {
            return endpoint.serve(handler);
        } catch (RuntimeException e) {
            endpoint.close();
            throw e;
        }
    }

    /// The address that a text stands for: itself, or what configuration says of a name.
    ///
    /// @param text an address or a configured name
    /// @return the address
    public static Address resolve(String text) {
        Objects.requireNonNull(text, "address");
        if (Address.hasScheme(text)) {
            return Address.parse(text);
        }
        Address written = Address.parse("name:" + text);
        String name = written.place();
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new InvalidAddressException("'" + text + "' is neither an address, such as shm:orders, nor a name,"
                    + " which has only letters, digits, '.', '_' and '-'");
        }
        String configured = Configuration.value(name)
                .orElseThrow(() -> new InvalidAddressException("'" + name + "' is not configured: set the system"
                        + " property ipc." + name + ", the variable " + Configuration.environmentName(name)
                        + ", or ipc." + name + " in ipc.properties, to an address such as shm:" + name));
        if (!Address.hasScheme(configured)) {
            throw new InvalidAddressException("'" + name + "' is configured as '" + configured
                    + "', which is no address: it must start with a scheme, as in shm:orders");
        }
        Address address = Address.parse(configured);
        for (var option : written.options().entrySet()) {
            address = address.with(option.getKey(), option.getValue());
        }
        return address;
    }

    private static Transport transport(Address address) {
        Transport transport = Transports.forScheme(address);
        Option.check(address, transport.options());
        return transport;
    }
}
