package io.sluice.ipc.shm;

import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.Message;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.Server;
import io.sluice.ipc.ServerHandler;
import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.shm.ShmPeer.Role;
import io.sluice.ipc.shm.ShmPeer.Script;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.agrona.DirectBuffer;

/// The surviving side of [ShmCrashTest]: two endpoints that play their part with every client of a [ShmPeer], one with a
/// thread for each channel, one served, and remember how each channel has ended.
final class CrashServer implements AutoCloseable {
    private final Endpoint endpoint;
    private final Server server;
    private final List<Session> sessions = new CopyOnWriteArrayList<>();

    CrashServer(Endpoint endpoint, String serving) {
        this.endpoint = endpoint;
        this.server = Ipc.serve(serving, new Serving());
        Thread.ofPlatform().daemon().name("accepts").start(this::accept);
    }

    /// One channel: what was received, and how it has ended.
    private static final class Session {
        volatile Script script;
        volatile long received;
        volatile Throwable end;
        volatile boolean isOver;
        boolean isEcho;

        void take(byte[] bytes) {
            if (script != null) {
                script.check(received, bytes);
                received++;
            } else if (bytes.length == Long.BYTES + Integer.BYTES) {
                script = Script.introducedBy(new Message(bytes));
            } else {
                isEcho = true;
            }
        }

        Role role() {
            return Role.of(script.number());
        }

        boolean isFrom(long seed) {
            return script != null && script.seed() == seed;
        }
    }

    private void accept() {
        try {
            for (int i = 0;; i++) {
                Channel channel = endpoint.accept();
                Session session = new Session();
                sessions.add(session);
                Thread.Builder thread = i % 3 == 0 ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
                thread.start(() -> work(channel, session));
            }
        } catch (ClosedException | InterruptedException e) {
            // The test is over.
        }
    }

    private static void work(Channel channel, Session session) {
        try (channel) {
            session.take(channel.receive().bytes());
            Role role = session.role();
            while (true) {
                switch (role) {
                    case SMALL, CLAIM -> pollOrIdle(channel, session);
                    case LARGE -> session.take(channel.receive().bytes());
                    case PING -> {
                        byte[] bytes = channel.receive().bytes();
                        session.take(bytes);
                        sendUnlessLost(channel, bytes);
                    }
                    case HOARD -> {
                        while (!isLost(channel)) {
                            LockSupport.parkNanos(ShmPeer.IDLE_NANOS);
                        }
                        session.take(channel.receive().bytes());
                    }
                    case RECEIVE -> sendAndPause(channel);
                    case SLEEP -> channel.send(new byte[10_000]);
                }
            }
        } catch (Throwable e) {
            session.end = e;
        } finally {
            session.isOver = true;
        }
    }

    private static void pollOrIdle(Channel channel, Session session) {
        if (channel.poll((buffer, offset, length) -> session.take(copy(buffer, offset, length)), 100) == 0) {
            LockSupport.parkNanos(ShmPeer.IDLE_NANOS);
        }
    }

    /// Finds out without reading anything.
    private static boolean isLost(Channel channel) {
        try {
            channel.offer(new byte[1]);
            return false;
        } catch (PeerLostException e) {
            return true;
        }
    }

    private static void sendUnlessLost(Channel channel, byte[] bytes) throws InterruptedException {
        try {
            channel.send(bytes);
        } catch (PeerLostException e) {
            // What it has sent before is still to be received.
        }
    }

    private static void sendAndPause(Channel channel) throws InterruptedException {
        channel.send(new byte[100]);
        try {
            channel.receive(Duration.ofMillis(20));
        } catch (TimedOutException e) {
            // That was the pause: this client sends nothing.
        }
    }

    private static byte[] copy(DirectBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        return bytes;
    }

    private final class Serving implements ServerHandler {
        private final Map<Channel, Session> open = new ConcurrentHashMap<>();

        @Override
        public void onOpen(Channel channel) {
            Session session = new Session();
            sessions.add(session);
            open.put(channel, session);
        }

        @Override
        public boolean onMessage(Channel channel, DirectBuffer buffer, int offset, int length) {
            Session session = open.get(channel);
            boolean echoes = session.isEcho || session.script == null && length != Long.BYTES + Integer.BYTES
                    || session.script != null && session.role() == Role.PING;
            if (session.script != null && session.role() == Role.HOARD && !isLost(channel)) {
                return false;
            }
            try {
                if (echoes && !channel.offer(buffer, offset, length)) {
                    return false;
                }
            } catch (PeerLostException e) {
                // What it has sent before is still to be received.
            }
            if (!session.isEcho) {
                session.take(copy(buffer, offset, length));
            }
            return true;
        }

        @Override
        public void onClose(Channel channel, IpcException cause) {
            Session session = open.remove(channel);
            session.end = cause;
            session.isOver = true;
            if (session.isEcho || session.script == null && cause == null) {
                sessions.remove(session);
            }
        }
    }

    /// Waits until all channels of a dead process have ended, and holds against its ledger what was received of each.
    ///
    /// @return how many there were that said who they are
    int assertLost(Victim victim) throws Exception {
        Eventually.holds("every channel of the dead process has ended",
                () -> sessions.stream().allMatch(session -> session.isOver || !isOf(victim, session)));
        int count = 0;
        for (Session session : sessions) {
            if (isOf(victim, session)) {
                assertLost(session);
                sessions.remove(session);
                count++;
                assertComplete(session, victim.sent(session.script.number()));
            }
        }
        return count;
    }

    private static boolean isComplete(Session session, long entered) {
        return session.received == entered || session.received == entered + 1;
    }

    private static boolean isOf(Victim victim, Session session) {
        return session.isFrom(victim.seed());
    }

    private static void assertLost(Session session) {
        if (!(session.end instanceof PeerLostException)) {
            throw new AssertionError(session.script + " was to be lost after " + session.received + " messages",
                    session.end);
        }
    }

    /// The last message may have been sent, and not entered yet.
    private static void assertComplete(Session session, long entered) {
        Role role = session.role();
        if (role.sends() && !isComplete(session, entered)) {
            throw new AssertionError(session.script + ": " + session.received + " messages were received, and the dead"
                    + " process had sent " + entered);
        }
        if (role == Role.CLAIM && session.received > ShmPeer.CLAIMS) {
            throw new AssertionError("what was never committed was received");
        }
    }

    /// How many channels have said who they are and still work.
    int atWork() {
        return (int) sessions.stream().filter(session -> session.script != null && !session.isOver).count();
    }

    /// Waits until all is received that a stopped process had sent.
    void awaitAllOf(Victim victim) throws Exception {
        for (Session session : sessions) {
            if (isOf(victim, session) && session.role().isReadAtOnce()) {
                Eventually.holds("all that " + session.script + " had sent before it was stopped is received",
                        () -> isComplete(session, victim.sent(session.script.number())));
            }
        }
    }

    /// A process that is stopped sends nothing. What is received late is at most the one message of a channel that was sent
    /// before the stop and is not in the ledger; the rest was there by [#awaitAllOf].
    void assertNothingSentSince(Map<Integer, Long> before, Victim victim) {
        for (Map.Entry<Integer, Long> now : received(victim).entrySet()) {
            int number = now.getKey();
            long most = Role.of(number).isReadAtOnce() ? victim.sent(number) + 1 : before.get(number);
            if (now.getValue() < before.get(number) || now.getValue() > most) {
                throw new AssertionError("channel " + number + " of a stopped process: " + before.get(number)
                        + " messages were received, then " + now.getValue() + ", and it can have sent " + most);
            }
        }
    }

    /// How many messages each channel of a process has sent us, by its number.
    Map<Integer, Long> received(Victim victim) {
        return sessions.stream()
                .filter(session -> isOf(victim, session))
                .collect(Collectors.toMap(session -> session.script.number(), session -> session.received));
    }

    /// Those that were killed before they said who they are have ended, too.
    void assertNothingOpen() throws Exception {
        Eventually.holds("every channel has ended", () -> sessions.stream().allMatch(session -> session.isOver));
        for (Session session : sessions) {
            if (!session.isEcho) {
                assertLost(session);
            }
        }
        Eventually.equal("served channels", 0, server::channels);
    }

    @Override
    public void close() {
        endpoint.close();
        server.close();
    }
}
