package io.sluice.ipc.socket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Assumptions;

/// Hosts and ports that nobody else uses: all of 127.0.0.0/8 is this machine's loopback, so there is a host for each test.
final class Loopback {
    private static final int PORT = 9_000; // below those that the system gives away

    private Loopback() {}

    /// An address at which nobody listens.
    static String address(String scheme) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return scheme + "://127." + random.nextInt(1, 255) + "." + random.nextInt(256) + "." + random.nextInt(1, 255)
                + ":" + PORT;
    }

    /// Skips the test if the address is one of IPv6 and this machine's loopback has none.
    static void assumeHas(String address) {
        boolean has;
        try (ServerSocket _ = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            has = true;
        } catch (IOException e) {
            has = false;
        }
        Assumptions.assumeTrue(has || !address.contains("["), "there is no ::1 here");
    }
}
