package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.InvalidAddressException;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.SystemCallException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a socket of the internet is: `//host:port`, or several, divided by commas.
///
/// A host is a name, an IPv4 address, an IPv6 address in brackets, `*` for all addresses of this machine, or nothing for
/// its loopback.
///
/// @param address the whole address
/// @param spots the hosts and ports, in the order in which they are tried
record InetPlace(Address address, List<Spot> spots) {
    private static final Pattern SPOT = Pattern.compile("(\\[[0-9a-fA-F:.%a-zA-Z]+]|[^\\[\\]:/,]*):(\\d{1,5})");
    private static final String ALL = "*";

    /// One host and port.
    ///
    /// @param host as written, without brackets
    /// @param port from 0
    record Spot(String host, int port) {
        boolean isAll() {
            return host.equals(ALL);
        }

        @Override
        public String toString() {
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        }
    }

    static InetPlace of(Address address) {
        String place = address.place();
        if (!place.startsWith("//")) {
            throw malformed(address, "it has no //");
        }
        List<Spot> spots = new ArrayList<>();
        for (String part : place.substring(2).split(",", -1)) {
            Matcher matcher = SPOT.matcher(part);
            if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 0xFFFF) {
                throw malformed(address, "'" + part + "' is no host and port");
            }
            String host = matcher.group(1);
            spots.add(new Spot(
                    host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                    Integer.parseInt(matcher.group(2))));
        }
        return new InetPlace(address, spots);
    }

    private static InvalidAddressException malformed(Address address, String why) {
        return new InvalidAddressException(address.withoutOptions() + ": " + why + "; write " + address.scheme()
                + "://127.0.0.1:9000, " + address.scheme() + "://[::1]:9000 or " + address.scheme()
                + "://host.example:9000");
    }

    /// What an endpoint binds to.
    InetSocketAddress toBind() {
        if (spots.size() > 1) {
            throw new InvalidAddressException(address.withoutOptions()
                    + ": an endpoint is bound to one host and port; several are for connecting");
        }
        Spot spot = spots.getFirst();
        if (spot.isAll()) {
            return new InetSocketAddress(spot.port());
        }
        try {
            return new InetSocketAddress(host(spot), spot.port());
        } catch (UnknownHostException e) {
            throw new InvalidAddressException(
                    address.withoutOptions() + ": the host '" + spot.host() + "' is unknown here", e);
        }
    }

    private static InetAddress host(Spot spot) throws UnknownHostException {
        return spot.host().isEmpty() || spot.isAll()
                ? InetAddress.getLoopbackAddress()
                : InetAddress.getByName(spot.host());
    }

    /// All that a client tries, in this order.
    List<InetSocketAddress> toConnect() {
        List<InetSocketAddress> addresses = new ArrayList<>();
        UnknownHostException unknown = null;
        for (Spot spot : spots) {
            if (spot.port() == 0) {
                throw new InvalidAddressException(address.withoutOptions()
                        + ": port 0 is for binding; connect to the port that the endpoint's address() tells");
            }
            try {
                InetAddress[] hosts = spot.host().isEmpty() || spot.isAll()
                        ? new InetAddress[] {host(spot)}
                        : InetAddress.getAllByName(spot.host());
                for (InetAddress host : hosts) {
                    addresses.add(new InetSocketAddress(host, spot.port()));
                }
            } catch (UnknownHostException e) {
                unknown = e;
            }
        }
        if (addresses.isEmpty()) {
            throw new NoListenerException(
                    address.withoutOptions() + ": the host is unknown here: " + unknown.getMessage(), unknown);
        }
        return addresses;
    }

    /// An IP address and port as text, the same on every machine.
    static String text(InetSocketAddress at) {
        return new Spot(withoutZone(at.getAddress().getHostAddress()), at.getPort()).toString();
    }

    /// The host as the user named it: by a name, or by an IP address.
    static String host(InetSocketAddress at) {
        return withoutZone(at.getHostString());
    }

    private static String withoutZone(String host) {
        int zone = host.indexOf('%');
        return zone < 0 ? host : host.substring(0, zone);
    }

    /// The address to connect to, now that the port is known.
    Address bound(InetSocketAddress at) {
        return address.withPlace("//" + new Spot(spots.getFirst().host(), at.getPort()));
    }

    /// Why it cannot be bound, in words.
    static RuntimeException refused(Address address, InetSocketAddress at, BindException e) {
        String why = String.valueOf(e.getMessage());
        if (why.contains("in use")) {
            return new AddressInUseException(address.withoutOptions()
                    + ": another process, or another endpoint of this one, listens there; close that one, or use"
                    + " another port (0: the system chooses)", e);
        }
        return new SystemCallException(address.withoutOptions() + ": " + at + " cannot be bound: " + why
                + "; a host must be one of this machine's addresses, and ports below 1024 need a permission", e);
    }
}
