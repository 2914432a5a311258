package io.sluice.ipc.cli;

import io.sluice.ipc.Address;
import io.sluice.ipc.Capabilities;
import io.sluice.ipc.Channel;
import io.sluice.ipc.ChannelStats;
import io.sluice.ipc.Claim;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.Message;
import io.sluice.ipc.MessageHandler;
import io.sluice.ipc.Peer;
import io.sluice.ipc.SegmentBuffer;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.Transport;
import java.time.Duration;
import java.util.List;
import org.agrona.DirectBuffer;

/// Shared memory with a fault in its client, or where a process dies, in its server: what the demo must find.
public final class FaultyTransport implements Transport {
    private static final int FAULTY_MESSAGE = 100;

    @Override
    public List<String> schemes() {
        return List.of("corrupting", "silent", "dying");
    }

    @Override
    public List<Option<?>> options() {
        return List.of();
    }

    @Override
    public String synchronisation() {
        return "shared memory, with a fault";
    }

    /// What an address of this transport really is.
    static Address shm(Address address) {
        return Address.parse("shm:" + address.scheme() + "-" + address.place());
    }

    @Override
    public Endpoint bind(Address address) {
        Endpoint endpoint = Ipc.bind(shm(address));
        return new FaultyEndpoint(address, endpoint);
    }

    @Override
    public Channel connect(Address address) throws InterruptedException {
        Channel channel = Ipc.connect(shm(address));
        return address.scheme().equals("dying") ? channel : new FaultyChannel(address, channel);
    }

    private record FaultyEndpoint(Address address, Endpoint endpoint) implements Endpoint {
        @Override
        public Channel accept() throws InterruptedException {
            Channel channel = endpoint.accept();
            return address.scheme().equals("dying") ? new FaultyChannel(address, channel) : channel;
        }

        @Override
        public Channel accept(Duration timeout) {
            throw new UnsupportedOperationException();
        }

        @Override
        public io.sluice.ipc.Server serve(io.sluice.ipc.ServerHandler handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return endpoint.isOpen();
        }

        @Override
        public void close() {
            endpoint.close();
        }
    }

    private static final class FaultyChannel implements Channel {
        private final Address address;
        private final Channel channel;
        private int sent;

        FaultyChannel(Address address, Channel channel) {
            this.address = address;
            this.channel = channel;
        }

        @Override
        public void send(DirectBuffer buffer, int offset, int length) throws InterruptedException {
            if (sent++ < FAULTY_MESSAGE) {
                channel.send(buffer, offset, length);
                return;
            }
            switch (address.scheme()) {
                case "silent" -> {}
                case "corrupting" -> {
                    byte[] bytes = new byte[Math.max(1, length)];
                    buffer.getBytes(offset, bytes, 0, length);
                    bytes[bytes.length / 2] ^= 4;
                    channel.send(new SegmentBuffer(bytes), 0, bytes.length);
                }
                default -> {
                    try {
                        new ProcessBuilder("kill", "-KILL", Long.toString(ProcessHandle.current().pid()))
                                .start()
                                .waitFor();
                    } catch (java.io.IOException e) {
                        throw new AssertionError(e);
                    }
                }
            }
        }

        @Override
        public Message receive() throws InterruptedException {
            return channel.receive();
        }

        @Override
        public Message receive(Duration timeout) throws InterruptedException {
            return channel.receive(timeout);
        }

        @Override
        public boolean offer(DirectBuffer buffer, int offset, int length) {
            return channel.offer(buffer, offset, length);
        }

        @Override
        public Claim tryClaim(int length) {
            return channel.tryClaim(length);
        }

        @Override
        public int poll(MessageHandler handler, int limit) {
            return channel.poll(handler, limit);
        }

        @Override
        public Address address() {
            return address;
        }

        @Override
        public Peer peer() {
            return channel.peer();
        }

        @Override
        public Capabilities capabilities() {
            return channel.capabilities();
        }

        @Override
        public ChannelStats stats() {
            return channel.stats();
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() {
            channel.close();
        }
    }
}
