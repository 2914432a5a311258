package io.sluice.ipc.socket;

import io.sluice.ipc.tck.TransportContract;

/// With the JDK's sockets, as they are where Netty's native library is not; `unix:` has its contract with that library.
class TcpConformanceTest extends TransportContract {
    static String address(String io) {
        return Loopback.address("tcp") + "?io=" + io;
    }

    @Override
    protected String newAddress() {
        return address("nio");
    }

    @Override
    protected int maxChannels() {
        return Descriptors.channels();
    }
}
