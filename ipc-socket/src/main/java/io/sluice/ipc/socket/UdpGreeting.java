package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.AuthenticationException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.ring.Deadline;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;

/// The client's half of the handshake, which [UdpListener] draws, and what its socket receives from then on. Whatever gets lost, the
/// client says its HELLO again.
final class UdpGreeting implements UdpSocket.Receiver {
    private static final long FIRST_PAUSE_NANOS = 50_000_000;
    private static final long LONGEST_PAUSE_NANOS = 500_000_000;
    /// How long an answer may take that nobody waits for any more.
    private static final long ABANDONED_NANOS = 1_000_000_000;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Address address;
    private final Secret secret;
    private final String reached;
    private final int maxMessage;
    private final long client = RANDOM.nextLong();
    private final byte[] nonce = new byte[DatagramProof.NONCE];
    private final ByteBuffer hello = DatagramLayout.buffer(DatagramLayout.HELLO_LENGTH);
    private final UdpSocket socket;
    private final Condition news;
    private byte[] cookie; // under the lock of the socket, as the following
    private UdpSession session;
    private RuntimeException refusal;
    private boolean nobody;
    private boolean abandoned;
    private boolean awaitsAnswer;

    private UdpGreeting(Address address, Secret secret, InetSocketAddress to, DatagramChannel channel) {
        this.address = address;
        this.secret = secret;
        this.reached = InetPlace.text(to);
        this.maxMessage = UdpOptions.MAX_MESSAGE.of(address);
        RANDOM.nextBytes(nonce);
        int largest =
                Math.max(DatagramLayout.HELLO_LENGTH, DatagramLayout.HEADER + maxMessage + Seal.LENGTH);
        this.socket = new UdpSocket(address.withoutOptions(), channel, largest, this, () -> {});
        this.news = socket.lock().newCondition();
    }

    /// Greets the endpoint at an address.
    ///
    /// @param until when to give it up
    /// @return a channel, or null if nobody has answered in time or nobody is there
    static Channel with(Address address, Secret secret, InetSocketAddress to, long until)
            throws IOException, InterruptedException {
        boolean fragments = UdpOptions.MAX_MESSAGE.of(address) > UdpOptions.UNFRAGMENTED;
        DatagramChannel channel = UdpTransport.open(to, fragments);
        boolean open = false;
        UdpGreeting greeting;
        try {
            channel.connect(to);
            greeting = new UdpGreeting(address, secret, to, channel);
            greeting.socket.start();
            open = true;
        } finally {
            if (!open) {
                channel.close();
            }
        }
        try {
            return greeting.run(until);
        } finally {
            greeting.leave();
        }
    }

    /// Under the lock in which it was found that there is no channel: an endpoint that may have let this client in is told, when it
    /// says so, that nobody waits any more.
    private void abandon() {
        abandoned = true;
        if (session != null) {
            session.channel().close();
        }
        awaitsAnswer = cookie != null && session == null && refusal == null && !nobody;
    }

    private void leave() {
        if (awaitsAnswer) {
            socket.loop().schedule(ABANDONED_NANOS, socket::leave);
        } else {
            socket.leave(); // a session has joined
        }
    }

    private Channel run(long until) throws InterruptedException {
        long pause = FIRST_PAUSE_NANOS;
        boolean done = false;
        socket.lock().lockInterruptibly();
        try {
            while (true) {
                sayHello();
                long again = Deadline.after(Math.min(pause, Deadline.remaining(until)));
                while (session == null && refusal == null && !nobody && Deadline.remaining(again) > 0) {
                    boolean _ = news.await(Deadline.remaining(again), TimeUnit.NANOSECONDS);
                }
                if (session != null) {
                    done = true;
                    return session.channel();
                }
                if (refusal != null) {
                    throw refusal;
                }
                if (nobody || Deadline.remaining(until) == 0) {
                    return null;
                }
                pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
            }
        } finally {
            if (!done) {
                abandon();
            }
            socket.lock().unlock();
        }
    }

    private void sayHello() {
        DatagramLayout.begin(hello, DatagramLayout.HELLO, DatagramLayout.HELLO_LENGTH)
                .putLong(DatagramLayout.CLIENT_AT, client)
                .putInt(DatagramLayout.MAX_MESSAGE_AT, maxMessage)
                .put(DatagramLayout.NONCE_AT, nonce);
        DatagramLayout.text(
                hello,
                DatagramLayout.ADDRESS_LENGTH_AT,
                DatagramLayout.ADDRESS_AT,
                reached,
                DatagramLayout.HELLO_LENGTH - DatagramLayout.ADDRESS_AT);
        if (cookie != null) {
            hello.put(DatagramLayout.COOKIE_AT, cookie).putInt(DatagramLayout.FLAGS_AT, DatagramLayout.FLAG_COOKIE);
            if (secret != null) {
                hello.putInt(DatagramLayout.FLAGS_AT, DatagramLayout.FLAG_COOKIE | DatagramLayout.FLAG_PROOF)
                        .put(DatagramLayout.PROOF_AT, proof().ofClient());
            }
        }
        boolean _ = socket.send(hello, null);
    }

    private DatagramProof proof() {
        return new DatagramProof(secret, client, nonce, cookie, reached);
    }

    @Override
    public void received(ByteBuffer in, InetSocketAddress from) {
        if (session == null) {
            if (!abandoned || awaitsAnswer) {
                receivedAnswer(in);
            }
        } else if (DatagramLayout.isOurs(in) && in.limit() >= DatagramLayout.HEADER
                && in.get(DatagramLayout.TYPE_AT) >= DatagramLayout.DATA
                && in.getLong(DatagramLayout.SESSION_AT) == session.wire().id()) {
            session.received(in);
        }
    }

    private void receivedAnswer(ByteBuffer in) {
        if (in.limit() < DatagramLayout.MAX_MESSAGE_AT || in.getLong(DatagramLayout.CLIENT_AT) != client) {
            return; // not to this side
        }
        if (DatagramLayout.is(in, DatagramLayout.COOKIE, DatagramLayout.COOKIE_LENGTH)) {
            cookie = DatagramLayout.bytes(in, DatagramLayout.BAKED_AT, Cookies.LENGTH);
            sayHello();
        } else if (cookie != null && DatagramLayout.is(in, DatagramLayout.WELCOME, DatagramLayout.WELCOME_LENGTH)) {
            receivedWelcome(in);
        } else if (DatagramLayout.is(in, DatagramLayout.REFUSED, DatagramLayout.WORDS_AT)) {
            receivedRefusal(in);
        }
        news.signalAll();
    }

    private void receivedWelcome(ByteBuffer in) {
        int agreed = in.getInt(DatagramLayout.MAX_MESSAGE_AT);
        long id = in.getLong(DatagramLayout.NEW_SESSION_AT);
        if (agreed < 1 || agreed > maxMessage) {
            refusal = new HandshakeException(address.withoutOptions() + ": the endpoint answers with a max message of "
                    + agreed + "; it is no Sluice end, or a faulty one");
            return;
        }
        Seal sends = null;
        Seal checks = null;
        if (secret != null) {
            if (!MessageDigest.isEqual(
                    proof().ofSession('s', id, agreed),
                    DatagramLayout.bytes(in, DatagramLayout.WELCOME_PROOF_AT, Challenge.PROOF))) {
                refusal = new AuthenticationException(address.withoutOptions()
                        + ": the endpoint does not prove that it has the secret; this side insists");
                return;
            }
            sends = new Seal(proof().ofSession('C', id, agreed));
            checks = new Seal(proof().ofSession('S', id, agreed));
        }
        boolean _ = socket.join(KeepAlive.OPTION.of(address));
        session = new UdpSession(
                new UdpWire(socket, null, id, sends, checks),
                UdpSession.Ways.BOTH,
                _ -> {},
                address,
                agreed,
                0,
                0,
                () -> {},
                () -> {});
        if (abandoned) {
            session.channel().close();
        } else {
            session.say(DatagramLayout.PING); // so the endpoint knows that its answer has come
        }
    }

    private void receivedRefusal(ByteBuffer in) {
        String words = DatagramLayout.text(in, DatagramLayout.WORDS_LENGTH_AT, DatagramLayout.WORDS_AT);
        String text = address.withoutOptions() + ": refused by the endpoint: " + words;
        refusal = in.getInt(DatagramLayout.WHY_AT) == UdpListener.Refusal.SECRET.ordinal()
                ? new AuthenticationException(text)
                : new HandshakeException(text);
    }

    @Override
    public void unreachable() {
        if (session != null) {
            session.unreachable();
        } else {
            nobody = true;
            news.signalAll();
        }
    }

    @Override
    public boolean tick(long now, long late) {
        return session != null && session.tick(now, late);
    }

    @Override
    public void giveUp(long now) {
        session.giveUp(now);
    }
}
