package io.sluice.ipc.tck;

import io.sluice.ipc.Channel;
import io.sluice.ipc.Message;

/// The ways of receiving; each gives one message, or null at the end.
enum Receiving {
    RECEIVE {
        @Override
        byte[] take(Channel channel) throws InterruptedException {
            return bytes(channel.receive());
        }
    },
    RECEIVE_WITH_TIMEOUT {
        @Override
        byte[] take(Channel channel) throws InterruptedException {
            return bytes(channel.receive(Deadline.GENEROUS));
        }
    },
    POLL {
        @Override
        byte[] take(Channel channel) {
            byte[][] taken = new byte[1][];
            long deadline = System.nanoTime() + Deadline.GENEROUS.toNanos();
            while (true) {
                int count = channel.poll(
                        (buffer, offset, length) -> taken[0] = Traffic.copy(buffer, offset, length), 1);
                if (count != 0) {
                    return count == Channel.END ? null : taken[0];
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new AssertionError(
                            "no message came within " + Deadline.GENEROUS.toSeconds() + " s of polling");
                }
                Sending.pause();
            }
        }
    };

    abstract byte[] take(Channel channel) throws InterruptedException;

    private static byte[] bytes(Message message) {
        return message == null ? null : message.bytes();
    }
}
