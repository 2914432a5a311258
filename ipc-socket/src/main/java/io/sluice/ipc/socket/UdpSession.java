package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capabilities;
import io.sluice.ipc.Capability;
import io.sluice.ipc.Peer;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.ring.Inbound;
import io.sluice.ipc.ring.Link;
import io.sluice.ipc.ring.MemoryWait;
import io.sluice.ipc.ring.RingChannel;
import io.sluice.ipc.ring.RingFeed;
import io.sluice.ipc.spi.Quantities;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.spi.WaitStrategy;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/// What two addresses have to say to each other, of which a [RingChannel] is the application's side: messages that arrive are put into
/// a ring in this process's memory, and from there on all is as where the peer writes into the ring itself; what is sent goes
/// straight to the socket.
///
/// The ring bounds what a slow receiver holds: what finds no room is lost, and counted. Nothing proves that a peer is dead: one
/// of which nothing was heard for `keepalive`, though it was asked, is taken for lost.
///
/// What comes from outside is called under the lock of the socket; so is the end of it, so that nothing is put into memory that
/// is freed.
final class UdpSession implements Link {
    private static final Set<Capability> PROMISES = Set.of(
            Capability.BIDIRECTIONAL,
            Capability.BOUNDED_MESSAGES,
            Capability.CROSS_PROCESS,
            Capability.CROSS_MACHINE);
    /// A peer that was silent for this part of the time is asked.
    private static final int ASKS_AFTER = 3;
    /// How long a client may take to show that it has heard that it is welcome.
    private static final long GREETING_NANOS = 5_000_000_000L;
    /// How long after a close it is told again; twice as long before the next time.
    private static final long FIRST_FAREWELL_NANOS = 50_000_000;

    /// Which ways messages go.
    enum Ways {
        /// Between two.
        BOTH(3),
        /// To a group: nobody answers.
        OUT(2),
        /// From one who sends to a group.
        IN(0);

        /// How often a close is told, while nobody has said that he knows.
        final int farewells;

        Ways(int farewells) {
            this.farewells = farewells;
        }
    }

    /// What is told of the end of a session, once, under the lock.
    interface Owner {
        /// @param session which this side has closed
        void closed(UdpSession session);
    }

    private final UdpWire wire;
    private final Ways ways;
    private final Owner owner;
    private final Arrivals arrivals;
    private final long keepAliveNanos;
    private final Duration keepAlive;
    private final boolean spins;
    private final Arena arena = Arena.ofShared();
    private final RingFeed feed;
    private final Runnable ringDoorbell;
    private final Runnable onRelease;
    private final RingChannel channel;

    private volatile long sent;
    private long heard = System.nanoTime(); // guarded by the lock, as the following
    private long asked = heard;
    private long client;
    private ByteBuffer welcome;
    private boolean peerGone;
    private boolean over;
    private int farewells;
    private boolean ended;
    private volatile String whyLost = "";

    /// @param address of the endpoint, or the one that was connected to
    /// @param maxMessage of both
    /// @param before how many messages the peer has sent already
    /// @param slot in the endpoint's doorbell
    /// @param ringDoorbell rings it
    /// @param onRelease frees what else belongs to the session
    UdpSession(
            UdpWire wire,
            Ways ways,
            Owner owner,
            Address address,
            int maxMessage,
            long before,
            int slot,
            Runnable ringDoorbell,
            Runnable onRelease) {
        this.wire = wire;
        this.ways = ways;
        this.owner = owner;
        this.arrivals = new Arrivals(before);
        this.keepAlive = KeepAlive.OPTION.of(address);
        this.keepAliveNanos = Deadline.nanos(keepAlive);
        WaitStrategy waiting = StandardOptions.WAIT.of(address);
        this.spins = waiting == WaitStrategy.SPIN;
        this.ringDoorbell = ringDoorbell;
        this.onRelease = onRelease;
        this.feed = ways == Ways.OUT
                ? null
                : new RingFeed(
                        arena, RingFeed.capacity(UdpOptions.CAPACITY.of(address), maxMessage), this, waiting);
        this.channel = new RingChannel(
                address,
                slot,
                this,
                new Capabilities(promises(ways), maxMessage, ways == Ways.IN ? 0 : maxMessage),
                of -> feed == null ? new NoInbound(of) : new Inbound(of, feed.plan(address, slot, maxMessage), this),
                of -> new UdpOutbound(of, this, maxMessage));
    }

    private static Set<Capability> promises(Ways ways) {
        Set<Capability> promises = EnumSet.copyOf(PROMISES);
        if (ways != Ways.BOTH) {
            promises.remove(Capability.BIDIRECTIONAL);
        }
        return promises;
    }

    RingChannel channel() {
        return channel;
    }

    UdpWire wire() {
        return wire;
    }

    Ways ways() {
        return ways;
    }

    // ---- what arrives, under the lock

    /// Takes a datagram of this session: the number in it is the session's.
    void received(ByteBuffer in) {
        if (!wire.isGenuine(in)) {
            return;
        }
        heard = System.nanoTime();
        welcome = null; // it has come
        long messages = in.getLong(DatagramLayout.MESSAGES_AT);
        switch (in.get(DatagramLayout.TYPE_AT)) {
            case DatagramLayout.DATA -> receivedMessage(in, messages);
            case DatagramLayout.PING -> {
                arrivals.sent(messages);
                say(DatagramLayout.PONG);
            }
            case DatagramLayout.PONG -> arrivals.sent(messages);
            case DatagramLayout.BYE -> receivedBye(messages);
            case DatagramLayout.ENDED -> {
                if (over) {
                    end();
                } else {
                    lose("the peer has no such channel any more: it was started anew, or has given this side up");
                }
            }
            default -> {} // of a later version, or nonsense
        }
    }

    private void receivedMessage(ByteBuffer in, long number) {
        int length = in.limit() - DatagramLayout.HEADER;
        if (peerGone || over || length > channel.capabilities().maxMessage()
                || !arrivals.isNew(number)) {
            return;
        }
        arrivals.take(number); // before it can be received, so that whoever receives it finds it counted
        if (!feed.put(in, DatagramLayout.HEADER, length)) {
            arrivals.lose();
        }
    }

    private void receivedBye(long messages) {
        say(DatagramLayout.ENDED);
        if (over) {
            end(); // both have closed
        } else if (!peerGone) {
            arrivals.sent(messages);
            feed.close();
            gone();
        }
    }

    /// The peer is gone without a word.
    void lose(String why) {
        if (!peerGone && !over) {
            whyLost = why;
            gone();
        }
    }

    private void gone() {
        peerGone = true;
        channel.onPeerGone();
    }

    /// Nobody has the peer's port, as its system says. One that has a secret trusts no such word.
    void unreachable() {
        if (over) {
            end();
        } else if (!wire.isTrusted()) {
            lose("nobody has its port any more, as its system says: its process is gone");
        }
    }

    /// Asks a silent peer.
    ///
    /// @return whether it has been silent for so long that it is to be given up
    boolean tick(long now, long late) {
        heard += late;
        if (peerGone || over) {
            return false;
        }
        long silent = now - heard;
        if (ways != Ways.IN && silent > keepAliveNanos / ASKS_AFTER && now - asked > keepAliveNanos / ASKS_AFTER / 2) {
            asked = now;
            say(DatagramLayout.PING);
        }
        return isGivenUp(now);
    }

    private boolean isGivenUp(long now) {
        return ways != Ways.OUT && now - heard > (welcome != null ? GREETING_NANOS : keepAliveNanos);
    }

    void giveUp(long now) {
        if (isGivenUp(now)) {
            lose(welcome != null
                    ? "it has not shown that it has heard the endpoint's answer: it gave up, or the network is cut"
                    : "nothing was heard of it for " + Quantities.duration(keepAlive)
                            + ", which ?keepalive= allows: it is gone, or stopped, or the network is cut");
        }
    }

    /// Remembers what to say again to a client that repeats its HELLO, because it has not heard it.
    void welcome(long number, ByteBuffer datagram) {
        client = number;
        welcome = datagram;
        repeatWelcome();
    }

    /// Whether it was opened by that HELLO.
    boolean isOf(long number) {
        return client == number;
    }

    void repeatWelcome() {
        if (welcome != null) {
            wire.sendAsItIs(welcome);
        }
    }

    // ---- what is sent

    /// Says something without a message; who listens to a group does not.
    void say(int type) {
        if (ways != Ways.IN) {
            wire.say(type, type == DatagramLayout.ENDED ? 0 : sent);
        }
    }

    /// Sends a message that stands behind room for the head; one thread at a time.
    ///
    /// @return false if the system has no room for it
    boolean send(ByteBuffer datagram, int length) {
        if (!wire.send(datagram, sent + 1, length)) {
            return false;
        }
        countOne();
        return true;
    }

    /// Counts a message as sent; if it is not, its number is used up, so that the peer counts it as lost.
    void countOne() {
        long count = sent + 1; // one thread writes
        sent = count;
    }

    void awaitWritable(long nanos) throws InterruptedException {
        wire.socket().awaitWritable(nanos);
    }

    // ---- the channel's link

    @Override
    public MemoryWait memoryWait() {
        return MemoryWait.NONE;
    }

    /// Called by the one who fills the ring, in this process.
    @Override
    public void notifyPeer() {
        channel.onNotified();
    }

    @Override
    public void ringDoorbell() {
        ringDoorbell.run();
    }

    @Override
    public boolean bringIn() {
        return spins && wire.socket().spin();
    }

    @Override
    public long lost() {
        return arrivals.lost();
    }

    @Override
    public String whyLost() {
        return whyLost;
    }

    @Override
    public Peer peer() {
        return Peer.UNKNOWN;
    }

    /// The socket is kept until the peer has said that it knows of the close, for a little while.
    @Override
    public void disconnect() {
        wire.socket().lock().lock();
        try {
            if (over) {
                return;
            }
            over = true;
            if (peerGone || ways.farewells == 0) {
                end();
            } else {
                sayFarewellAgain(); // it was said once
            }
        } finally {
            wire.socket().lock().unlock();
        }
    }

    private void sayFarewellAgain() {
        wire.socket().loop().schedule(FIRST_FAREWELL_NANOS << farewells, () -> {
            wire.socket().lock().lock();
            try {
                if (!ended && farewells < ways.farewells) {
                    farewells++;
                    say(DatagramLayout.BYE);
                    sayFarewellAgain();
                } else {
                    end();
                }
            } finally {
                wire.socket().lock().unlock();
            }
        });
    }

    /// Nothing is owed to the peer any more.
    private void end() {
        if (!ended) {
            ended = true;
            owner.closed(this);
            wire.socket().leave();
        }
    }

    @Override
    public void release() {
        arena.close();
        onRelease.run();
    }
}
