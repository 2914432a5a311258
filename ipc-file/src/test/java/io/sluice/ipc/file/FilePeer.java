package io.sluice.ipc.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/// What a process does that is to be killed: it sends messages that anybody can compute, one after the other, and enters
/// how many it has sent into a ledger, a mapped file, which outlives it.
final class FilePeer {
    static final int MAX_LENGTH = 5_000;
    static final String SEND = "send=";
    static final String ECHO = "echo=";
    private static final int SLOTS = 16;
    private static final long PAUSE_NANOS = 20_000;

    private FilePeer() {}

    /// How many messages each writer has sent: at least; the one after may have been sent and not be entered.
    static final class Ledger {
        private final LongBuffer sent;

        Ledger(Path file) throws IOException {
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                            StandardOpenOption.WRITE)) {
                sent = channel.map(FileChannel.MapMode.READ_WRITE, 0, SLOTS * (long) Long.BYTES)
                        .order(ByteOrder.nativeOrder())
                        .asLongBuffer();
            }
        }

        void enter(int writer, long count) {
            sent.put(writer % SLOTS, count);
        }

        long sent(int writer) {
            return sent.get(writer % SLOTS);
        }
    }

    /// Starts a client with a channel to each address.
    ///
    /// @param writer the number of the first channel's messages, the next have the following
    /// @param addresses behind [#SEND], or [#ECHO] where it waits for each message to come back
    static Child clients(Path ledger, int writer, String... addresses) throws IOException {
        Object[] role = new Object[3 + addresses.length];
        System.arraycopy(new Object[] {"clients", ledger, writer}, 0, role, 0, 3);
        System.arraycopy(addresses, 0, role, 3, addresses.length);
        return Child.start(role);
    }

    /// Starts a server that sends to each of its clients.
    static Child server(Path ledger, int writer, String address) throws IOException {
        return Child.start("server", ledger, writer, address);
    }

    static void main(String[] role) throws Exception {
        Ledger ledger = new Ledger(Path.of(role[1]));
        int writer = Integer.parseInt(role[2]);
        List<String> addresses = List.of(role).subList(3, role.length);
        if (role[0].equals("clients")) {
            CountDownLatch connected = new CountDownLatch(addresses.size());
            for (int i = 0; i < addresses.size(); i++) {
                int own = writer + i;
                String address = addresses.get(i);
                work(() -> {
                    Channel channel = Ipc.connect(
                            Address.parse(address.substring(SEND.length())).with("connect-timeout", "60s"));
                    connected.countDown();
                    return stream(channel, own, ledger, address.startsWith(ECHO));
                });
            }
            connected.await();
            say("up");
        } else {
            Endpoint endpoint = Ipc.bind(addresses.getFirst());
            say("up");
            work(() -> {
                for (int own = writer;; own++) {
                    Channel channel = endpoint.accept();
                    int number = own;
                    work(() -> stream(channel, number, ledger, false));
                }
            });
        }
        System.in.read(); // nothing ever comes but the end of the parent
        System.exit(0);
    }

    private static void work(Callable<Void> work) {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                work.call();
            } catch (Exception e) {
                say("failed: " + e);
                Runtime.getRuntime().halt(1);
            }
        });
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static Void stream(Channel channel, int writer, Ledger ledger, boolean echoes) throws InterruptedException {
        for (long number = 0;; number++) {
            byte[] body = Records.body(writer, number, MAX_LENGTH);
            if (number % 3 == 0) {
                channel.send(body);
            } else if (number % 3 == 1) {
                channel.offer(body);
            } else {
                Claim claim = channel.tryClaim(body.length);
                claim.buffer().putBytes(claim.offset(), body);
                claim.commit();
            }
            ledger.enter(writer, number + 1);
            LockSupport.parkNanos(PAUSE_NANOS); // there is no back pressure
            if (echoes) {
                assertArrayEquals(body, channel.receive().bytes());
            }
        }
    }
}
