package io.sluice.ipc.ring;

import static io.sluice.ipc.ring.RingLayout.WAIT_DOORBELL;
import static io.sluice.ipc.ring.RingLayout.WAIT_FUTEX;
import static io.sluice.ipc.ring.RingLayout.WAIT_LINK;
import static io.sluice.ipc.ring.RingLayout.WAIT_NONE;

import io.sluice.ipc.SegmentBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// The waker's half of a wait word: after a change that the peer may be waiting for, wakes it if it said that it sleeps.
public final class PeerSignal {
    private final MemorySegment ring;
    private final SegmentBuffer words;
    private final int offset;
    private final Link link;
    private final boolean peerSleeps;
    private long wakeups;

    /// @param ring the memory that the peer sees as well
    /// @param offset of the wait word in it
    /// @param link to the peer
    /// @param peerSleeps false if the peer has said that it only ever spins, which saves the fence
    public PeerSignal(MemorySegment ring, int offset, Link link, boolean peerSleeps) {
        this.ring = ring;
        this.words = RingLayout.words(ring);
        this.offset = offset;
        this.link = link;
        this.peerSleeps = peerSleeps;
    }

    /// To be called after the change was published.
    public void changed() {
        if (peerSleeps) {
            // Full fence: our change comes before our look at the word. The sleeper sets the word, fences, and looks for
            // the change: so one of the two sees the other. Without it both could miss, and the peer would sleep on.
            VarHandle.fullFence();
            if (words.getIntOpaque(offset) != WAIT_NONE) {
                wake();
            }
        }
    }

    private void wake() {
        int waiting = words.getAndSetInt(offset, WAIT_NONE);
        if (waiting == WAIT_NONE) {
            return;
        }
        wakeups++;
        switch (waiting) {
            case WAIT_FUTEX -> link.memoryWait().wake(ring, offset);
            case WAIT_LINK -> link.notifyPeer();
            case WAIT_DOORBELL -> link.ringDoorbell();
            default -> {} // not ours to judge: whoever wrote it waits in vain, and harms only itself
        }
    }

    /// How often the peer was woken.
    ///
    /// @return the count
    public long wakeups() {
        return wakeups;
    }
}
