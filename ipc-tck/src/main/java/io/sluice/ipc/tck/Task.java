package io.sluice.ipc.tck;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Work in a thread of its own, whose result or failure the test collects.
///
/// @param <T> its result
final class Task<T> {
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final Thread thread;

    private Task(Thread.Builder builder, Callable<T> work) {
        thread = builder.unstarted(() -> {
            try {
                result.complete(work.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        thread.start();
    }

    static <T> Task<T> start(Threads kind, Callable<T> work) {
        return new Task<>(kind.builder(), work);
    }

    /// Waits for the result; what the work threw is thrown here.
    T get() throws Exception {
        return get(Deadline.GENEROUS);
    }

    /// As [#get()], for work that takes a while.
    T get(Duration patience) throws Exception {
        try {
            return result.get(patience.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("not done after " + patience.toSeconds() + " s", story());
        }
    }

    private static Exception rethrown(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return (Exception) failure;
    }

    /// What the work throws; fails if it throws nothing or something else.
    <E extends Throwable> E getThrown(Class<E> type) throws Exception {
        T value;
        try {
            value = get();
        } catch (Throwable e) {
            if (type.isInstance(e)) {
                return type.cast(e);
            }
            throw new AssertionError("expected " + type.getSimpleName() + ", but it threw " + e, e);
        }
        throw new AssertionError("expected " + type.getSimpleName() + ", but it returned " + value);
    }

    boolean isDone() {
        return result.isDone();
    }

    /// Where it is or what it threw; null if it ended well.
    Throwable story() {
        if (!result.isDone()) {
            Throwable place = new Throwable("still running: " + thread);
            place.setStackTrace(thread.getStackTrace());
            return place;
        }
        return result.isCompletedExceptionally() ? result.exceptionNow() : null;
    }

    void interrupt() {
        thread.interrupt();
    }

    Thread thread() {
        return thread;
    }

    /// Gives the thread time to reach the call in which it waits.
    ///
    /// A thread that waits in native code looks as if it ran, and so does one that spins, hence the bound: it is no
    /// deadline, and a test holds whether the thread waits already or not.
    void settle() throws InterruptedException {
        long bound = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(150);
        while (System.nanoTime() - bound < 0 && !isDone()) {
            Thread.State state = thread.getState();
            if (state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING) {
                Thread.sleep(5);
                return;
            }
            Thread.sleep(1);
        }
    }
}
