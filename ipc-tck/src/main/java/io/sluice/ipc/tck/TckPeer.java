package io.sluice.ipc.tck;

import io.sluice.ipc.Address;
import io.sluice.ipc.Channel;
import io.sluice.ipc.Claim;
import io.sluice.ipc.ClosedException;
import io.sluice.ipc.Endpoint;
import io.sluice.ipc.Ipc;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.Message;
import io.sluice.ipc.PeerLostException;
import io.sluice.ipc.Server;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/// The second JVM of the suite: reads a command from each line of its standard input, does it, and answers with one
/// line, `ok` and a result, or `failed` with the exception's simple name and message.
///
///     bind ADDRESS              connect ADDRESS           serve ADDRESS   (an echo server)
///     prepare ADDRESS           connect where nobody listens, to load what that needs
///     accept
///     send COUNT STREAM         receive COUNT STREAM      (receive checks every byte)
///     stream STREAM             send messages until the end, or until it is killed; answers at once
///     drain STREAM              receive until the end or the peer's loss: answers the count and which
///     collect COUNT STREAM      receive until the end what arrives of so many messages, each once, in any order: answers
///                               how many came and how many were counted as lost
///     fill STREAM               offer until there is back pressure: answers the count
///     echo                      send back what comes, until the end; answers at once
///     claim LENGTH              claim and never commit
///     close                     close the channel
///     unbind                    close the endpoint or the server
///     halt                      end the process without closing anything
///
/// STREAM is a seed, a smallest and a largest size. There is one channel, one endpoint and one server at a time. Not
/// receiving is what it does when it is told nothing. When its standard input ends, the process ends.
public final class TckPeer {
    private Endpoint endpoint;
    private Server server;
    private Channel channel;

    private TckPeer() {}

    /// Runs until standard input ends.
    ///
    /// @param arguments none
    /// @throws IOException if standard input cannot be read
    public static void main(String[] arguments) throws IOException {
        TckPeer peer = new TckPeer();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null;) {
            String answer;
            try {
                answer = "ok " + peer.obey(line.trim().split(" +"));
            } catch (Exception | AssertionError e) {
                e.printStackTrace();
                answer = "failed " + e.getClass().getSimpleName() + " " + String.valueOf(e.getMessage());
            }
            System.out.println(answer.replace('\n', ' '));
        }
        Runtime.getRuntime().halt(0);
    }

    private String obey(String[] words) throws InterruptedException {
        switch (words[0]) {
            case "bind" -> endpoint = Ipc.bind(Address.parse(words[1]));
            case "prepare" -> prepare(Address.parse(words[1]));
            case "connect" -> channel = Ipc.connect(patient(Address.parse(words[1])));
            case "serve" ->
                server = Ipc.serve(Address.parse(words[1]), (to, bytes, at, size) -> to.offer(bytes, at, size));
            case "accept" -> channel = endpoint.accept();
            case "send" -> send(Long.parseLong(words[1]), stream(words, 2));
            case "receive" -> receive(Long.parseLong(words[1]), stream(words, 2));
            case "stream" -> inBackground(() -> send(Long.MAX_VALUE, stream(words, 1)));
            case "drain" -> {
                return drain(stream(words, 1));
            }
            case "collect" -> {
                return collect(Integer.parseInt(words[1]), stream(words, 2));
            }
            case "fill" -> {
                return Long.toString(fill(channel, stream(words, 1), Long.MAX_VALUE));
            }
            case "echo" -> inBackground(this::echo);
            case "claim" -> claim(Integer.parseInt(words[1]));
            case "close" -> channel.close();
            case "unbind" -> {
                if (server != null) {
                    server.close();
                } else {
                    endpoint.close();
                }
            }
            case "halt" -> Runtime.getRuntime().halt(0);
            default -> throw new IllegalArgumentException("no such command: " + words[0]);
        }
        return "";
    }

    /// A JVM that has just started on a busy machine may take longer than a user would wait.
    static Address patient(Address address) {
        String option = "connect-timeout";
        boolean takesIt = TestBed.takes(address, option) && !address.options().containsKey(option);
        return takesIt ? address.with(option, "60s") : address;
    }

    private static void prepare(Address address) throws InterruptedException {
        // Without a descriptor, no class can be loaded from a file: not even the exception that says so.
        Class<?>[] _ = IpcException.class.getPermittedSubclasses();
        try {
            Ipc.connect(address).close();
        } catch (IpcException e) {
            // Nobody listens, or whatever else keeps it from connecting: the test will find out.
        }
    }

    private static Traffic stream(String[] words, int at) {
        return new Traffic(
                Long.parseLong(words[at]), Integer.parseInt(words[at + 1]), Integer.parseInt(words[at + 2]));
    }

    private void send(long count, Traffic traffic) throws InterruptedException {
        for (long i = 0; i < count; i++) {
            channel.send(traffic.message(i));
        }
    }

    private void receive(long count, Traffic traffic) throws InterruptedException {
        for (long i = 0; i < count; i++) {
            Message message = channel.receive();
            traffic.check(i, message == null ? null : message.bytes());
        }
    }

    private String drain(Traffic traffic) throws InterruptedException {
        long count = 0;
        try {
            for (Message message; (message = channel.receive()) != null; count++) {
                traffic.check(count, message.bytes());
            }
            return count + " end";
        } catch (PeerLostException e) {
            return count + " lost";
        }
    }

    private String collect(int count, Traffic traffic) throws InterruptedException {
        Set<ByteBuffer> missing = new HashSet<>();
        for (int i = 0; i < count; i++) {
            missing.add(ByteBuffer.wrap(traffic.message(i)));
        }
        for (Message message; (message = channel.receive()) != null;) {
            if (!missing.remove(ByteBuffer.wrap(message.bytes()))) {
                throw new AssertionError("a message of " + message.length() + " bytes came twice, or was never sent");
            }
        }
        return (count - missing.size()) + " " + channel.stats().lost();
    }

    private void claim(int length) {
        Claim claim = channel.tryClaim(length);
        if (claim == null) {
            throw new AssertionError("there is room, but there was no claim");
        }
        claim.buffer().setMemory(claim.offset(), length, (byte) 0x5A);
    }

    private void echo() throws InterruptedException {
        for (Message message; (message = channel.receive()) != null;) {
            channel.send(message.bytes());
        }
    }

    /// Offers messages until none is accepted for a while, so that no momentary refusal is taken for back pressure.
    static long fill(Channel channel, Traffic traffic, long limit) throws InterruptedException {
        long count = 0;
        long deadline = System.nanoTime() + Duration.ofMillis(200).toNanos();
        while (count < limit && System.nanoTime() - deadline < 0) {
            if (channel.offer(traffic.message(count))) {
                count++;
                deadline = System.nanoTime() + Duration.ofMillis(200).toNanos();
            } else {
                Thread.sleep(1);
            }
        }
        return count;
    }

    private static void inBackground(Work work) {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                work.run();
            } catch (ClosedException | PeerLostException e) {
                System.err.println("in the background: " + e);
            } catch (InterruptedException e) {
                throw new AssertionError("nobody interrupts", e);
            }
        });
    }

    @FunctionalInterface
    private interface Work {
        void run() throws InterruptedException;
    }
}
