package io.sluice.ipc.examples;

import io.sluice.ipc.TimedOutException;
import io.sluice.ipc.mq.MessageQueue;
import io.sluice.ipc.mq.QueueMessage;
import java.time.Duration;

/// Prints what comes through a queue of the kernel, from programs in whatever language: `thermometer.c` beside this one is
/// such a program. Ends when nothing has come for a while.
///
///     java -jar target/examples.jar QueueReader mq:measurements
public final class QueueReader {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private QueueReader() {}

    /// Receives until the queue stays empty.
    ///
    /// @param arguments the queue's address; `mq:measurements` if there is none
    /// @throws InterruptedException if the thread is interrupted
    public static void main(String[] arguments) throws InterruptedException {
        try (MessageQueue queue = MessageQueue.open(arguments.length > 0 ? arguments[0] : "mq:measurements")) {
            while (true) {
                QueueMessage message = queue.receive(PATIENCE);
                System.out.println("[" + message.label() + "] " + message.text());
            }
        } catch (TimedOutException e) {
            System.out.println("no more");
        }
    }
}
