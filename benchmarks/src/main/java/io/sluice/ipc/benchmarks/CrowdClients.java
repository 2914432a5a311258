package io.sluice.ipc.benchmarks;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.SegmentBuffer;

/// The clients of [Crowd]: every client in turn offers messages, until it is refused or has had its share of the round.
final class CrowdClients {
    private static final int SHARE = 64;

    private final Channel[] channels;
    private final SegmentBuffer[] messages;

    private CrowdClients(int clients) throws InterruptedException {
        channels = new Channel[clients];
        messages = new SegmentBuffer[clients];
        for (int client = 0; client < clients; client++) {
            channels[client] = Ipc.connect(Crowd.ADDRESS + "&connect-timeout=20s");
            messages[client] = new SegmentBuffer(new byte[RoundTrip.LENGTH]);
            messages[client].putLong(0, 1);
            messages[client].putInt(Long.BYTES, client);
        }
    }

    public static void main(String[] args) throws InterruptedException {
        Lifeline.hold();
        CrowdClients clients = new CrowdClients(Integer.parseInt(args[0]));
        while (true) {
            clients.round();
        }
    }

    private void round() {
        for (int client = 0; client < channels.length; client++) {
            SegmentBuffer message = messages[client];
            for (int i = 0; i < SHARE && channels[client].offer(message, 0, RoundTrip.LENGTH); i++) {
                message.putLong(0, message.getLong(0) + 1);
            }
        }
    }
}
