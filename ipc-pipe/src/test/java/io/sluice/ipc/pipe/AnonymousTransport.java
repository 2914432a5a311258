package io.sluice.ipc.pipe;

import io.sluice.ipc.Address;
import io.sluice.ipc.AddressInUseException;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.HandshakeException;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.NoListenerException;
import io.sluice.ipc.Peer;
import io.sluice.ipc.endpoint.ListeningEndpoint;
import io.sluice.ipc.os.Descriptor;
import io.sluice.ipc.os.Fifo;
import io.sluice.ipc.os.RuntimeDirectory;
import io.sluice.ipc.os.stream.ConduitPoller;
import io.sluice.ipc.os.stream.PolledStream;
import io.sluice.ipc.ring.Deadline;
import io.sluice.ipc.spi.Option;
import io.sluice.ipc.spi.StandardOptions;
import io.sluice.ipc.spi.Transport;
import io.sluice.ipc.stream.Hello;
import io.sluice.ipc.stream.StreamChannel;
import io.sluice.ipc.stream.StreamEndpoint;
import io.sluice.ipc.stream.StreamPlan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `anonymous:NAME`, for the conformance suite: the anonymous pipes of `stdio:`, between processes of which neither has started the
/// other, as the suite's are. The server makes two pipes for each client and says where in `/proc` its ends are, as a
/// parent says to the shell that starts its child; from there on it is what `stdio:` is.
public final class AnonymousTransport implements Transport {
    /// For [java.util.ServiceLoader].
    public AnonymousTransport() {}

    @Override
    public List<String> schemes() {
        return List.of("anonymous");
    }

    @Override
    public List<Option<?>> options() {
        return StreamPlan.OPTIONS.stream().filter(option -> !option.name().equals("framing")).toList();
    }

    @Override
    public String synchronisation() {
        return "kernel pipe, poll";
    }

    @Override
    public Endpoint bind(Address address) {
        RuntimeDirectory directory = RuntimeDirectory.forBind();
        Path path = directory.socket(address, ".sock");
        try (var _ = directory.lock(Duration.ofSeconds(10))) {
            if (Files.exists(path)) {
                try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                    throw new AddressInUseException(address.withoutOptions() + ": bound already");
                } catch (IOException dead) {
                    Files.delete(path);
                }
            }
            ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            socket.bind(UnixDomainSocketAddress.of(path));
            StreamEndpoint endpoint = new StreamEndpoint(address, ConduitPoller::new);
            Thread thread = Thread.ofVirtual().unstarted(() -> accept(endpoint, socket));
            endpoint.attach(new ListeningEndpoint.Listener() {
                @Override
                public void resume() {}

                @Override
                public void close() {
                    try {
                        Files.delete(path);
                        socket.close();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
            thread.start();
            return endpoint;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void accept(StreamEndpoint endpoint, ServerSocketChannel socket) {
        while (true) {
            SocketChannel client;
            try {
                client = socket.accept();
            } catch (IOException closed) {
                return;
            }
            Thread.ofVirtual().start(() -> {
                try (client) {
                    join(endpoint, client);
                } catch (IOException | IpcException e) {
                    // That client is gone.
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    private static void join(StreamEndpoint endpoint, SocketChannel client) throws IOException, InterruptedException {
        Descriptor[] down = Descriptor.pipe();
        Descriptor[] up = Descriptor.pipe();
        PolledStream stream = PipeConduit.stream(up[0], down[1], Peer.UNKNOWN);
        boolean joined = false;
        try {
            String paths = down[0].path() + "\n" + up[1].path() + "\n";
            client.write(ByteBuffer.wrap(paths.getBytes(StandardCharsets.US_ASCII)));
            boolean opened = client.read(ByteBuffer.allocate(1)) == 1;
            down[0].close();
            up[1].close();
            if (opened) {
                Hello mine = hello(endpoint.address());
                Hello theirs = Hello.exchange(stream, mine, Deadline.after(Duration.ofSeconds(5)));
                if (theirs != null) {
                    joined = true;
                    endpoint.arrived(new StreamChannel(
                            endpoint.address(),
                            stream,
                            StreamPlan.of(endpoint.address(), mine, theirs),
                            PipeCarrier.PROMISES));
                }
            }
        } finally {
            down[0].close();
            up[1].close();
            if (!joined) {
                stream.close();
            }
        }
    }

    private static Hello hello(Address address) {
        return Hello.of(true, true, StandardOptions.MAX_MESSAGE.of(address));
    }

    @Override
    public Channel connect(Address address) throws InterruptedException {
        Path path = RuntimeDirectory.forConnect(false).socket(address, ".sock");
        long deadline = Deadline.after(StandardOptions.CONNECT_TIMEOUT.of(address));
        while (true) {
            try (SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                return open(address, socket, deadline);
            } catch (IOException | HandshakeException e) {
                if (Deadline.remaining(deadline) == 0) {
                    throw new NoListenerException(address.withoutOptions() + ": nobody listens", e);
                }
                TimeUnit.MILLISECONDS.sleep(5);
            }
        }
    }

    private static Channel open(Address address, SocketChannel socket, long deadline)
            throws IOException, InterruptedException {
        BufferedReader lines = new BufferedReader(
                new InputStreamReader(Channels.newInputStream(socket), StandardCharsets.US_ASCII));
        String in = lines.readLine();
        String out = lines.readLine();
        if (out == null) {
            throw new IOException("the server went away");
        }
        Descriptor reading = open(in, true);
        PolledStream stream;
        try {
            stream = PipeConduit.stream(reading, open(out, false), Peer.UNKNOWN);
        } catch (IOException e) {
            reading.close();
            throw e;
        }
        boolean joined = false;
        try {
            socket.write(ByteBuffer.wrap(new byte[1]));
            Hello mine = hello(address);
            Hello theirs = Hello.exchange(stream, mine, deadline);
            if (theirs == null) {
                throw new IOException("the server did not greet");
            }
            Channel channel =
                    new StreamChannel(address, stream, StreamPlan.of(address, mine, theirs), PipeCarrier.PROMISES);
            joined = true;
            return channel;
        } finally {
            if (!joined) {
                stream.close();
            }
        }
    }

    /// The names in `/proc` are links.
    private static Descriptor open(String path, boolean toRead) throws IOException {
        return Fifo.openLinked(Path.of(path), toRead).orElseThrow(() -> new IOException("gone: " + path));
    }
}
