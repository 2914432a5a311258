package io.sluice.ipc.socket;

import io.sluice.ipc.ring.RingLayout;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.StandardOptions;
import java.util.List;

/// The options of `udp:` addresses.
final class UdpOptions {
    /// The largest message in an unfragmented packet on the usual paths, with a tag.
    static final int UNFRAGMENTED = DatagramLayout.USUAL_PATH - DatagramLayout.HEADER - Seal.LENGTH;

    private static final int MOST = DatagramLayout.LARGEST - DatagramLayout.HEADER - Seal.LENGTH;

    static final Option<Integer> MAX_MESSAGE = Option.size(
            StandardOptions.MAX_MESSAGE.name(),
            UNFRAGMENTED,
            1,
            MOST,
            "the largest message, which is one datagram; the smaller one of both sides counts. Beyond the default,"
                    + " packets may travel in fragments, and a message is lost if one of them is");

    static final Option<Integer> CAPACITY = Option.size(
            "capacity",
            64 << 10,
            RingLayout.MIN_CAPACITY,
            RingLayout.MAX_CAPACITY,
            "what is held of a peer's messages until they are received; what comes beyond is lost");

    static final Option<String> INTERFACE = Option.text(
            "interface",
            "",
            "the name of a network interface, or an address of it",
            "for a group: where its datagrams go and come from; the loopback unless given");

    static final Option<Integer> TTL = Option.count(
            "ttl", 1, 0, 255, "for a group: how many networks a datagram may cross; 1: it stays on its own");

    static final List<Option<?>> ALL = List.of(
            CAPACITY,
            INTERFACE,
            KeepAlive.OPTION,
            MAX_MESSAGE,
            Secret.OPTION,
            StandardOptions.CONNECT_TIMEOUT,
            StandardOptions.SEND_TIMEOUT,
            StandardOptions.THREADS,
            StandardOptions.WAIT,
            TTL);

    private UdpOptions() {}
}
