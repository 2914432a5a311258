package io.sluice.ipc.shm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// A process of clients that is to be killed, and the ledger in which it enters what it has sent: a mapped file, which
/// outlives it.
///
/// @param jvm the process
/// @param ledger the number of messages that each channel has sent
/// @param seed of its messages, and its name
record Victim(PeerJvm jvm, Path ledger, long seed) implements AutoCloseable {
    static Victim start(String accepting, String serving, Path ledgers, long seed) throws IOException {
        Path ledger = Files.createTempFile(ledgers, "ledger", "");
        Files.write(ledger, new byte[ShmPeer.CLIENTS * Long.BYTES]);
        return new Victim(
                PeerJvm.start("clients", accepting, serving, ledger.toString(), Long.toString(seed)), ledger, seed);
    }

    /// How many messages the channel of that number has sent, and perhaps one more.
    long sent(int number) {
        try {
            return ByteBuffer.wrap(Files.readAllBytes(ledger))
                    .order(ByteOrder.nativeOrder())
                    .getLong(number * Long.BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Kills half of them while they start and shake hands, and half of them at work.
    void killAtRandom(Random random) throws InterruptedException {
        if (random.nextBoolean()) {
            jvm.awaitUp();
            TimeUnit.MICROSECONDS.sleep(random.nextInt(30_000));
        } else {
            TimeUnit.MICROSECONDS.sleep(random.nextInt(300_000));
        }
        jvm.kill();
    }

    @Override
    public void close() {
        jvm.close();
    }
}
