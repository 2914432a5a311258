package io.sluice.ipc.cli;

/// How far some work has come: a bar on a terminal; elsewhere a line on standard error when it begins.
final class Progress implements AutoCloseable {
    private static final int WIDTH = 40;
    private static final long REDRAW_NANOS = 80_000_000;

    private final Terminal terminal;
    private final String what;
    private final long total;
    private long drawn;

    Progress(Terminal terminal, String what, long total) {
        this.terminal = terminal;
        this.what = what;
        this.total = Math.max(1, total);
        this.drawn = System.nanoTime() - REDRAW_NANOS;
        if (terminal.isInteractive()) {
            update(0);
        } else {
            System.err.println(what.strip() + " ...");
        }
    }

    /// Says how much is done; may be called as often as one likes.
    void update(long done) {
        long now = System.nanoTime();
        if (!terminal.isInteractive() || now - drawn < REDRAW_NANOS) {
            return;
        }
        drawn = now;
        int filled = (int) (WIDTH * Math.min(done, total) / total);
        String bar = terminal.isUnicode()
                ? "█".repeat(filled) + "░".repeat(WIDTH - filled)
                : "#".repeat(filled) + ".".repeat(WIDTH - filled);
        terminal.redraw("%s  %s %3d%%".formatted(what, bar, 100 * Math.min(done, total) / total));
    }

    /// Takes the bar away.
    @Override
    public void close() {
        if (terminal.isInteractive()) {
            terminal.redraw("");
        }
    }
}
