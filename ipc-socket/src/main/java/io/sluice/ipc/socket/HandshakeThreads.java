package io.sluice.ipc.socket;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The threads on which endpoints compute handshakes, so that a flood of clients holds up neither the loop nor more than half of the
/// processors. They are there while there is something to do. What waits is bounded by how many may greet at once.
final class HandshakeThreads {
    private static final ThreadPoolExecutor EXECUTOR = newExecutor();

    private HandshakeThreads() {}

    private static ThreadPoolExecutor newExecutor() {
        int most = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                most,
                most,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("ipc-handshake").daemon().factory());
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    static void execute(Runnable work) {
        EXECUTOR.execute(work);
    }
}
