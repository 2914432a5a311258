package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.SystemCallException;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Transport;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.util.List;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `udp://HOST:PORT`: a server and its clients over UDP, each message one datagram, which may get lost or overtake another, but is
/// whole and comes once.
///
/// A HOST that is a multicast group is bound to to receive from it, a channel for each source, and connected to to send to it;
/// messages go that way only.
public final class UdpTransport implements Transport {
    private static final Logger LOG = LoggerFactory.getLogger(UdpTransport.class);

    /// For [java.util.ServiceLoader].
    public UdpTransport() {}

    @Override
    public List<String> schemes() {
        return List.of("udp");
    }

    @Override
    public List<Option<?>> options() {
        return UdpOptions.ALL;
    }

    @Override
    public String synchronisation() {
        return "kernel socket, ring, park";
    }

    @Override
    public Endpoint bind(Address address) {
        InetPlace place = InetPlace.of(address);
        InetSocketAddress at = place.toBind();
        boolean trusted = Secret.of(address) != null;
        try {
            if (at.getAddress().isMulticastAddress()) {
                Group group = Group.of(address, at);
                warnOfStrangers(address, group.isLocal() || trusted);
                return GroupListener.bind(address, group);
            }
            Endpoint endpoint = UdpListener.bind(address, place);
            warnOfStrangers(endpoint.address(), at.getAddress().isLoopbackAddress() || trusted);
            return endpoint;
        } catch (BindException e) {
            throw InetPlace.refused(address, at, e);
        } catch (IOException e) {
            throw new SystemCallException(address.withoutOptions() + ": cannot be bound: " + e.getMessage(), e);
        }
    }

    private static void warnOfStrangers(Address address, boolean safe) {
        if (!safe) {
            LOG.warn("{}: whoever can reach this machine can send, and read and forge what is sent; bind to 127.0.0.1,"
                    + " or demand a ?secret-file=", address.withoutOptions());
        }
    }

    @Override
    public Channel connect(Address address) throws InterruptedException {
        List<InetSocketAddress> addresses = InetPlace.of(address).toConnect();
        InetSocketAddress first = addresses.getFirst();
        if (!first.getAddress().isMulticastAddress()) {
            return new UdpConnect(address).connect(addresses);
        }
        try {
            return Group.of(address, first).connect();
        } catch (IOException e) {
            throw new SystemCallException(
                    address.withoutOptions() + ": cannot be sent to: " + e.getMessage()
                            + "; ?interface= names the network interface",
                    e);
        }
    }

    /// Opens a socket that does not block, for an address of that kind.
    ///
    /// @param fragments whether packets may be cut on their way; otherwise one that the path does not carry is an error
    static DatagramChannel open(InetSocketAddress at, boolean fragments) throws IOException {
        ProtocolFamily family =
                at.getAddress() instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        DatagramChannel channel =
                at.getAddress().isAnyLocalAddress() ? DatagramChannel.open() : DatagramChannel.open(family);
        boolean done = false;
        try {
            channel.configureBlocking(false);
            if (!fragments && channel.supportedOptions().contains(ExtendedSocketOptions.IP_DONTFRAGMENT)) {
                channel.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, true);
            }
            done = true;
            return channel;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }
}
