package io.sluice.ipc.mq;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Makes calls that block in the kernel: a platform thread makes its own, a virtual one parks, so that its carrier is free,
/// and has a platform thread make it.
///
/// An interrupt of the virtual thread is passed on, and then the call's end is waited for, which comes at once: so what was
/// done in spite of it, a message that was received, is handed over and not lost.
final class PlatformCalls {
    private static final long IDLE_SECONDS = 1;

    private static final ExecutorService THREADS = new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().name("ipc-mq-wait-", 0).daemon().factory());

    private PlatformCalls() {}

    /// A call that may block and can be interrupted.
    @FunctionalInterface
    interface Call<T> {
        T make() throws InterruptedException;
    }

    static <T> T make(Call<T> call) throws InterruptedException {
        if (!Thread.currentThread().isVirtual()) {
            return call.make();
        }
        Task<T> task = new Task<>(call);
        THREADS.execute(task);
        return task.result();
    }

    private static final class Task<T> implements Runnable {
        private final Call<T> call;
        private final CompletableFuture<T> outcome = new CompletableFuture<>();
        private Thread runner;
        private boolean interrupted;

        Task(Call<T> call) {
            this.call = call;
        }

        @Override
        public void run() {
            synchronized (this) {
                runner = Thread.currentThread();
                if (interrupted) {
                    runner.interrupt();
                }
            }
            T value = null;
            Throwable failure = null;
            try {
                value = call.make();
            } catch (Throwable e) {
                failure = e;
            }
            synchronized (this) {
                runner = null;
                Thread.interrupted();
            }
            if (failure == null) {
                outcome.complete(value);
            } else {
                outcome.completeExceptionally(failure);
            }
        }

        private synchronized void interrupt() {
            interrupted = true;
            if (runner != null) {
                runner.interrupt();
            }
        }

        T result() throws InterruptedException {
            boolean wasInterrupted = false;
            try {
                while (true) {
                    try {
                        return outcome.get();
                    } catch (InterruptedException e) {
                        wasInterrupted = true;
                        interrupt();
                    }
                }
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case InterruptedException passedOn -> {
                        wasInterrupted = false;
                        throw passedOn;
                    }
                    case RuntimeException unchecked -> throw unchecked;
                    case Error error -> throw error;
                    default -> throw new AssertionError(e);
                }
            } finally {
                if (wasInterrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
