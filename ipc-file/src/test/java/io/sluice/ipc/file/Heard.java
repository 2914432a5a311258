package io.sluice.ipc.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.ipc.Channel;
import io.sluice.ipc.IpcException;
import io.sluice.ipc.Message;
import io.sluice.ipc.PeerLostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/// What this side of a channel has heard of a [FilePeer]: every message is compared, and the end is remembered.
final class Heard {
    static final int NOBODY = -1;

    private volatile int writer = NOBODY;
    private volatile long count;
    private volatile Throwable end;
    private volatile boolean over;

    /// Receives to the end, whatever that is.
    void all(Channel channel) {
        Throwable how = null;
        try (channel) {
            for (Message message; (message = channel.receive()) != null;) {
                take(message.bytes());
            }
        } catch (IpcException | InterruptedException | AssertionError e) {
            how = e;
        }
        over(how);
    }

    void take(byte[] bytes) {
        long from = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertTrue(count == 0 || from == writer, "two peers on one channel");
        writer = (int) from;
        assertArrayEquals(Records.body(writer, count, FilePeer.MAX_LENGTH), bytes, "message " + count);
        count++;
    }

    void over(Throwable how) {
        end = how;
        over = true;
    }

    boolean isOver() {
        return over;
    }

    int writer() {
        return writer;
    }

    long count() {
        return count;
    }

    /// Whether it was no loss but an end in order.
    boolean isClosed() {
        return over && end == null;
    }

    /// All that was sent was heard, and then the loss.
    void assertLost(FilePeer.Ledger ledger) {
        assertInstanceOf(PeerLostException.class, end, () -> "after " + count + " messages of " + writer);
        if (writer != NOBODY) {
            assertAllOf(ledger, writer, count);
        }
    }

    /// The last one may have been sent, and not be entered yet.
    static void assertAllOf(FilePeer.Ledger ledger, int writer, long count) {
        long entered = ledger.sent(writer);
        assertTrue(count == entered || count == entered + 1,
                () -> count + " messages of " + writer + " were heard, and it had sent " + entered);
    }

    /// What a channel's journal keeps, compared as if it were heard.
    static Heard kept(Path journal) {
        Heard heard = new Heard();
        try (Journal kept = Journal.open(journal, JournalOptions.DEFAULT.withReadOnly());
                Tailer tailer = kept.tailer()) {
            while (tailer.poll((_, _, buffer, offset, length) -> heard.take(Records.bytes(buffer, offset, length)),
                    100) > 0) {
                // On.
            }
        }
        return heard;
    }
}
