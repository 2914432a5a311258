package io.sluice.ipc.benchmarks;

import java.util.concurrent.Callable;

/// The turns of a process that measures. It measures when it is told to, and prints one line of figures each time; in between its children
/// are stopped and the cores belong to another contender. Contenders that alternate several times a second meet the same machine, even
/// one that changes its pace.
final class Turns {
    private Turns() {}

    /// Takes turns until this process is ended.
    static void take(Callable<Figures> turn) throws Exception {
        String line = "{}"; // ready
        while (true) {
            Child.pauseAll();
            System.out.println(line);
            Lifeline.awaitTurn();
            Child.resumeAll();
            line = turn.call().toString();
        }
    }
}
