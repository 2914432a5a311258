package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.InvalidAddressException;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.security.SecureRandom;

/// A multicast group, where its datagrams come from and go to, and how far. See RFC 1112, and ip(7).
///
/// Datagrams reach those who receive on the same machine, too: the sender's interface sends them back.
///
/// @param address whose options they are
/// @param at the group's address and port
/// @param through the network interface
/// @param hops how many networks a datagram may cross
record Group(Address address, InetSocketAddress at, NetworkInterface through, int hops) {
    private static final SecureRandom RANDOM = new SecureRandom();

    static Group of(Address address, InetSocketAddress at) throws IOException {
        if (at.getPort() == 0) {
            throw new InvalidAddressException(address.withoutOptions() + ": all who use a group use one port; name it");
        }
        NetworkInterface through = through(address);
        return new Group(address, scoped(at, through), through, UdpOptions.TTL.of(address));
    }

    /// A group of IPv6 is one of an interface.
    private static InetSocketAddress scoped(InetSocketAddress at, NetworkInterface through) throws IOException {
        return at.getAddress() instanceof Inet6Address group
                ? new InetSocketAddress(Inet6Address.getByAddress(null, group.getAddress(), through), at.getPort())
                : at;
    }

    private static NetworkInterface through(Address address) throws IOException {
        String name = UdpOptions.INTERFACE.of(address);
        if (name.isEmpty()) {
            return NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
        }
        NetworkInterface found = NetworkInterface.getByName(name);
        if (found == null) {
            try {
                found = NetworkInterface.getByInetAddress(InetAddress.getByName(name));
            } catch (UnknownHostException e) {
                found = null; // neither
            }
        }
        if (found == null) {
            throw new InvalidAddressException(address.withoutOptions() + ": this machine has no network interface '"
                    + name + "'; it has "
                    + String.join(", ", NetworkInterface.networkInterfaces().map(NetworkInterface::getName).toList()));
        }
        return found;
    }

    /// Whether its datagrams stay on this machine.
    boolean isLocal() throws IOException {
        return through.isLoopback() || hops == 0;
    }

    private DatagramChannel open() throws IOException {
        return UdpTransport.open(at, UdpOptions.MAX_MESSAGE.of(address) > UdpOptions.UNFRAGMENTED);
    }

    /// A socket that receives what is sent to the group.
    DatagramChannel join() throws IOException {
        DatagramChannel channel = open();
        boolean done = false;
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(at); // to the group itself: what comes to other groups of the port is not for us
            channel.join(at.getAddress(), through);
            done = true;
            return channel;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    /// A channel that sends to the group; nobody need be there.
    Channel connect() throws IOException {
        DatagramChannel channel = open();
        boolean done = false;
        try {
            channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, through);
            channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, hops);
            channel.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true);
            channel.connect(at);
            done = true;
        } finally {
            if (!done) {
                channel.close();
            }
        }
        return new Sender(channel).open();
    }

    /// What the socket of a sender receives, which is nothing.
    private final class Sender implements UdpSocket.Receiver {
        private final UdpSocket socket;
        private UdpSession session;

        Sender(DatagramChannel channel) {
            socket = new UdpSocket(address.withoutOptions(), channel, DatagramLayout.HEADER, this, () -> {});
        }

        Channel open() {
            socket.start();
            long id = RANDOM.nextLong();
            Secret secret = Secret.of(address);
            Seal seal = secret == null ? null : new Seal(DatagramProof.ofGroup(secret, id));
            socket.lock().lock();
            try {
                boolean _ = socket.join(KeepAlive.OPTION.of(address));
                session = new UdpSession(
                        new UdpWire(socket, null, id, seal, null),
                        UdpSession.Ways.OUT,
                        _ -> {},
                        address,
                        UdpOptions.MAX_MESSAGE.of(address),
                        0,
                        0,
                        () -> {},
                        () -> {});
            } finally {
                socket.lock().unlock();
                socket.leave(); // the session has joined
            }
            session.say(DatagramLayout.PING); // those who receive have a channel from now on
            return session.channel();
        }

        @Override
        public void received(ByteBuffer in, InetSocketAddress from) {
            // A group does not answer.
        }

        @Override
        public boolean tick(long now, long late) {
            return session != null && session.tick(now, late);
        }

        @Override
        public void giveUp(long now) {
            // Nobody is.
        }
    }
}
