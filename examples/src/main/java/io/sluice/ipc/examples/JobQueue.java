package io.sluice.ipc.examples;

import io.sluice.ipc.mq.MessageQueue;
import io.sluice.ipc.mq.QueueMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A job queue with priorities: anybody submits, three workers compete, urgent jobs come first, and no server is in between.
/// The jobs wait in the kernel, also while nobody works.
///
///     java -jar target/examples.jar JobQueue submit mq:jobs 0 sweep tidy
///     java -jar target/examples.jar JobQueue submit mq:jobs 9 fire
///     java -jar target/examples.jar JobQueue work mq:jobs
///     java -jar target/examples.jar JobQueue submit mq:jobs 0 "" "" ""     # one end for each worker
public final class JobQueue {
    private static final int WORKERS = 3;

    private JobQueue() {}

    /// Submits jobs, or works.
    ///
    /// @param arguments `submit ADDRESS PRIORITY JOB...` or `work ADDRESS`
    /// @throws InterruptedException if the thread is interrupted
    public static void main(String[] arguments) throws InterruptedException {
        try (MessageQueue jobs = MessageQueue.open(arguments[1])) {
            if (arguments[0].equals("submit")) {
                for (int i = 3; i < arguments.length; i++) {
                    jobs.send(arguments[i].getBytes(StandardCharsets.UTF_8), Long.parseLong(arguments[2]));
                }
            } else {
                work(jobs);
            }
        }
    }

    private static void work(MessageQueue jobs) throws InterruptedException {
        List<Thread> workers = new ArrayList<>();
        for (int i = 1; i <= WORKERS; i++) {
            String name = "worker " + i;
            workers.add(Thread.ofVirtual().start(() -> {
                try {
                    // The kernel gives each job to one worker, of this process or another.
                    for (QueueMessage job; (job = jobs.receive()).length() > 0;) {
                        System.out.println(name + " did " + job.text() + " of priority " + job.label());
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (Thread worker : workers) {
            worker.join();
        }
    }
}
