package io.sluice.ipc.ring;

import java.lang.foreign.Arena;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Who is inside a channel's memory, so that it is freed by the last to leave and never under somebody's feet.
///
/// A JVM turns a use of memory that is unmapped into an exception, but not in every case: code of HotSpot's first compiler
/// may finish an access after the unmapping and end the process (JDK-8364167). So the memory is not unmapped while
/// somebody is inside. There are two kinds of occupants:
///
/// - Those who have a [Turn], which are the application's threads. Entering and leaving must cost them nothing that shows:
///   they store that they have it, then look whether the channel was closed, with no fence in between. The one who closes
///   makes up for that: once the channel is closed it has every thread of the process pass a barrier, and only then looks
///   who has a turn. Whoever has stored it before the barrier is seen; whoever comes later sees the close and touches nothing.
///   This is the asymmetric Dekker synchronisation of membarrier(2).
/// - Visitors, which are the transport's and the serving thread: they count themselves in and out atomically.
///
/// [#end()] says that nobody is to come any more; from then on everybody who leaves looks whether it was the last. Before
/// the barrier is through, nobody can tell, so nobody frees anything: whoever closes looks once more when it is. So it takes two
/// flags around the barrier. The first makes those look who leave after it; one who leaves earlier, without a look, is seen
/// to have left. The second makes sure that a look sees every turn.
public final class Occupancy {
    private final Turn inbound;
    private final Turn outbound;
    private final Runnable free;
    private final AtomicInteger visitors = new AtomicInteger();
    private final AtomicBoolean isFreed = new AtomicBoolean();
    private volatile boolean hasEnded;
    private volatile boolean isEveryTurnSeen;

    /// @param inbound who receives
    /// @param outbound who sends
    /// @param free frees the memory; called once
    Occupancy(Turn inbound, Turn outbound, Runnable free) {
        this.inbound = inbound;
        this.outbound = outbound;
        this.free = free;
    }

    /// Lets a visitor in; [#leave()] must follow.
    ///
    /// @return false if the memory may be gone already; then nothing must follow
    boolean visit() {
        visitors.incrementAndGet();
        if (hasEnded) {
            leave();
            return false;
        }
        return true;
    }

    /// Lets a visitor out.
    public void leave() {
        visitors.decrementAndGet();
        turnLeft();
    }

    /// To be called by whoever has given back a turn: frees the memory if it was the last.
    public void turnLeft() {
        if (hasEnded) {
            // Between giving back one turn and looking at the other: of two that leave at once, one sees both free. And
            // between giving it back and looking at the flag: either we see that it is set, or who sets it sees the turn free.
            VarHandle.fullFence();
            if (isEveryTurnSeen) {
                freeIfEmpty();
            }
        }
    }

    /// Nobody enters any more, because the channel is closed: once this has returned, whoever has a turn is seen to have it.
    /// [#turnLeft()] must follow.
    void end() {
        hasEnded = true;
        barrier();
        isEveryTurnSeen = true;
    }

    private void freeIfEmpty() {
        if (visitors.get() == 0 && inbound.isFree() && outbound.isFree() && isFreed.compareAndSet(false, true)) {
            free.run();
        }
    }

    /// Has every thread of this process execute a full fence: closing a shared arena makes each stop for a moment, or finds
    /// it asleep or in native code, which it cannot leave without a fence.
    private static void barrier() {
        Arena.ofShared().close();
    }
}
