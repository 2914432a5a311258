package io.sluice.ipc.benchmarks;

import java.io.IOException;

/// A contender that has been started, and waits for its turns.
final class Entrant implements AutoCloseable {
    /// The figure that says which share of the cores other programs used during a turn: 0 none, 1 all.
    static final String OTHERS = "others";

    private static final int START_SECONDS = 90;
    private static final int TURN_SECONDS = 60;

    private final Contender contender;
    private final RunDirectory directory = new RunDirectory();
    private final Child child;

    /// Starts the contender, and waits until it is warm.
    Entrant(Contender contender) throws IOException {
        this.contender = contender;
        this.child = contender.start(directory.path());
        try {
            read(START_SECONDS);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    Contender contender() {
        return contender;
    }

    /// Lets it measure once.
    Figures turn() throws IOException {
        Machine before = Machine.now();
        long ownBefore = CpuTime.nanoseconds(child.tree());
        long start = System.nanoTime();
        child.giveTurn();
        Figures figures = read(TURN_SECONDS);
        double coreTime = (double) (System.nanoTime() - start) * Runtime.getRuntime().availableProcessors();
        double own = (CpuTime.nanoseconds(child.tree()) - ownBefore) / coreTime;
        return figures.with(OTHERS, Math.max(0, Machine.now().usedSince(before) - own));
    }

    private Figures read(int seconds) throws IOException {
        String line = child.nextLine(seconds);
        if (line == null) {
            throw new IOException(Contender.complaint(directory.path()));
        }
        return Figures.parse(line);
    }

    @Override
    public void close() {
        child.close();
        directory.close();
    }
}
