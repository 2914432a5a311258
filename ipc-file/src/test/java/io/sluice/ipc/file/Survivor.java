package io.sluice.ipc.file;

import io.sluice.ipc.Channel;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.Server;
import io.sluice.ipc.ServerHandler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;

/// The living side of channels to a [FilePeer] that dies: an endpoint with a thread for each channel, half of which receive
/// only once the peer is lost, and one that is served and echoes.
final class Survivor implements ServerHandler, AutoCloseable {
    final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final Map<Channel, Heard> served = new ConcurrentHashMap<>();
    private final Endpoint endpoint;
    private final Server server;

    Survivor(String accepting, String serving) {
        endpoint = Ipc.bind(accepting);
        server = Ipc.serve(serving, this);
        Thread.ofPlatform().daemon().start(this::accept);
    }

    private void accept() {
        try {
            for (int i = 0;; i++) {
                Channel channel = endpoint.accept();
                Heard each = new Heard();
                heard.add(each);
                Thread.Builder thread = i % 2 == 0 ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
                boolean late = i % 2 == 1;
                thread.start(() -> {
                    if (late) {
                        awaitLoss(channel);
                    }
                    each.all(channel);
                });
            }
        } catch (ClosedException | InterruptedException e) {
            // The test is over.
        }
    }

    /// Finds out without reading anything: so all is still to be read, then.
    private static void awaitLoss(Channel channel) {
        try {
            while (channel.offer(new byte[1])) {
                LockSupport.parkNanos(1_000_000);
            }
        } catch (PeerLostException | ClosedException e) {
            // So it is.
        }
    }

    @Override
    public boolean onMessage(Channel channel, DirectBuffer buffer, int offset, int length) {
        if (length >= Records.HEAD) { // else the bystander's
            Heard each = served.computeIfAbsent(channel, _ -> new Heard());
            if (each.count() == 0) {
                heard.add(each);
            }
            each.take(Records.bytes(buffer, offset, length));
        }
        try {
            return channel.offer(buffer, offset, length);
        } catch (PeerLostException e) {
            return true; // what it has sent before is still to be received
        }
    }

    @Override
    public void onClose(Channel channel, IpcException cause) {
        Heard each = served.remove(channel);
        if (each != null) {
            each.over(cause);
        }
    }

    @Override
    public void close() {
        endpoint.close();
        server.close();
    }
}
