package io.sluice.ipc.socket;

import io.sluice.ipc.Address;
import io.sluice.ipc.endpoint.ListeningEndpoint;
import io.sluice.ipc.ring.Doorbell;
import io.sluice.ipc.ring.RingChannel;
import io.sluice.ipc.ring.RingEndpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An endpoint's half of the handshake with its peers, in which nothing is kept of one that has not proved that it has the address
/// under which it sends, and no such address is sent more than came from it.
///
/// ```
///   client                                                  server
///     |  HELLO, without a cookie, 256 bytes                    |
///     |------------------------------------------------------->|  makes a cookie, forgets the client
///     |                                     COOKIE, 44 bytes   |
///     |<-------------------------------------------------------|
///     |  HELLO, with the cookie and, if there is a secret,     |
///     |  a proof                                               |
///     |------------------------------------------------------->|  checks both: the session begins
///     |                  WELCOME, 60 bytes, or REFUSED         |
///     |<-------------------------------------------------------|
///     |  PING                                                  |
///     |------------------------------------------------------->|
/// ```
///
/// What gets lost is said again by the client. A peer that begins anew from the same address ends its session of before.
final class UdpListener implements ListeningEndpoint.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(UdpListener.class);
    private static final SecureRandom RANDOM = new SecureRandom();

    /// Why a client is refused.
    enum Refusal {
        VERSION,
        SECRET,
        FULL
    }

    private final Address asked;
    private final Secret secret;
    private final Doorbell doorbell = Doorbell.inProcess();
    private final Cookies cookies = new Cookies();
    private final ByteBuffer answer = DatagramLayout.buffer(DatagramLayout.HELLO_LENGTH);
    private UdpPort port;
    private RingEndpoint endpoint;
    private boolean full; // under the lock of the socket, as the following
    private boolean closed;

    private UdpListener(Address asked) {
        this.asked = asked;
        this.secret = Secret.of(asked);
    }

    /// Binds an address.
    static RingEndpoint bind(Address address, InetPlace place) throws IOException {
        UdpListener listener = new UdpListener(address);
        boolean fragments = UdpOptions.MAX_MESSAGE.of(address) > UdpOptions.UNFRAGMENTED;
        UdpPort port = UdpPort.bind(address.withoutOptions(), place.toBind(), fragments, listener);
        port.socket().lock().lock(); // nobody is let in before all is there
        try {
            listener.port = port;
            listener.endpoint = new RingEndpoint(place.bound(port.local()), listener.doorbell);
            listener.endpoint.attach(listener);
            return listener.endpoint;
        } finally {
            port.socket().lock().unlock();
        }
    }

    /// Takes a HELLO.
    void hello(ByteBuffer in, InetSocketAddress from) {
        if (endpoint == null || closed || in.limit() < DatagramLayout.HELLO_LENGTH) {
            return;
        }
        long client = in.getLong(DatagramLayout.CLIENT_AT);
        if (in.get(DatagramLayout.VERSION_AT) != DatagramLayout.VERSION) {
            refuse(from, client, Refusal.VERSION, "the endpoint speaks version " + DatagramLayout.VERSION);
            return;
        }
        int flags = in.getInt(DatagramLayout.FLAGS_AT);
        byte[] cookie = DatagramLayout.bytes(in, DatagramLayout.COOKIE_AT, Cookies.LENGTH);
        if ((flags & DatagramLayout.FLAG_COOKIE) == 0 || !cookies.isOurs(cookie, from, client)) {
            ByteBuffer baked = DatagramLayout.begin(answer, DatagramLayout.COOKIE, DatagramLayout.COOKIE_LENGTH);
            baked.putLong(DatagramLayout.CLIENT_AT, client).put(DatagramLayout.BAKED_AT, cookies.bake(from, client));
            port.socket().trySend(baked, from);
            return;
        }
        UdpSession before = port.sessions().of(from);
        if (before != null && before.isOf(client)) {
            before.repeatWelcome();
        } else if (!full && cookies.spend(client)) {
            admit(in, from, client, cookie, before);
        }
    }

    private void admit(ByteBuffer in, InetSocketAddress from, long client, byte[] cookie, UdpSession before) {
        int wanted = in.getInt(DatagramLayout.MAX_MESSAGE_AT);
        String reached = DatagramLayout.text(in, DatagramLayout.ADDRESS_LENGTH_AT, DatagramLayout.ADDRESS_AT);
        if (wanted < 1 || reached == null) {
            LOG.debug("{}: a HELLO from {} makes no sense", endpoint.address(), from);
            return;
        }
        DatagramProof proof = new DatagramProof(
                secret, client, DatagramLayout.bytes(in, DatagramLayout.NONCE_AT, DatagramProof.NONCE), cookie,
                reached);
        String fault = fault(in, proof);
        if (fault != null) {
            LOG.warn("{}: the client at {} was refused: {}", endpoint.address(), from, fault);
            refuse(from, client, Refusal.SECRET, fault);
            return;
        }
        int slot = doorbell.take();
        if (slot < 0) {
            refuse(from, client, Refusal.FULL,
                    "the endpoint has " + Doorbell.SLOTS + " open channels, which is the most");
            return;
        }
        if (before != null) {
            before.lose("it was started anew, as another client has its address now");
        }
        begin(from, proof, Math.min(wanted, UdpOptions.MAX_MESSAGE.of(asked)), slot);
    }

    /// What is wrong with what a client proves, in words, or null.
    private String fault(ByteBuffer in, DatagramProof proof) {
        boolean proves = (in.getInt(DatagramLayout.FLAGS_AT) & DatagramLayout.FLAG_PROOF) != 0;
        if (secret == null) {
            return proves ? "it has a ?secret-file= and insists, the endpoint has none" : null;
        }
        if (!proves) {
            return "it has no ?secret-file=, and the endpoint insists on one";
        }
        if (!MessageDigest.isEqual(
                proof.ofClient(), DatagramLayout.bytes(in, DatagramLayout.PROOF_AT, Challenge.PROOF))) {
            return "its secret is another; the file must have the same contents on both sides";
        }
        return isOurs(proof.address())
                ? null
                : "it has connected to " + proof.address() + ", which is not here: somebody passes on what it says";
    }

    private boolean isOurs(String reached) {
        InetSocketAddress local = port.local();
        if (!local.getAddress().isAnyLocalAddress()) {
            return InetPlace.text(local).equals(reached);
        }
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .anyMatch(own -> InetPlace.text(new InetSocketAddress(own, local.getPort())).equals(reached));
        } catch (SocketException e) {
            LOG.debug("{}: the addresses of this machine are not to be had", endpoint.address(), e);
            return false;
        }
    }

    private void begin(InetSocketAddress from, DatagramProof proof, int maxMessage, int slot) {
        long id = RANDOM.nextLong();
        Seal sends = secret == null ? null : new Seal(proof.ofSession('S', id, maxMessage));
        Seal checks = secret == null ? null : new Seal(proof.ofSession('C', id, maxMessage));
        Address address = endpoint.address();
        boolean _ = port.socket().join(KeepAlive.OPTION.of(address));
        UdpSession session = new UdpSession(
                new UdpWire(port.socket(), from, id, sends, checks),
                UdpSession.Ways.BOTH,
                port,
                address,
                maxMessage,
                0,
                slot,
                () -> doorbell.ring(slot),
                () -> doorbell.free(slot));
        port.sessions().add(session);
        ByteBuffer welcome = DatagramLayout.begin(
                DatagramLayout.buffer(DatagramLayout.WELCOME_LENGTH), DatagramLayout.WELCOME,
                DatagramLayout.WELCOME_LENGTH);
        welcome.putLong(DatagramLayout.CLIENT_AT, proof.client())
                .putInt(DatagramLayout.MAX_MESSAGE_AT, maxMessage)
                .putLong(DatagramLayout.NEW_SESSION_AT, id);
        if (secret != null) {
            welcome.putInt(DatagramLayout.FLAGS_AT, DatagramLayout.FLAG_PROOF)
                    .put(DatagramLayout.WELCOME_PROOF_AT, proof.ofSession('s', id, maxMessage));
        }
        session.welcome(proof.client(), welcome);
        arrived(session.channel());
    }

    private void arrived(RingChannel channel) {
        if (!endpoint.arrived(channel)) {
            full = true;
        }
    }

    private void refuse(InetSocketAddress from, long client, Refusal why, String words) {
        ByteBuffer refused = DatagramLayout.begin(
                answer, DatagramLayout.REFUSED, DatagramLayout.WORDS_AT + DatagramLayout.WORDS_MOST);
        refused.putLong(DatagramLayout.CLIENT_AT, client).putInt(DatagramLayout.WHY_AT, why.ordinal());
        DatagramLayout.text(
                refused, DatagramLayout.WORDS_LENGTH_AT, DatagramLayout.WORDS_AT, words, DatagramLayout.WORDS_MOST);
        port.socket().trySend(refused, from);
    }

    @Override
    public void resume() {
        port.socket().lock().lock();
        try {
            full = false;
        } finally {
            port.socket().lock().unlock();
        }
    }

    @Override
    public void close() {
        port.socket().lock().lock();
        try {
            closed = true;
        } finally {
            port.socket().lock().unlock();
        }
        port.release();
    }
}
