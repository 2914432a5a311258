package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.endpoint.ListeningEndpoint;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.ring.Doorbell;
import io.sluice.ipc.ring.RingEndpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.agrona.collections.Long2LongHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Receives from a multicast group: a channel for each source, from its first datagram on. Any number of endpoints, of any processes,
/// may receive from the same group. Nothing is ever sent.
///
/// Anybody who can send to the group can make channels here, under any address, unless a secret is demanded; so there are
/// [#MOST_SOURCES] at most.
final class GroupListener implements ListeningEndpoint.Listener, UdpSocket.Receiver, UdpSession.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(GroupListener.class);
    private static final int MOST_SOURCES = 1_024;
    private static final long NOT_LEFT = Long.MIN_VALUE;

    private final Address address;
    private final Secret secret;
    private final int maxMessage;
    private final Doorbell doorbell = Doorbell.inProcess();
    private final RingEndpoint endpoint;
    private final UdpSocket socket;
    private final UdpSessions sessions = new UdpSessions();
    /// Sources whose channels this side has closed, and when they were last heard; they are not to come again.
    private final Long2LongHashMap left = new Long2LongHashMap(NOT_LEFT);
    private boolean full;
    private boolean tooMany;
    private boolean closed;

    private GroupListener(Address address, Group group) throws IOException {
        this.address = address;
        this.secret = Secret.of(address);
        this.maxMessage = UdpOptions.MAX_MESSAGE.of(address);
        this.endpoint = new RingEndpoint(address, doorbell);
        int largest = DatagramLayout.HEADER + maxMessage + Seal.LENGTH;
        this.socket = new UdpSocket(address.withoutOptions(), group.join(), largest, this, () -> {});
    }

    static RingEndpoint bind(Address address, Group group) throws IOException {
        GroupListener listener = new GroupListener(address, group);
        listener.endpoint.attach(listener);
        listener.socket.start();
        return listener.endpoint;
    }

    @Override
    public void received(ByteBuffer in, InetSocketAddress from) {
        int type = DatagramLayout.isOurs(in) ? in.get(DatagramLayout.TYPE_AT) : 0;
        if (!DatagramLayout.is(in, type, DatagramLayout.HEADER)) {
            return;
        }
        UdpSession session = sessions.of(in, from);
        if (session != null) {
            session.received(in);
        } else if (type == DatagramLayout.DATA || type == DatagramLayout.PING) {
            long id = in.getLong(DatagramLayout.SESSION_AT);
            if (left.containsKey(id)) {
                left.put(id, System.nanoTime());
            } else if (!closed && !full && !sessions.has(id) && isVouchedFor(in, id)) {
                long messages = in.getLong(DatagramLayout.MESSAGES_AT);
                begin(in, from, id, type == DatagramLayout.DATA ? messages - 1 : messages);
            }
        }
    }

    /// Whether the sender has the secret, if one is demanded; before anything is kept of it.
    private boolean isVouchedFor(ByteBuffer in, long id) {
        if (secret == null) {
            return true;
        }
        int length = in.limit();
        boolean vouched = new Seal(DatagramProof.ofGroup(secret, id)).take(in);
        in.limit(length);
        return vouched;
    }

    private void begin(ByteBuffer in, InetSocketAddress from, long id, long before) {
        int slot = sessions.size() < MOST_SOURCES ? doorbell.take() : -1;
        if (slot < 0) {
            if (!tooMany) {
                LOG.warn("{}: there are {} sources, others are left out", address, sessions.size());
            }
            tooMany = true;
            return;
        }
        tooMany = false;
        UdpSession old = sessions.of(from);
        if (old != null) {
            old.lose("it was started anew, as another source has its address now");
        }
        boolean _ = socket.join(KeepAlive.OPTION.of(address));
        UdpSession session = new UdpSession(
                new UdpWire(
                        socket, from, id, null, secret == null ? null : new Seal(DatagramProof.ofGroup(secret, id))),
                UdpSession.Ways.IN,
                this,
                address,
                maxMessage,
                before,
                slot,
                () -> doorbell.ring(slot),
                () -> doorbell.free(slot));
        sessions.add(session);
        session.received(in);
        full = !endpoint.arrived(session.channel());
    }

    @Override
    public boolean tick(long now, long late) {
        long keepAlive = Deadline.nanos(KeepAlive.OPTION.of(address));
        left.values().removeIf(heard -> now - heard > keepAlive);
        return sessions.tick(now, late);
    }

    @Override
    public void giveUp(long now) {
        sessions.giveUp(now);
    }

    @Override
    public void closed(UdpSession session) {
        sessions.remove(session);
        if (!closed) {
            left.put(session.wire().id(), System.nanoTime());
        }
    }

    @Override
    public void resume() {
        socket.lock().lock();
        try {
            full = false;
        } finally {
            socket.lock().unlock();
        }
    }

    @Override
    public void close() {
        socket.lock().lock();
        try {
            closed = true;
        } finally {
            socket.lock().unlock();
        }
        socket.leave();
        socket.awaitClosed();
    }
}
