package io.sluice.ipc.socket;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/// What this process may have open, and has.
final class Descriptors {
    /// What both ends of a channel take at most in one process: a socket each, and what a platform thread waits with, for
    /// input and for output.
    private static final int PER_CHANNEL = 8;

    private static final UnixOperatingSystemMXBean SYSTEM =
            (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private Descriptors() {}

    static long open() {
        return SYSTEM.getOpenFileDescriptorCount();
    }

    /// How many channels with both ends here fit into the limit, half of which is left to others.
    static int channels() {
        return (int) Math.min(1_000, SYSTEM.getMaxFileDescriptorCount() / 2 / PER_CHANNEL);
    }
}
