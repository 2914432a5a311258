package io.sluice.ipc.benchmarks;

import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// The standard input of a child process, whose other end its parent holds. A line on it is a turn; its end is the end of this
/// process and of its own children, so a parent that is killed takes all with it. A deadline does the same if nobody else does.
final class Lifeline {
    private static final long DEADLINE_MINUTES = 30;
    private static final Semaphore TURNS = new Semaphore(0);

    private Lifeline() {}

    /// Starts to watch. The two threads sleep in the kernel and cost nothing.
    static void hold() {
        if (!StdioPartner.isChild()) {
            Thread.ofPlatform().daemon().name("lifeline").start(Lifeline::watch);
        }
        Thread.ofPlatform().daemon().name("deadline").start(() -> {
            try {
                TimeUnit.MINUTES.sleep(DEADLINE_MINUTES);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            System.err.println("not done after " + DEADLINE_MINUTES + " minutes");
            end(2);
        });
    }

    /// Waits until the parent gives this process a turn.
    static void awaitTurn() throws InterruptedException {
        TURNS.acquire();
    }

    private static void watch() {
        try {
            for (int c; (c = System.in.read()) >= 0;) {
                if (c == '\n') {
                    TURNS.release();
                }
            }
        } catch (IOException e) {
            // As good as its end.
        }
        end(0);
    }

    private static void end(int status) {
        Child.endAll();
        Runtime.getRuntime().halt(status);
    }
}
