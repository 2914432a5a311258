package io.sluice.ipc.file;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capabilities;
import io.sluice.ipc.Peer;
import io.sluice.ipc.os.FileEvents;
import io.sluice.ipc.os.FutexMemoryWait;
import io.sluice.ipc.ring.Link;
import io.sluice.ipc.ring.MemoryWait;
import io.sluice.ipc.ring.RingChannel;

/// What a channel in files adds to its journals: how the peer is woken, and what proves its death.
///
/// Each side holds a lock on a file of its own as long as it has the channel; the kernel releases it when the side's process
/// dies, whatever way. That the file was closed or written to the kernel tells as well: so nobody looks at locks for nothing.
final class FileLink implements Link {
    private final Session session;
    private final Runnable ringDoorbell;
    private final Runnable onRelease;
    private volatile RingChannel channel;
    private volatile Watcher.Watch watch;

    /// @param ringDoorbell rings the endpoint's doorbell for this channel
    /// @param onRelease frees what else belongs to the channel
    private FileLink(Session session, Runnable ringDoorbell, Runnable onRelease) {
        this.session = session;
        this.ringDoorbell = ringDoorbell;
        this.onRelease = onRelease;
    }

    /// Makes a channel of a session whose journals are open, and on which both sides have agreed.
    ///
    /// @param slot in the endpoint's doorbell
    static RingChannel open(Session session, Address address, int slot, Runnable ringDoorbell, Runnable onRelease) {
        FileLink link = new FileLink(session, ringDoorbell, onRelease);
        int maxMessage = Math.clamp(session.words.get(SessionLayout.MAX_MESSAGE_OFFSET), 1, session.maxLength());
        var promises = session.words.isMapped() ? FileTransport.PROMISES : FileTransport.STREAM_PROMISES;
        RingChannel channel = new RingChannel(
                address,
                slot,
                link,
                new Capabilities(promises, maxMessage, maxMessage),
                of -> new FileInbound(of, session, link),
                of -> new FileOutbound(of, session, link, maxMessage));
        link.channel = channel;
        link.watch = Watcher.watch(
                session.peersLife(), FileEvents.MODIFIED | FileEvents.CLOSED, session.words.isMapped(), link::look);
        if (link.look(0)) {
            channel.onNotified(); // it is the watch that will be told of the rest
        }
        return channel;
    }

    private boolean look(int mask) {
        boolean maybeGone = mask != FileEvents.MODIFIED;
        if (maybeGone && !session.isPeerAlive()) {
            channel.onPeerGone();
            return false;
        }
        if (mask == FileEvents.MODIFIED || !session.words.isMapped()) {
            channel.onNotified();
        }
        return mask == FileEvents.CLOSED; // so told a moment before the lock is released
    }

    @Override
    public MemoryWait memoryWait() {
        return session.words.isMapped() ? FutexMemoryWait.get() : MemoryWait.NONE;
    }

    @Override
    public void notifyPeer() {
        session.nudge();
    }

    @Override
    public void ringDoorbell() {
        ringDoorbell.run();
    }

    @Override
    public Peer peer() {
        return Peer.UNKNOWN;
    }

    @Override
    public void disconnect() {
        session.end();
        Watcher.Watch watched = watch;
        if (watched != null) {
            watched.close();
        }
    }

    @Override
    public void release() {
        session.release();
        onRelease.run();
    }
}
