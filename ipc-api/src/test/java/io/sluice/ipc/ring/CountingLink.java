package io.sluice.ipc.ring;

import io.sluice.ipc.Peer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

/// A link to nobody that counts what it is asked for.
class CountingLink implements Link {
    final AtomicInteger notified = new AtomicInteger();
    final AtomicInteger rung = new AtomicInteger();
    final AtomicInteger disconnected = new AtomicInteger();
    final AtomicInteger released = new AtomicInteger();

    @Override
    public MemoryWait memoryWait() {
        return MemoryWait.NONE;
    }

    @Override
    public void notifyPeer() {
        notified.incrementAndGet();
    }

    @Override
    public void ringDoorbell() {
        rung.incrementAndGet();
    }

    @Override
    public Peer peer() {
        return new Peer(Optional.empty(), Optional.empty(), OptionalLong.empty());
    }

    @Override
    public void disconnect() {
        disconnected.incrementAndGet();
    }

    @Override
    public void release() {
        released.incrementAndGet();
    }
}
