package io.sluice.ipc.inproc;

import io.sluice.ipc.Peer;
import io.sluice.ipc.ring.Doorbell;
import io.sluice.ipc.ring.Link;
import io.sluice.ipc.ring.MemoryWait;
import io.sluice.ipc.ring.RingChannel;
import java.util.Optional;
import java.util.OptionalLong;

/// The link to the other end in the same process: it is told by being called.
final class InprocLink implements Link {
    private static final Peer SELF =
            new Peer(Optional.empty(), Optional.empty(), OptionalLong.of(ProcessHandle.current().pid()));

    private final InprocListener.InprocMemory memory;
    private final Doorbell doorbell;
    private final int slot;
    private final boolean server;
    private RingChannel other;

    InprocLink(InprocListener.InprocMemory memory, Doorbell doorbell, int slot, boolean server) {
        this.memory = memory;
        this.doorbell = doorbell;
        this.slot = slot;
        this.server = server;
    }

    void join(RingChannel otherEnd) {
        other = otherEnd;
    }

    @Override
    public MemoryWait memoryWait() {
        return MemoryWait.NONE;
    }

    @Override
    public void notifyPeer() {
        other.onNotified();
    }

    @Override
    public void ringDoorbell() {
        doorbell.ring(slot);
    }

    @Override
    public Peer peer() {
        return SELF;
    }

    @Override
    public void disconnect() {
        other.onPeerGone();
    }

    @Override
    public void release() {
        memory.release();
        if (server) {
            doorbell.free(slot);
        }
    }
}
