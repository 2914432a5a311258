package io.sluice.ipc.socket;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.agrona.collections.Long2ObjectHashMap;

/// The sessions on one socket, by their numbers and by the addresses of the peers. Under the lock of the socket.
final class UdpSessions {
    private final Long2ObjectHashMap<UdpSession> byId = new Long2ObjectHashMap<>();
    private final Map<InetSocketAddress, UdpSession> byPeer = new HashMap<>();

    /// The session that a datagram belongs to, or null: its number says so, and it comes from that peer.
    UdpSession of(ByteBuffer in, InetSocketAddress from) {
        UdpSession session = byId.get(in.getLong(DatagramLayout.SESSION_AT));
        return session != null && session.wire().peer().equals(from) ? session : null;
    }

    /// The newest session with a peer, or null.
    UdpSession of(InetSocketAddress peer) {
        return byPeer.get(peer);
    }

    boolean has(long id) {
        return byId.containsKey(id);
    }

    int size() {
        return byId.size();
    }

    void add(UdpSession session) {
        byId.put(session.wire().id(), session);
        byPeer.put(session.wire().peer(), session);
    }

    void remove(UdpSession session) {
        byId.remove(session.wire().id());
        byPeer.remove(session.wire().peer(), session);
    }

    /// As [UdpSocket.Receiver#tick].
    boolean tick(long now, long late) {
        boolean due = false;
        for (UdpSession session : byId.values()) {
            due |= session.tick(now, late);
        }
        return due;
    }

    /// As [UdpSocket.Receiver#giveUp].
    void giveUp(long now) {
        for (UdpSession session : byId.values()) {
            session.giveUp(now);
        }
    }
}
