package io.sluice.ipc.tck;

import io.sluice.ipc.Address;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/// Second JVMs that are started before a test asks for one: most of the suite's time would else be the start of JVMs, one
/// after the other.
///
/// Each has loaded what a channel needs, by a connect to where nobody listens. There are as many after each [#take] as
/// before, from the first one on, so that a test which counts what this process holds finds no difference.
final class Spares {
    private static final int COUNT = 2;

    private static final Deque<PeerProcess> WAITING = new ArrayDeque<>();
    private static Map<String, String> environment = Map.of();
    private static Address nobody;

    private Spares() {}

    /// Says where the next ones connect in vain.
    static synchronized void prepareWith(Address address) {
        nobody = address;
    }

    /// One that waits for its first command; the caller closes it.
    static synchronized PeerProcess take() throws InterruptedException {
        Map<String, String> now = PeerProcess.environment();
        if (!now.equals(environment)) {
            clear();
            environment = now;
        }
        while (WAITING.size() <= COUNT) {
            WAITING.add(start());
        }
        PeerProcess taken = WAITING.remove();
        taken.answer();
        return taken;
    }

    private static PeerProcess start() {
        PeerProcess started = PeerProcess.start(environment);
        started.tell("prepare " + nobody.with("connect-timeout", "0s"));
        return started;
    }

    /// Ends those that nobody took.
    static synchronized void clear() {
        while (!WAITING.isEmpty()) {
            WAITING.remove().close();
        }
    }
}
