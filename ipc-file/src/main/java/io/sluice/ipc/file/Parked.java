package io.sluice.ipc.file;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// The end of threads in the background that park while there is nothing to do.
final class Parked {
    private Parked() {}

    /// Waits for the end of a thread that ends by itself once it looks; an interrupt is kept for later.
    static void end(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            LockSupport.unpark(thread);
            try {
                thread.join(Duration.ofMillis(10));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
